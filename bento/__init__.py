"""The scoring service: HTTP in, `Scorer`, HTTP out.

What is here, top to bottom; a module imports only from rooms below its own (`make check` enforces it):
    `service.py` (BentoML) and `__main__.py` (the same in one process, without BentoML's own middleware) start it.
    `http/`       what speaks HTTP: routes and handlers, who may ask, how long and how much a client may send.
    `runtime/`    what answers: the loaded scorer, the decision log, a challenger, metrics, settings.
    `published/`  what clients are told: OpenAPI and the schemas in it.
    `requests/`   what clients send: bounds on a body, strict reading of JSON, CSV and Parquet.
    `errors.py` and `identifiers.py`, which all of them use.
What to add here: an endpoint, a header, a metric; something every answer to a client needs.
What must not be here: whatever decides about an applicant (that is `credit_platform.scoring`), and imports of dagster,
mlflow or pandas: a Bento installs only the serving extra.
"""
