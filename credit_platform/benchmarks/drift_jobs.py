"""Jobs of the drift benchmark: counting and judging, the floor, and Evidently; and made-up decisions for them.

What is here: functions that `processes.measure` runs, and `made_up_decisions`, `made_up_reference`.
What to add here: another library on the same decisions.
What must not be here: comparing, printing, the name of a column of a portfolio.

The decisions are synthetic, with the shapes that features have: normal, long-tailed, counts with many equal values,
half of them missing, mostly zero, a flag, a category.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from credit_platform.monitoring.drift.cells import Floats, Kind
from credit_platform.monitoring.drift.counting import count_cells
from credit_platform.monitoring.drift.drift import RETRAIN_FROM, measure_drift
from credit_platform.monitoring.drift.reference import NONE, Reference
from credit_platform.monitoring.drift.training import freeze
from credit_platform.monitoring.drift.verdicts import Verdict
from credit_platform.portfolios.economics import CostMatrix
from credit_platform.scoring.rule import DecisionRule, decided

Answer = Mapping[str, Any]

FIRST_DAY = date(2026, 1, 1)
COSTS = CostMatrix(false_negative=10, false_positive=1, source="made up for the benchmark")
RULE = DecisionRule(threshold=COSTS.break_even)
MODEL = "0" * 64
_HALF = 0.5
_PERIOD = 28
"""Days that are made and counted at a time."""


def made_up_decisions(
    features: int, rows: int, seed: int, *, shift: float = 0.0, shifted: int = 0, days: int = 1, first: date = FIRST_DAY
) -> pl.DataFrame:
    """Decisions about made-up applicants, `rows` in all, spread evenly over `days`.

    Args:
        features: columns `f000` and so on.
        rows: how many.
        seed: of the randomness.
        shift: standard deviations by which the value behind a feature moves.
        shifted: how many of the features move; numbers with few equal values come first.
        days: that they are spread over.
        first: the first of them.
    """
    chance = np.random.default_rng(seed)
    moved = set(sorted(range(features), key=lambda number: (number % len(_SHAPES) not in (0, 1), number))[:shifted])
    columns: dict[str, Any] = {
        f"f{number:03}": _column(chance, number % len(_SHAPES), rows, shift if number in moved else 0.0)
        for number in range(features)
    }
    ages = np.arange(rows) * days // max(rows, 1)
    return pl.DataFrame(
        {
            **columns,
            "probability": chance.beta(1.0, 11.0, rows),
            "day": pl.Series([first], dtype=pl.Date).to_physical().to_numpy()[0] + ages.astype(np.int32),
            "histories": pl.repeat(NONE, rows, eager=True),
            "model_digest": pl.repeat(MODEL, rows, eager=True),
        }
    ).with_columns(pl.col("day").cast(pl.Date), decided(pl.col("probability"), RULE.threshold).alias("decision"))


def _column(chance: np.random.Generator, shape: int, rows: int, shift: float) -> Any:
    return _SHAPES[shape](chance, chance.standard_normal(rows) + shift)


_SHAPES: tuple[Callable[[np.random.Generator, Floats], Any], ...] = (
    lambda _, hidden: hidden,
    lambda _, hidden: np.exp(hidden),
    lambda _, hidden: np.floor(np.abs(hidden) * 4),
    lambda chance, hidden: np.where(chance.random(hidden.size) < _HALF, np.nan, hidden),
    lambda _, hidden: np.where(hidden > 1.0, np.round(hidden * 100), 0.0),
    lambda _, hidden: (hidden > _HALF).astype(np.float64),
    lambda _, hidden: pl.Series(np.array(list("abcdef"))[np.clip(np.abs(hidden) * 2, 0, 5).astype(np.int64)]),
)


def made_up_reference(features: int, rows: int, seed: int) -> Reference:
    """The reference of a model that learnt from `rows` of the same kind, every feature equally important."""
    training = made_up_decisions(features, rows, seed)
    names = [name for name in training.columns if name.startswith("f") and name[1:].isdigit()]
    return freeze(
        MODEL,
        RULE,
        kinds={name: Kind.CATEGORY if training[name].dtype == pl.String else Kind.NUMBER for name in names},
        training={NONE: training},
        scored={NONE: training.with_columns(target=pl.lit(None, dtype=pl.String))},
        importance=np.full(len(names), 1 / len(names)),
    )


def whole_drift(features: int, decisions: int, training: int, threads: int | None) -> Answer:
    """Count one day of decisions and judge it; making the decisions and the reference is no part of it."""
    reference, batch = made_up_reference(features, training, 1), made_up_decisions(features, decisions, 2)
    started, worked = time.perf_counter(), time.process_time()
    daily = count_cells(batch, reference, threads=threads)
    counted, counted_for = time.perf_counter(), time.process_time()
    drift = measure_drift(daily, reference, FIRST_DAY, COSTS)
    ended, judged_for = time.perf_counter(), time.process_time()
    return {
        "seconds": ended - started,
        "parts": {"counting": counted - started, "judging": ended - counted},
        "processor": {"counting": counted_for - worked, "judging": judged_for - counted_for},
        "drifted": drift.drifted,
        "plain_ks": drift.plain_ks,
        "rows": daily.height,
    }


def one_pass(features: int, decisions: int, threads: int | None) -> Answer:
    """The floor: every number sorted once, on as many processors, which any exact KS has to do."""
    batch = made_up_decisions(features, decisions, 2)
    numbers = [name for name in batch.columns if batch[name].dtype == pl.Float64]

    def work(name: str) -> float:
        ordered: Floats = np.sort(batch[name].to_numpy())
        return float(ordered[0])

    started, worked = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(max_workers=threads or os.cpu_count() or 1) as pool:
        list(pool.map(work, numbers))
    return {"seconds": time.perf_counter() - started, "processor": {"sorting": time.process_time() - worked}}


def evidently_drift(features: int, decisions: int, training: int) -> Answer:
    """The peer: Evidently's data drift of the same columns, without a page; importing it is no part of the time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from evidently import DataDefinition, Dataset, Report
        from evidently.presets import DataDriftPreset

        before, now = (
            made_up_decisions(features, rows, seed).select(pl.selectors.starts_with("f")).to_pandas()
            for rows, seed in ((training, 1), (decisions, 2))
        )
        numbers = [name for name in now.columns if now[name].dtype == np.float64]
        categories = [name for name in now.columns if name not in numbers]
        definition = DataDefinition(numerical_columns=numbers, categorical_columns=categories)
        started = time.perf_counter()
        done = Report([DataDriftPreset()]).run(
            Dataset.from_pandas(now, data_definition=definition),
            Dataset.from_pandas(before, data_definition=definition),
        )
        found = done.dict()
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "metrics": len(found["metrics"])}


def days_judged(
    features: int, training: int, a_day: int, days: int, *, shift: float = 0.0, shifted: int = 0, seed: int = 3
) -> Answer:
    """Judge each of `days` days as the daily asset would, and count the alarms.

    Returns:
        `alarms` (days on level 3+), `first_valid` and `first_alarm` (number of the first day on which every feature
        had enough decisions, and of the first with an alarm; -1 for none), `plain_alarms` (days on which three features
        or more have a plain KS p below 0.05), `most_drifted`.
    """
    reference = made_up_reference(features, training, 1)
    daily, found = pl.DataFrame(), []
    for number in range(days):
        if number % _PERIOD == 0:
            last = min(number + _PERIOD, days)
            daily = _counted_period(daily, reference, range(number, last), a_day, features, shift, shifted, seed)
        drift = measure_drift(daily, reference, FIRST_DAY + timedelta(days=number), COSTS)
        few = (drift.features["verdict"] == Verdict.TOO_FEW.value).any()
        found.append((drift, few))
    valid = [number for number, (_, few) in enumerate(found) if not few]
    alarms = [number for number, (drift, _) in enumerate(found) if drift.level.alarm]
    return {
        "alarms": len(alarms),
        "first_valid": valid[0] if valid else -1,
        "first_alarm": alarms[0] if alarms else -1,
        "plain_alarms": sum(drift.plain_ks >= RETRAIN_FROM for drift, _ in found),
        "most_drifted": max(drift.drifted for drift, _ in found),
    }


def _counted_period(  # noqa: PLR0917  # one call
    daily: pl.DataFrame,
    reference: Reference,
    numbers: range,
    a_day: int,
    features: int,
    shift: float,
    shifted: int,
    seed: int,
) -> pl.DataFrame:
    """The days before, as far as a window reaches back, and some more."""
    first = FIRST_DAY + timedelta(days=numbers.start - _PERIOD)
    parts = [] if daily.is_empty() else [daily.filter(pl.col("day") >= first)]
    for number in numbers:
        batch = made_up_decisions(
            features,
            a_day,
            seed * 10_000 + number,
            shift=shift,
            shifted=shifted,
            first=FIRST_DAY + timedelta(days=number),
        )
        parts.append(count_cells(batch, reference))
    return pl.concat(parts)
