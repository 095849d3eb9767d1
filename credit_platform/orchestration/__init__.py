"""Dagster, and nothing else: the asset graph of each portfolio and what sets it in motion.

What is here: `assets/<stage>.py` and `checks/` (factories that turn a `Portfolio` into assets and checks), the Delta IO
manager, resources, jobs, schedules, sensors, notifiers, and `portfolio_graph.py`, which puts a portfolio together.
What to add here: an asset factory for a new stage, a check, a policy. Keep asset functions thin: name the inputs, call
one function of a package below, attach metadata.
What must not be here: logic that could be tested without Dagster, and names of columns of a portfolio.
"""
