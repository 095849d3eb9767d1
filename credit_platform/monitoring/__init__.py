"""What happened after a model went live.

What is here: the decision log (`decision_log/`), which the scoring service writes and auditors read; `swap_sets.py`
(what two models said of the same applicants); `shadow_evidence.py` (what that says of a challenger before it answers);
`decision_retention.py` (how long decisions are kept);
`drift/` (whether the applicants still look like those of training); `promotion_checkpoints.py` (who vouches for the
promotion history); `notices/` (who is told of what is wrong); `stored_scorers.py` (the scorer that made a decision);
`pages.py` (where the newest pages of it open); `overview/` (what a person sees of a portfolio now);
`metric_catalogue.py` with `metrics/` (every metric, once), `exporter/` (what the platform's state says, for
Prometheus), `metrics_server.py` (a port for metrics alone) and `scrape_targets.py` (where Prometheus finds it).
What to add here: what watches a model in production: drift, performance, exporters; each in a module of its own.
What must not be here: dagster, scoring rules. `decision_log`, `metric_catalogue` and `metrics` are shipped with the
service: they stay slim (no mlflow, pandas or scikit-learn), and this file imports nothing, so that the rest of the room
is not dragged along.
"""
