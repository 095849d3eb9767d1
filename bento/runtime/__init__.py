"""What answers, once a request has been read.

What is here: `engine.py` (a loaded scorer and all that is derived from it once), `micro_batcher.py` (applicants who
come at the same time are scored together), `recorder.py` (nothing leaves that is not in the decision log), `shadow.py`
(a challenger scores along), `metrics.py` with `process.py` (what the process takes) and `metrics_port.py` (a port for
metrics alone), `logs.py`, `settings.py`, `slim.py` (packages that stay out of the process).
What to add here: what an endpoint needs besides its request, prepared at start-up where that is possible.
What must not be here: requests and answers of HTTP (`http`), rules of how to score (`credit_platform.scoring`).
"""
