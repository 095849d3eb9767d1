"""The scoring service: HTTP in, `Scorer`, HTTP out.

What is here:
    the service `service.py` (BentoML), `__main__.py` (the same in one process), `app.py` (routes), `startup.py`,
                `engine.py` (a loaded scorer), `settings.py`, `slim.py`.
    a request   `guard.py` (around each), `access.py` (keys, rate), `json_text.py`, `validation.py`, `identifiers.py`
                (strict reading), `handling.py`, `gathering.py`, `batch.py`, `explain.py`, `shadow.py`, `recorder.py`
                (the decision log).
    published   `schema.py`, `answers.py`, `openapi.py`, `docs_page.py`, `errors.py`.
    observed    `metrics.py`, `logs.py`.
What to add here: an endpoint, a header, a metric; something every answer to a client needs.
What must not be here: whatever decides about an applicant (that is `credit_platform.scoring`), and imports of dagster,
mlflow or pandas: a Bento installs only the serving extra.
"""
