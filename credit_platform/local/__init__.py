"""Everything of the platform at work on one machine: programs that stay side by side, and runs side by side.

What is here: `programs.py` (what runs: Dagster, MLflow, the console, the exporter, who watches Dagster),
`supervisor.py` (start them, watch them), `tether.py` (leave none of their processes behind), `component_notices.py`
(who is told when one dies), `home_owner.py` (one `up` for a home), `sockets.py` (where guarded programs listen),
`guard/` (who may see their pages), `side_by_side.py` (runs of several portfolios, a process each), `backup/` (a home to
another place, and back), `demonstration.py` (what `make demo` shows),
`watched_week.py` (the simulated week at its end).
What to add here: what `make up` and `make demo` need to run and watch, on this machine only.
What must not be here: words of commands (`cli`), scoring services (`serving.local`), anything that a cluster runs.
"""
