"""The console of loan officers: a web page in French and English over the scoring service.

What is here: `app.py` (what Streamlit runs; `asgi.py` for a server at a socket), one module for each page in `views/`,
all texts in `texts/`, a module per language; `context.py` (what a page needs to know) and `settings.py`; the form that
the service's OpenAPI document describes (`form.py`, `sections.py`, `wanted.py`, `typed.py`); charts (`charts.py`,
`monitoring_charts.py`, `drift_charts.py`, made with `chart_parts.py`); `tables.py` (what is read of the lakehouse),
`service_metrics.py` (what the service tells of itself), `garbage.py`, `logs.py` (lines of
`streamlit run`); `officer.py` (who signed in, what is noted of their acts), `letter.py` (a refusal to be printed),
`look.css`. The service
is asked by `serving/service_client.py`; figures of the page Monitoring are made in `monitoring/overview`.
What to add here: a page, a chart, a text (in every language: a test compares them).
What must not be here: a model. Applicants are scored by the HTTP service, whose decisions are logged; only the replay
of a logged decision loads the scorer that made it, as `credit-platform replay` does. No dagster, mlflow or bentoml, and
no personal data in an address of a page.
"""
