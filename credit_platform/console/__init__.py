"""The console of loan officers: a web page in French and English over the scoring service.

What is here: `app.py` (what Streamlit runs), one module for each page in `views/`, the client of the service, the form
that its OpenAPI document describes, charts, what is read of tables, and all texts in `texts/`, a module per language.
What to add here: a page, a chart, a text (in every language: a test compares them).
What must not be here: a model. Applicants are scored by the HTTP service, whose decisions are logged; only the replay
of a logged decision loads the scorer that made it, as `credit-platform replay` does. No dagster, mlflow or bentoml, and
no personal data in an address of a page.
"""
