"""Dagster, and nothing else: the asset graph of each portfolio and what sets it in motion.

What is here:
    the graph   `assets/` and `checks/` (factories that turn a `Portfolio` into assets and checks) with `metadata.py`,
                `lineage.py`,
                `policies.py` (names, owners and groups by key), `partitions.py` (days) and `failures.py` (how a step
                fails, and whether it is tried again) and `step_lines.py` (what it logs); `portfolio_graph.py` puts it
                together.
    storing     `io_manager.py`, `resources.py`, `quality_page.py` (the page follows each run of a raw table);
                `instance.py` (how every program opens what Dagster records), `migrations.py` (databases of before).
    starting    `jobs.py`, `schedules.py`, `sensors.py`, `retraining_sensor.py` with `asking_again.py` (when a decision
                is out of date), `automation.py` (what follows tables), `runner.py` (a job in this process) with
                `event_log.py` and `recorded_runs.py` (who executes a run), `run_origin.py` (where the UI looks for it);
                `job_launcher.py` (a run as a Job of Kubernetes), `run_resources.py` (what each job asks for).
    watching    `collectors.py` and `asset_collectors.py` (what the exporter tells of Dagster), with `observed.py` (how
                they open it).
    telling     `observed_runs.py`, `watching.py` (what is wrong), `watcher.py` (who looks, and tells).
    people      `promotion.py`, `rollback.py`, `acceptance.py` (what a person may do); `webserver_on_socket.py` (the
                page they see).
What to add here: an asset factory for a new stage, a check, a policy. Keep asset functions thin: name the inputs, call
one function of a package below, attach metadata.
What must not be here: a module that does not import Dagster (a test finds it; what stored tables have to satisfy is in
`tables/`), and names of columns of a portfolio.
"""
