"""Writing a portfolio: from a file of loans to a folder that a person completes, and what is wrong with one.

What is here: `looking.py` (what a CSV file holds), `template.py` (the modules that are written from it), `making.py`
(the folder and the raw file), `checking.py` (every fault of a portfolio's declarations, without a run).
What to add here: something else that can be guessed from a file, or found in declarations.
What must not be here: a portfolio, and what needs stored tables or a model.
"""
