"""Which checks each stored table has: one module per layer of the graph, from a `Portfolio` to `WriteCheck`s.

What is here: functions that say what of a submitted table is handed to which judge, in `raw.py`, `quality.py`,
`features.py` with `point_in_time.py`, `models.py`, `governance.py`, `serving.py`, and `monitoring.py` with
`retraining.py` and `incidents.py`.
What to add here: a check. Its verdict carries expected and actual values even when it passes.
What must not be here: the statistics (the judges of the rooms below), how Dagster shows a check (`orchestration/`).
"""
