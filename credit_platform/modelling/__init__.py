"""Training and choosing: from the feature table to the model and threshold that cost the lender least.

What is here: splits, candidates, cross-validation, calibration, threshold, metrics, comparison, tuning, charts, and
`tracking`, the only module here that knows MLflow. Import the modules themselves: this package re-exports nothing, so
that what a process does not need is not loaded.
What to add here: a candidate (a module in `candidates/`), a metric, a chart.
What must not be here: Dagster, serving, and the name of a portfolio's column.
"""
