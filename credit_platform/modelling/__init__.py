"""Training and choosing: from the feature table to the model and threshold that cost the lender least.

What is here: in the order in which the graph asks, `splits.py`, `candidates/`, `cross_validation.py`, `comparison.py`,
`imbalance.py`, `tuning.py` and `tuned.py` (what becomes of a study), `calibration.py` and `calibrators.py`,
`threshold.py`, `economics.py`, `refit.py` (the scorer); `records.py`, what each of their tables says beside its rows;
what they measure with, `metrics.py` and `intervals.py`; what is asked before a table is stored, `judges.py` and
`score_judges.py`; pictures, `charts.py` and `selection_charts.py`; and `tracking.py`, the only module here that asks
MLflow, with `tracked.py`, what is logged there, `registry.py`, what its registry is to others, and
`tracking_server.py`, its server. Import the modules themselves:
this package re-exports nothing, so that what a process does not need is not loaded.
What to add here: a candidate (a module in `candidates/`), a metric, a chart.
What must not be here: Dagster, serving, and the name of a portfolio's column.
"""
