"""What clients are told about the service, derived from the portfolio.

What is here: `openapi.py` (the document at /openapi.json), `schema.py` (JSON Schema of what goes in and out),
`rights_schema.py` (of data used and rights), `answers.py` (of /predict_batch and /explain), `shapes.py` (pieces of
all).
What to add here: the schema of a new answer.
What must not be here: checking a request: that is done by `requests`, and a test holds the two against each other.
"""
