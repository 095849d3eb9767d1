"""The table `monitoring/decisions`: what monitoring needs of every decision, a partition for each day.

What is here: its columns and its record (`schema.py`), the logs of all services (`logs.py`), their rows as rows of the
table (`rows.py`), a pass that makes days anew (`passes.py`), whoever went from a log (`forgetting.py`), which days
there are (`days.py`), what is wrong with a table (`judges.py`).
What to add here: a column that monitoring needs, with its source in the decision log.
What must not be here: an applicant's id, a request's id or a client: outcomes are matched through the log.
"""
