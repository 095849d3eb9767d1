"""Performance as a whole: by model and month, verdicts, and words where nothing is known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from credit_platform.monitoring.performance.report import (
    ALL_MATURE,
    COLUMNS,
    Champion,
    Performance,
    measure_performance,
)
from credit_platform.monitoring.performance.verdicts import Answer
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring.points import points
from credit_platform.scoring.rule import DecisionRule
from credit_platform_tests.unit.monitoring.performance.made import DECISIONS, OUTCOMES, decisions, outcomes

PORTFOLIO = get_portfolio("german_credit")
MATURITY = PORTFOLIO.monitoring.maturity_months
RULE = DecisionRule(threshold=0.2)
DIGEST = "a" * 64


def scores(random: np.random.Generator, size: int, *, riskier: float = 0.0) -> np.ndarray[Any, Any]:
    return 1 / (1 + np.exp(-random.normal(-2.0 + riskier, 1.2, size)))


def champion(random: np.random.Generator, size: int = 4000) -> Champion:
    p = scores(random, size)
    target = (random.random(size) < p).astype(np.int64)
    return Champion(digest=DIGEST, rule=RULE, holdout=pl.DataFrame({"target": target, "probability": p}))


def year(
    random: np.random.Generator, *, concept: float = 0.0, riskier: float = 0.0, size: int = 6000
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Decisions of January to June, of which those of January to April are mature."""
    p = scores(random, size, riskier=riskier)
    month = random.integers(1, 7, size)
    made = pl.DataFrame(
        {
            "log": "log",
            "row": np.arange(size),
            "decided_at": [datetime(2026, int(m), 10, tzinfo=UTC) for m in month],
            "model_digest": DIGEST,
            "probability": p,
            "decision": np.where(p >= RULE.threshold, "refused", "accepted"),
            "threshold": RULE.threshold,
            "points": [points(float(one), PORTFOLIO.points) for one in p],
        },
        schema=DECISIONS,
    )
    defaulted = random.random(size) < 1 / (1 + np.exp(-(np.log(p / (1 - p)) + concept)))
    when = random.integers(1, MATURITY + 1, size)
    age = np.where(month <= 4, MATURITY, 3)
    known = made.with_columns(
        pl.Series("default_month", np.where(defaulted & (when <= age), when, 0)), pl.Series("months_on_book", age)
    ).filter(pl.col("decision") == "accepted")
    default = pl.col("default_month").replace(0, None)
    told = known.select(
        "log", "row", "months_on_book", default.is_not_null().alias("defaulted"), default.alias("default_month")
    )
    return made, told.cast(OUTCOMES)  # type: ignore[arg-type]  # a mapping of names and types is a schema


def row(found: Performance, month: str, basis: str, measure: str) -> dict[str, Any]:
    wanted = (pl.col("month") == month) & (pl.col("basis") == basis) & (pl.col("measure") == measure)
    return found.measures.filter(wanted).row(0, named=True)


def require_words(frame: pl.DataFrame) -> None:
    """Every float is a number or null, and whatever has no figure has a word."""
    for name, dtype in frame.schema.items():
        if dtype.is_float():
            assert frame[name].is_nan().sum() == 0, name
            assert frame[name].is_infinite().sum() == 0, name
    if "value" in frame.columns:
        assert frame.filter(pl.col("value").is_null() & (pl.col("said") == "measured")).is_empty()
    if "said" in frame.columns:
        assert (frame["said"].str.len_chars() > 0).all()


def require_whole(found: Performance) -> None:
    assert dict(found.measures.schema) == COLUMNS
    for frame in (found.measures, found.vintages, found.bands, found.curves, found.against_older):
        require_words(frame)
    for judgement in (found.verdicts.calibration, found.verdicts.discrimination, found.verdicts.concept):
        assert judgement.reason


def test_a_model_that_holds_is_said_to_hold_also_when_riskier_people_come() -> None:
    random = np.random.default_rng(8)
    found = measure_performance(PORTFOLIO, *year(random, riskier=0.4), champion(random))
    require_whole(found)
    answers = found.verdicts
    assert answers.calibration.answer is Answer.HOLDS, answers.calibration.reason
    assert answers.concept.answer is Answer.HOLDS, answers.concept.reason
    assert found.vintages["state"].to_list() == ["mature"] * 4 + ["immature"] * 2
    assert row(found, "2026-06", "outcomes", "auc")["said"] == "immature"
    assert row(found, "2026-06", "expected", "auc")["value"] is not None
    assert found.mature_outcomes == row(found, ALL_MATURE, "outcomes", "auc")["loans"]


def test_the_yardstick_is_the_holdout_that_the_champion_accepts() -> None:
    random = np.random.default_rng(1)
    model = champion(random)
    found = measure_performance(PORTFOLIO, *year(random), model)
    restricted = row(found, "holdout", "yardstick", "auc")
    assert restricted["loans"] == model.holdout.filter(pl.col("probability") < RULE.threshold).height
    # Among those whom it accepts the same model separates worse; nothing has happened to it.
    realised = row(found, ALL_MATURE, "outcomes", "auc")
    assert restricted["low"] < realised["value"] < restricted["high"]
    assert found.verdicts.discrimination.answer is Answer.HOLDS


def test_a_concept_shift_is_said_in_words() -> None:
    random = np.random.default_rng(2)
    found = measure_performance(PORTFOLIO, *year(random, concept=0.9), champion(random))
    assert found.verdicts.concept.answer is Answer.FAILS
    assert "concept shift" in found.verdicts.concept.reason
    assert found.verdicts.calibration.answer is Answer.FAILS
    assert "too low" in found.verdicts.calibration.reason


def test_a_model_that_ranks_by_chance_fails_discrimination() -> None:
    random = np.random.default_rng(3)
    made, told = year(random)
    shuffled = told.with_columns(pl.col("default_month", "defaulted").shuffle(seed=1))
    found = measure_performance(PORTFOLIO, made, shuffled, champion(random))
    assert found.verdicts.discrimination.answer is Answer.FAILS


def test_another_model_is_measured_apart_and_nothing_is_expected_of_it() -> None:
    random = np.random.default_rng(4)
    made, told = year(random, size=1200)
    other = made.with_columns(
        pl.when(pl.col("row") % 2 == 0).then(pl.lit("b" * 64)).otherwise("model_digest").alias("model_digest")
    )
    found = measure_performance(PORTFOLIO, other, told, champion(random))
    require_whole(found)
    said = found.measures.filter((pl.col("model_digest") == "b" * 64) & (pl.col("basis") == "expected"))["said"]
    assert said.str.contains("another model").all()


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (decisions(), outcomes()),
        (decisions({}), outcomes()),
        (decisions({"decision": "refused"}), outcomes()),
        (decisions({"decision": "review"}), outcomes()),
        (decisions({}), outcomes((1, MATURITY, None))),
        (decisions({}), outcomes((1, 2, 2))),
        (decisions({}, {}), outcomes((1, MATURITY, None), (2, 3, 3))),
        (decisions({}, {"probability": 0.0}), outcomes((1, MATURITY, None), (2, 3, 3))),
        (decisions({"probability": 1.0, "decision": "refused"}, {}), outcomes((2, MATURITY, None))),
    ],
)
@pytest.mark.parametrize("model", [None, "small", "one class", "empty", "whole"])
def test_too_little_of_anything_gives_words(made: pl.DataFrame, told: pl.DataFrame, model: str | None) -> None:
    random = np.random.default_rng(5)
    whole = champion(random, 500)
    holdouts = {
        "small": whole.holdout.head(1),
        "one class": whole.holdout.filter(pl.col("target") == 0),
        "empty": whole.holdout.head(0),
    }
    known = None if model is None else Champion(digest=DIGEST, rule=RULE, holdout=holdouts.get(model, whole.holdout))
    require_whole(measure_performance(PORTFOLIO, made, told, known))


def test_the_same_rows_in_another_order_give_the_same_figures() -> None:
    random = np.random.default_rng(6)
    (made, told), model = year(random, size=1500), champion(random)
    first = measure_performance(PORTFOLIO, made, told, model)
    again = measure_performance(PORTFOLIO, made.sample(fraction=1, shuffle=True, seed=1), told.reverse(), model)
    assert first.measures.equals(again.measures)
    assert first.bands.equals(again.bands)
