"""How fast, how large, how much memory: measured beside a floor and a peer, in the same run on the same machine.

What is here: `result.py` (what a benchmark answers, and its JSON), `conditions.py` (the machine it ran on),
`processes.py` (a job measured in a process of its own), and one module per benchmark: `etl.py` and `features.py`, with
the jobs they measure in `etl_jobs.py`, `feature_jobs.py` and, for the peer, `pandas_jobs.py`; `training.py`, with its
jobs in `training_jobs.py`; `serving.py`, with the clients in `load.py`, the services it is compared with in
`serving_peers.py`, who is scored in `serving_jobs.py`, what it is run on in `promoted.py`, and, of a service that runs
already, `running.py`; `drift.py`, with its jobs and made-up decisions in `drift_jobs.py`; `expected.py`, with its job
in `expected_jobs.py` and those whom it is about in `expected_worlds.py`.
What to add here: a benchmark. It returns a `Benchmark`; `cli/bench.py` prints it and writes it.
What must not be here: the name of a column of any portfolio, a bound that something fails on, printing.
"""

from credit_platform.benchmarks.conditions import Conditions, conditions
from credit_platform.benchmarks.result import Benchmark, Figure, Measurement, Role

__all__ = ["Benchmark", "Conditions", "Figure", "Measurement", "Role", "conditions"]
