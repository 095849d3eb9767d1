"""What happened after a model went live.

What is here: the decision log (`decision_log/`), which the scoring service writes and auditors read; `swap_sets.py`
(what two models said of the same applicants); `decision_retention.py` (how long decisions are kept);
`promotion_checkpoints.py` (who vouches for the promotion history); `notices/` (who is told of what is wrong).
What to add here: what watches a model in production: drift, performance, exporters; each in a module of its own.
What must not be here: dagster, HTTP, scoring rules. `decision_log` is shipped with the service: it stays slim (no
mlflow, pandas or scikit-learn), and this file imports nothing, so that the rest of the room is not dragged along.
"""
