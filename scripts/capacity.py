"""What it takes to run at 1, 10 and 100 times: `python -m scripts.capacity`; docs/capacity.md holds what it prints.

What is here: measured figures with where they come from (`docs/benchmarks.md`, `docs/capacity.md`), and sums of them.
What to add here: a figure that was measured at another size.
What must not be here: a figure that nobody measured, unless it is printed as extrapolated (`~`) or as a price.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

SIZES: Final = (1, 10, 100)
DECISIONS_A_DAY: Final = 1_000
"""At 1x, with the files of Home Credit at scale 1.0 to train on."""
PEAK_SHARE: Final = 0.15
"""Of a day's decisions, in its busiest hour: an assumption."""
BYTES_A_DECISION: Final = 4_550
"""German Credit, SQLite; of 1,773 to 39,097 decisions 4,482 to 4,555."""
CPU_MS_A_DECISION: Final = 2.6
"""Of a pod, with PostgreSQL, probes and reasons (docs/DEPLOYMENT.md)."""
POD_A_SECOND: Final = 70
"""Decisions a second of a pod before the autoscaler adds one (docs/DEPLOYMENT.md)."""
INGESTION_SECONDS: Final = {1: 58.9, 4: 456.0}
FEATURE_SECONDS: Final = {1: 44.3, 4: 280.0}
FEATURE_GIB: Final = {1: 3.39, 4: 10.32}
TRAINING_CPU_HOURS: Final = {1: 67.9 / 60}
TABLES_GB: Final = {1: 0.3465 + 0.562}
"""By scale, on 2 processors; at 4 beside other work, so that these are too high rather than too low."""
PODS: Final = 3
REST_CPU, REST_GIB = 0.8, 3.0
"""What the release requests beside the services (values.yaml), with one console."""
POD_CPU, POD_GIB = 0.26, 0.5
HOURS_A_MONTH: Final = 730
_DAYS: Final = 365


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What a provider asks; those of yours by options."""

    cpu_hour: float
    gib_hour: float
    database_gb_month: float
    object_gb_month: float


def table(prices: Prices) -> str:
    """Markdown; `~` before what is extrapolated from a smaller size."""
    rows = list(_rows(prices))
    head = ["what", *(f"{size}x" for size in SIZES)]
    lines = [head, ["---", *("---:" for _ in SIZES)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" if line[0] != "---" else f"|{'|'.join(line)}|\n" for line in lines)


def _rows(prices: Prices) -> Iterator[list[str]]:
    a_day = {size: size * DECISIONS_A_DAY for size in SIZES}
    peak = {size: a_day[size] * PEAK_SHARE / 3600 for size in SIZES}
    gb = {size: a_day[size] * _DAYS * BYTES_A_DECISION / 1e9 for size in SIZES}
    yield ["decisions a day", *(f"{a_day[size]:,}" for size in SIZES)]
    yield ["a second, in the busiest hour", *(f"{peak[size]:.2g}" for size in SIZES)]
    yield ["processors that deciding takes then", *(f"{peak[size] * CPU_MS_A_DECISION / 1000:.2g}" for size in SIZES)]
    yield ["pods by load (by availability)", *(f"{ceil(peak[size] / POD_A_SECOND)} ({PODS})" for size in SIZES)]
    yield ["decision log, GB a year", *(f"~{gb[size]:.3g}" for size in SIZES)]
    yield ["eight files to checked tables, minutes", *(_by_size(INGESTION_SECONDS, 60))]
    yield ["tables to 736 features, minutes", *(_by_size(FEATURE_SECONDS, 60))]
    yield ["memory for that, GiB", *(_by_size(FEATURE_GIB, 1))]
    yield ["tables and features of one version, GB", *(_by_size(TABLES_GB, 1))]
    yield ["nine candidates, 60 trials, documents: processor hours", *(_by_size(TRAINING_CPU_HOURS, 1))]
    yield ["a month, at the prices below", *(f"~{_month(size, gb[size], prices):,.0f}" for size in SIZES)]


def _by_size(measured: Mapping[int, float], unit: float) -> Iterator[str]:
    """What was measured at a size, else in proportion from the largest that was."""
    largest = max(measured)
    for size in SIZES:
        found = measured.get(size)
        value = measured[largest] * size / largest if found is None else found
        yield f"{'~' if found is None else ''}{value / unit:.3g}"


def _month(size: int, log_gb: float, prices: Prices) -> float:
    """Pods all the time, one training, a year of the log in the database, three versions of the tables."""
    pods = max(PODS, ceil(size * DECISIONS_A_DAY * PEAK_SHARE / 3600 / POD_A_SECOND))
    cpu = (pods * POD_CPU + REST_CPU) * HOURS_A_MONTH + TRAINING_CPU_HOURS[1] * size
    gib = (pods * POD_GIB + REST_GIB) * HOURS_A_MONTH + FEATURE_GIB[4] / 4 * size * TRAINING_CPU_HOURS[1] * size
    stored = log_gb * prices.database_gb_month + 3 * TABLES_GB[1] * size * prices.object_gb_month
    return cpu * prices.cpu_hour + gib * prices.gib_hour + stored


def main(arguments: Sequence[str]) -> int:
    """Print the table; exit status for the shell."""
    parser = argparse.ArgumentParser(prog="python -m scripts.capacity", description=__doc__.splitlines()[0])
    parser.add_argument("--cpu-hour", type=float, default=0.03)
    parser.add_argument("--gib-hour", type=float, default=0.004)
    parser.add_argument("--database-gb-month", type=float, default=0.20)
    parser.add_argument("--object-gb-month", type=float, default=0.023)
    sys.stdout.write(table(Prices(**vars(parser.parse_args(arguments)))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
