"""The exporter: what the platform's state says, as metrics for Prometheus.

What is here: `background.py` (collectors look in the background, each in its own thread; `metrics_server.py` beside
this room serves the last result), `collectors.py` (all of them), and what they read: `tables.py`, `model.py` (champion,
performance, outcomes), `drift.py`, `reachability.py` (databases, disk).
What to add here: a collector of what lies in the lakehouse or a database, after its metrics are in the catalogue.
What must not be here: dagster; what is read from it is in `orchestration/collectors.py` and handed in.
"""
