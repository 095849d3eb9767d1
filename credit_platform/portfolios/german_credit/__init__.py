"""The German Credit portfolio: 1,000 real consumer loans that a bank in southern Germany granted in the 1970s.

What is here: the contract (`tables.py`), the features, the reasons, `PORTFOLIO`, and the data with their licence.
What to add here: a feature, a reason family, a tighter contract.
What must not be here: computing or reading anything; another portfolio's words.
"""
