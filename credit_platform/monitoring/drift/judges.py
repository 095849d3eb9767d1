"""What has to hold of the tables of drift, and what is told of them.

What is here: judges of `reference`, `cell_counts`, `drift` and `population_shift`.
What to add here: another thing that must hold, with its check in `tables/checks/monitoring.py` or, where it holds up
what comes after without refusing the table, in `orchestration/checks/drift.py`.
What must not be here: measuring.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from credit_platform.lakehouse import Verdict
from credit_platform.monitoring.drift.cells import Role
from credit_platform.monitoring.drift.records import CountsRecord, DayOfDrift, DriftRecord, ReferenceRecord
from credit_platform.monitoring.drift.verdicts import FEATURE_COLUMNS

_TOLERANCE = 1e-6


def frozen_whole(frame: pl.LazyFrame, record: ReferenceRecord) -> Verdict:
    """Whether every model's features hold all of its applicants, and their importance adds up to 1."""
    features = frame.filter(pl.col("role") == Role.FEATURE.value)
    sums = features.group_by("model", "stratum", "feature").agg(pl.col("count").sum()).collect()
    wrong = []
    for model, strata in record.models.items():
        for stratum, rows in strata.items():
            own = sums.filter((pl.col("model") == model) & (pl.col("stratum") == stratum))
            if own.is_empty() or set(own["count"]) != {rows}:
                wrong.append(f"{model[:12]} in {stratum} does not hold {rows:,} applicants in each feature")
    shares = features.group_by("model", "stratum", "feature").agg(pl.col("importance").first())
    whole = shares.group_by("model", "stratum").agg(pl.col("importance").sum()).collect()
    wrong += [
        f"the importance of {model[:12]} adds up to {share:.3f}"
        for model, _, share in whole.iter_rows()
        if abs(share - 1) > _TOLERANCE
    ]
    return Verdict(
        check="frozen_whole",
        passed=not wrong,
        numbers={"models": len(record.models), "wrong": len(wrong)},
        message=f"{'; '.join(wrong)}." if wrong else record.message,
    )


def everybody_counted(frame: pl.LazyFrame, record: CountsRecord) -> Verdict:
    """Whether each decision is counted once in each feature."""
    sums = frame.group_by("day", "model", "stratum", "feature").agg(pl.col("count").sum())
    totals = sums.group_by("day", "model", "feature").agg(pl.col("count").sum())
    spans = totals.group_by("day", "model").agg(
        pl.col("count").min().alias("least"), pl.col("count").max().alias("most")
    )
    found = {(day.isoformat(), model): {least, most} for day, model, least, most in spans.collect().iter_rows()}
    expected = {(day, model): {n} for day, models in record.decisions.items() for model, n in models.items()}
    wrong = sorted(key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key))
    shown = ", ".join(f"{day} (model {model[:12]})" for day, model in wrong[:5])
    return Verdict(
        check="everybody_counted",
        passed=not wrong,
        numbers={
            "days": len(record.decisions),
            "decisions": sum(sum(n) for n in expected.values()),
            "wrong": len(wrong),
        },
        message=f"Not each decision is counted once in each feature: {shown}." if wrong else record.message,
    )


def one_verdict_each(frame: pl.LazyFrame, record: DriftRecord) -> Verdict:
    """Whether every feature has one verdict for each model and day, and no figure is missing."""
    rows = frame.group_by("day", "model", "feature").len().filter(pl.col("len") != 1).collect().height
    numbers = [name for name, dtype in FEATURE_COLUMNS.items() if dtype == pl.Float64]
    broken = frame.filter(pl.any_horizontal(~pl.col(name).is_finite() | pl.col(name).is_null() for name in numbers))
    gaps = broken.select(pl.len()).collect().item()
    per_day = frame.filter(pl.col("role") == Role.FEATURE.value).group_by("day", "model").len().collect()
    found = {(day.isoformat(), model): n for day, model, n in per_day.iter_rows()}
    expected = {(day, one.model): one.features for day, models in record.days.items() for one in models}
    wrong = rows + gaps + sum(found.get(key) != expected.get(key) for key in found.keys() | expected.keys())
    return Verdict(
        check="one_verdict_each",
        passed=not wrong,
        numbers={"days": len(record.days), "wrong": wrong},
        message=f"{wrong} verdicts are missing, twice there or without a figure." if wrong else record.message,
    )


def feeds_whole(newest: DayOfDrift | None, message: str) -> Verdict:
    """Whether no feature lost its values or became constant; else nothing is concluded from the day."""
    broken = () if newest is None else newest.incidents
    several = "1 feature" if len(broken) == 1 else f"{len(broken)} features"
    said = f"The feed of {several} broke: {', '.join(broken[:10])}{', …' if len(broken) > 10 else ''}."  # noqa: PLR2004  # what fits a line
    return Verdict(
        check="feeds_whole",
        passed=not broken,
        numbers={"broken": len(broken)},
        message=f"{said} A data incident: mend the source; nothing is trained meanwhile." if broken else message,
    )


def drift_level(newest: DayOfDrift | None, message: str) -> Verdict:
    """Whether fewer than three features drifted; only told."""
    alarm = newest is not None and newest.level == "retrain"
    numbers = {} if newest is None else {"drifted": newest.drifted, "score": newest.score, "plain_ks": newest.plain_ks}
    return Verdict(check="drift_level", passed=not alarm, numbers=numbers, message=message, warns=True)


def evidently_written(page: str | None, message: str) -> Verdict:
    """Whether Evidently's page is there and not empty; without anybody to compare there is none, and that is said."""
    size = Path(page).stat().st_size if page is not None and Path(page).is_file() else 0
    return Verdict(
        check="page_written",
        passed=page is None or size > 0,
        numbers={"bytes": size},
        message=message if page is None or size else f"{page} is not there, or empty.",
    )
