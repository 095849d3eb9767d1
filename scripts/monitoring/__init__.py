"""What `monitoring/` at the top of the repository is made from: rules, alerts, routes and dashboards, typed.

What is here: the shape of a rule (`rules.py`), what is watched by whom (`alerts/`, `recording.py`, `objectives.py`),
how it is scraped and who is told (`prometheus.py`, `alertmanager.py`), Grafana (`dashboards/`, `panels.py`), metrics of
others (`outside.py`), and `write.py`, which writes all of it: `python -m scripts.monitoring.write` after a change.
What to add here: an alert in the module of its owner, with its runbook and its cases; a panel in its dashboard.
What must not be here: a name of a metric in quotes (`metric_catalogue.py` has ours, `outside.py` the others).
"""
