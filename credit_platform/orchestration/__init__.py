"""Dagster, and nothing else: the asset graph of each portfolio and what sets it in motion.

What is here:
    the graph   `assets/` and `checks/` (factories that turn a `Portfolio` into assets and checks) with `tables.py`,
                `metadata.py`, `policies.py`; `portfolio_graph.py` puts it together.
    storing     `io_manager.py`, `contracts.py`, `column_descriptions.py`, `quality_page.py`, `resources.py`.
    starting    `jobs.py`, `schedules.py`, `sensors.py`, `runner.py` (a job in this process) with `event_log.py`.
    people      `promotion.py` (what a person may do).
What to add here: an asset factory for a new stage, a check, a policy. Keep asset functions thin: name the inputs, call
one function of a package below, attach metadata.
What must not be here: logic that could be tested without Dagster, and names of columns of a portfolio.
"""
