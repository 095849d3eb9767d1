"""The scoring service: HTTP in, `Scorer`, HTTP out.

What is here: the BentoML service (`service.py`), its routes (`app.py`), the strict reading of requests
(`validation.py`), the published schema (`schema.py`, `openapi.py`), errors, metrics and settings of the service.
What to add here: an endpoint, a header, a metric; something every answer to a client needs.
What must not be here: whatever decides about an applicant (that is `credit_platform.scoring`), and imports of dagster,
mlflow or pandas: a Bento installs only the serving extra.
"""
