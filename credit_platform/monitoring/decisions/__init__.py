"""The table `monitoring/decisions`: what monitoring needs of every decision, a partition for each day.

What is here: its columns and its record (`schema.py`).
What to add here: a column that monitoring needs, with its source in the decision log.
What must not be here: an applicant's id, a request's id or a client: outcomes are matched through the log.
"""
