"""The drift benchmark: all features of a large model on many decisions, beside Evidently; and how often it cries wolf.

What is here: `bench_drift` (time) and `bench_alarms` (alarms over many days).
What to add here: a figure that follows from the same jobs.
What must not be here: the jobs themselves, printing.
"""

from __future__ import annotations

from collections.abc import Mapping

from credit_platform.benchmarks import drift_jobs
from credit_platform.benchmarks.conditions import conditions
from credit_platform.benchmarks.processes import measure
from credit_platform.benchmarks.result import Benchmark, Figure, Measurement, Role
from credit_platform.settings import Settings

FEATURES, DECISIONS, TRAINING = 736, 300_000, 100_000
PEER_FEATURES, PEER_DECISIONS, PEER_TRAINING = 50, 20_000, 20_000
"""What Evidently is given, and the platform beside it: all of it would take Evidently the better part of an hour."""
A_DAY = (200, 1_000, 20_000)
HALF_A_DEVIATION, LITTLE = 0.5, 0.03
_MADE_UP = "synthetic decisions, made up in memory"


def bench_drift(settings: Settings, *, features: int = FEATURES, decisions: int = DECISIONS) -> Benchmark:
    """Measure counting and judging of one day, beside one sort of every number and beside Evidently on a smaller size.

    Args:
        settings: give the number of threads.
        features: of the model.
        decisions: of the day.

    Raises:
        BenchmarkError: a job failed.
    """
    before = conditions(synthetic=True, scale=None, data_bytes=None, made_up=_MADE_UP)
    full = {"features": features, "decisions": decisions}
    small = {
        "features": min(features, PEER_FEATURES),
        "decisions": min(decisions, PEER_DECISIONS),
        "training": PEER_TRAINING,
    }
    threads = {"threads": settings.threads or None}
    ours, answer = measure(
        drift_jobs.whole_drift,
        {**full, "training": TRAINING, **threads},
        name=f"{features} features, {decisions:,} decisions",
        role=Role.PLATFORM,
        what="Count every feature and the score in the frozen cells, and judge them.",
    )
    floor, bare = measure(
        drift_jobs.one_pass, {**full, **threads}, name="every number sorted once", role=Role.FLOOR, what="NumPy's sort."
    )
    size = f"{small['features']} features, {small['decisions']:,} decisions"
    beside, _ = measure(
        drift_jobs.whole_drift, {**small, **threads}, name=size, role=Role.PLATFORM, what="The same on the peer's size."
    )
    peer, _ = measure(
        drift_jobs.evidently_drift,
        small,
        name=f"Evidently, {size}",
        role=Role.PEER,
        what="DataDriftPreset of the same columns, without writing a page.",
    )
    worked = {**answer["processor"], **bare["processor"]}
    figures = (
        *(Figure(name=f"processor time: {part}", value=1000 * spent, unit="ms") for part, spent in worked.items()),
        Figure(name="values", value=features * decisions, unit="values"),
        Figure(name="rows of daily counts", value=answer["rows"], unit="rows"),
        Figure(name="drifted", value=answer["drifted"], unit="features"),
        Figure(name="plain KS p below 0.05", value=answer["plain_ks"], unit="features"),
    )
    return Benchmark(name="drift", conditions=before, measurements=(ours, floor, beside, peer), figures=figures)


def bench_alarms(
    *,
    days: int,
    features: int = FEATURES,
    a_day: tuple[int, ...] = A_DAY,
    shift: float = 0.0,
    shifted: int = 0,
) -> Benchmark:
    """Count the alarms over days on which the applicants are those of training, or shifted from the first day on.

    Args:
        days: that are judged, one after another.
        features: of the model.
        a_day: decisions a day, one job each.
        shift: standard deviations by which features are shifted.
        shifted: how many of them.

    Raises:
        BenchmarkError: a job failed.
    """
    before = conditions(synthetic=True, scale=None, data_bytes=None, made_up=_MADE_UP)
    measurements: list[Measurement] = []
    figures: list[Figure] = []
    for n in a_day:
        measured, answer = measure(
            drift_jobs.days_judged,
            {
                "features": features,
                "training": TRAINING,
                "a_day": n,
                "days": days,
                "shift": shift,
                "shifted": shifted,
            },
            name=f"{days} days of {n:,} decisions",
            role=Role.PLATFORM,
            what="Make, count and judge each day.",
        )
        measurements.append(measured)
        figures += _alarms(n, answer)
    return Benchmark(name="drift", conditions=before, measurements=tuple(measurements), figures=tuple(figures))


def _alarms(n: int, answer: Mapping[str, int]) -> list[Figure]:
    days = {
        "first day on which every feature has enough decisions": answer["first_valid"],
        "first day with an alarm": answer["first_alarm"],
    }
    counts = {
        "alarms": (answer["alarms"], "days"),
        "at most drifted": (answer["most_drifted"], "features"),
        "three plain KS p below 0.05": (answer["plain_alarms"], "days"),
    }
    return [
        *(Figure(name=f"{n:,} a day: {what}", value=value, unit=unit) for what, (value, unit) in counts.items()),
        *(Figure(name=f"{n:,} a day: {what}", value=day + 1, unit="") for what, day in days.items() if day >= 0),
    ]
