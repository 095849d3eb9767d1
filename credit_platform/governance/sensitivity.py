"""How decisions react when applicants answer something else.

What is here: `sensitivity`, which changes one answer of an application at a time by a step that exists, and computes
every feature again from it: what depends on an answer moves with it.
What to add here: the step of another kind of column.
What must not be here: changing a feature by itself, which no applicant can do; rows of histories.

Steps: a yes or no is flipped; a category becomes the most frequent other one; a count with few values becomes one more
and one less; any other number 10% more and less, within the range of its contract. Whoever gave no answer gives none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from credit_platform.features import build_features
from credit_platform.features.inputs import feature_inputs
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column
from credit_platform.scoring import Scorer
from credit_platform.scoring.rule import is_refused
from credit_platform.values import POLARS_TYPES

MOST_COLUMNS = 10
"""Answers that are changed."""
_SHARE = 0.10
_FEW = 12
"""Whole numbers with at most so many different values are counts or classes: a share of one is no step."""
_PAIR = 2


def answers_behind(portfolio: Portfolio, strongest: Sequence[str], most: int = MOST_COLUMNS) -> tuple[str, ...]:
    """Columns of the application that the strongest features read, in the order of the features."""
    inputs = feature_inputs(portfolio)
    order = {column.name: place for place, column in enumerate(portfolio.application_columns)}
    found = [name for feature in strongest for name in sorted(inputs[feature], key=order.__getitem__)]
    return tuple(dict.fromkeys(found))[:most]


def sensitivity(scorer: Scorer, rows: pl.DataFrame, applications: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Change each of `columns` in turn and score again.

    Args:
        scorer: what is asked.
        rows: rows of the feature table with the applicant key; they give the features of histories.
        applications: raw applications of the same applicants.
        columns: columns of the application.

    Returns:
        answer, step, applicants (share that the step changes), mean_change and largest_change (of the probability, over
        all), decisions_changed (share of all).

    Raises:
        FeatureError: a definition does not fit its contract.
    """
    portfolio = scorer.portfolio
    table = portfolio.table(portfolio.training_table)
    known, nobody = _histories(portfolio, rows), _nobody_else(portfolio)

    def scores(frame: pl.DataFrame) -> Any:
        features = build_features(portfolio, {table.name: frame.lazy(), **nobody}, known).collect()
        return scorer.score_features(features.sort(portfolio.applicant_key))

    ordered = applications.sort(portfolio.applicant_key)
    before = scores(ordered)
    refused = is_refused(before, scorer.threshold)
    found = []
    for name in columns:
        for step, value in steps(table.column(name), ordered[name]).items():
            changed = ordered.with_columns(value.cast(ordered[name].dtype).alias(name))
            after = scores(changed)
            found.append(
                {
                    "answer": name,
                    "step": step,
                    "applicants": int(changed[name].ne_missing(ordered[name]).sum()) / max(ordered.height, 1),
                    "mean_change": float((after - before).mean()),
                    "largest_change": float(np.abs(after - before).max()),
                    "decisions_changed": float((is_refused(after, scorer.threshold) != refused).mean()),
                }
            )
    return pl.DataFrame(found, schema=_SCHEMA)


def steps(column: Column, values: pl.Series) -> dict[str, pl.Expr]:
    """What the values of a column become, by the name of the step; nothing where all give the same answer."""
    given = pl.col(column.name)
    stays = given.is_null() if column.sentinel is None else given.is_null() | (given == column.sentinel)
    counts = values.drop_nulls().value_counts(sort=True)
    present = [one for one in counts[column.name].to_list() if one != column.sentinel]
    if column.allowed is not None or not column.type.is_numeric:
        return _switched(
            column, given, stays, sorted(present, key=lambda one: (-_count(counts, column, one), str(one)))
        )
    if not present:
        return {}
    if column.type.is_integer and len(present) <= _FEW:
        return {
            "one more": _within(column, given, stays, given + 1),
            "one less": _within(column, given, stays, given - 1),
        }
    more, less = (given * (1 + share) for share in (_SHARE, -_SHARE))
    if column.type.is_integer:
        more, less = more.round(), less.round()
    return {"10% more": _within(column, given, stays, more), "10% less": _within(column, given, stays, less)}


def _count(counts: pl.DataFrame, column: Column, value: object) -> int:
    return int(counts.filter(pl.col(column.name) == value)["count"][0])


def _switched(column: Column, given: pl.Expr, stays: pl.Expr, present: Sequence[Any]) -> dict[str, pl.Expr]:
    if len(present) < _PAIR:
        return {}
    first, second = (pl.lit(value) for value in present[:_PAIR])
    flag = column.allowed is not None and len(set(column.allowed) - {column.sentinel}) == _PAIR
    other = pl.when(given == first).then(second).otherwise(first)
    name = "flipped" if flag else f"to {present[0]}, or from there to {present[1]}"
    return {name: pl.when(stays).then(given).otherwise(other)}


def _within(column: Column, given: pl.Expr, stays: pl.Expr, value: pl.Expr) -> pl.Expr:
    return pl.when(stays).then(given).otherwise(value.clip(column.minimum, column.maximum))


def _histories(portfolio: Portfolio, rows: pl.DataFrame) -> Mapping[str, pl.LazyFrame]:
    """What is known of the applicants' histories, as the feature table has it."""
    return {
        group.name: rows.select(portfolio.applicant_key, *(feature.name for feature in group.all_features)).lazy()
        for group in portfolio.feature_groups
        if group.table != portfolio.training_table
    }


def _nobody_else(portfolio: Portfolio) -> Mapping[str, pl.LazyFrame]:
    """The table of applicants without an outcome, without any."""
    if portfolio.scoring_table is None:
        return {}
    columns = portfolio.table(portfolio.scoring_table).columns
    schema = {column.name: POLARS_TYPES[column.type]() for column in columns}
    return {portfolio.scoring_table: pl.LazyFrame(schema=schema)}


_SCHEMA: dict[str, Any] = {
    "answer": pl.String,
    "step": pl.String,
    "applicants": pl.Float64,
    "mean_change": pl.Float64,
    "largest_change": pl.Float64,
    "decisions_changed": pl.Float64,
}
