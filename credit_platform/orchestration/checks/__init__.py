"""Dagster's view of the checks; blocking where what is not good enough must stop.

What is here: `together.py` (the registered checks of a table as one step), `gate.py` (those of the promotion decision,
which is written whatever they say), `registry.py` (those that ask MLflow).
What to add here: a check that must not be asked before its table is written. Any other is a line in `tables/checks/`,
and is found from there.
What must not be here: the statistics; they live in `quality`, `features`, `modelling` and `governance`.
"""
