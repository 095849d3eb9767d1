"""The benchmark of expected performance: do 95% intervals hold what comes when others apply, or when they change?

What is here: `bench_expected`.
What must not be here: the job (`expected_jobs.py`), the worlds (`expected_worlds.py`), printing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from credit_platform.benchmarks import expected_jobs
from credit_platform.benchmarks.conditions import conditions
from credit_platform.benchmarks.expected_worlds import WORLDS
from credit_platform.benchmarks.processes import measure
from credit_platform.benchmarks.result import Benchmark, Figure, Measurement, Role
from credit_platform.errors import BenchmarkError

_MADE_UP = "synthetic applicants, and outcomes thrown with their true probabilities"


def bench_expected(
    *,
    worlds: Sequence[str] = tuple(WORLDS),
    holdouts: int = 3,
    holdout: int = 6_000,
    months: int = 50,
    decisions: int = 2_000,
    seed: int = 7,
) -> Benchmark:
    """Count the months whose AUC, default rate and cost lie in the interval that was expected of their probabilities.

    Args:
        worlds: names of generating processes.
        holdouts: how many each is known by, one after another.
        holdout: applicants of each.
        months: expected by each of them, under each shift.
        decisions: of each month.
        seed: of the randomness.

    Raises:
        BenchmarkError: there is no such world, or a job failed.
    """
    if unknown := [name for name in worlds if name not in WORLDS]:
        raise BenchmarkError(f"There is no process {unknown[0]!r}.", f"Known: {', '.join(WORLDS)}.")
    before = conditions(synthetic=True, scale=None, data_bytes=None, made_up=_MADE_UP)
    measurements: list[Measurement] = []
    figures: list[Figure] = []
    sizes = {"holdouts": holdouts, "holdout": holdout, "months": months, "decisions": decisions}
    for world in worlds:
        measured, answer = measure(
            expected_jobs.months_held,
            {"world": world, **sizes, "seed": seed},
            name=f"{world}: {holdouts} holdouts of {holdout:,}, {months} months of {decisions:,} each",
            role=Role.PLATFORM,
            what="Expect figures of every month under every shift, and compare them with what came.",
        )
        measurements.append(measured)
        for shift, by_figure in answer["shifts"].items():
            for name, said in by_figure.items():
                figures += _figures(f"{world}, {shift}, {name.replace('_', ' ')}", said)
    return Benchmark(name="expected", conditions=before, measurements=tuple(measurements), figures=tuple(figures))


def _figures(subject: str, said: Mapping[str, float]) -> list[Figure]:
    return [
        Figure(name=f"{subject}: held", value=said["held"], unit="share"),
        Figure(name=f"{subject}: least of a holdout", value=said["least"], unit="share"),
        Figure(name=f"{subject}: mean width", value=said["width"], unit="auc"),
    ]
