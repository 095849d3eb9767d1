"""A simulated year of one home: what a daemon, a service and a lender do each day, by a clock that is handed in.

What is here: `plan.py` (what happens when), `applying.py` (a day's applicants, through the service's own path without
HTTP), `ticking.py` (a day of the daemon, on a new Dagster instance with definitions built anew), `killed.py` (the same
in a process that is killed), `told.py` (what came of it all).
What to add here: another thing that happens to a home in a year.
What must not be here: tests (`integration/test_simulated_year.py`), and a stand-in for a part of the platform.

Whole, for both portfolios: `make test-year`. A short form is part of the suite.
"""
