"""What a person sees who looks at a portfolio now: figures of decisions, service, drift, outcomes and incidents.

What is here: a module for each part of the page: decisions of the log (`log.py` reads them, `decisions.py` counts
them), the service's own metrics (`service.py`), scores against the holdout (`scores.py`), drift of the newest day
(`drift.py`), what is known of outcomes (`outcomes.py`), incidents (`incidents.py`), and a table as a
file (`export.py`).
What to add here: another part of the page: a function from stores to a typed record, and why there is nothing where
there is nothing.
What must not be here: drawing, words of a page, HTTP, whom a decision is about.
"""
