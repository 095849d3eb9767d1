"""What became of loans: files that the lender drops, read under a contract and matched to decisions.

What is here: the contract of a file (`contract.py`), reading all of them with their quarantine (`reading.py`), who was
decided about, out of the decision log (`log_index.py`), matching (`matching.py`), the figures beside the table
(`records.py`), what is wrong with the table (`judges.py`), whoever
went from a log (`forgetting.py`), and all of it together (`collecting.py`).
What to add here: a column of the contract; a reason for which a row cannot count.
What must not be here: dagster; how good the model is (`monitoring/performance`); an applicant's id in what is stored:
an outcome is that of a row of a decision log, so erasing that row leaves nothing to find a person by; the truth of a
simulation.
"""
