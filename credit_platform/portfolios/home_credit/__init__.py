"""Home Credit: consumer, cash and card loans to people with little credit history, in eight related files.

What is here: the contracts of the eight files (`tables/`), the features built from them (`features/`), the generator of
statistically faithful stand-in files (`generator/`) and the report that compares those with the real data's statistics.
What to add here: a table's contract or a feature when the lender starts to deliver a new file.
What must not be here: rows of the real data (they may not be redistributed), reading, training, serving.
"""
