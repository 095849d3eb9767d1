"""Small builders with which the feature modules declare their columns.

What is here: exact row arithmetic, and builders that turn (measure, rows, statistics) into `Feature` objects whose
name, description, unit, range and sign follow from their parts.
What to add here: a statistic or a row expression that several tables need.
What must not be here: the name of a column of any table.

Every value that is summed is first put on a binary grid (`exact`). Sums of such values carry no rounding error, so
they do not depend on the order of rows, on threads or on the engine: Polars, Spark and the service agree to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw

from credit_platform.portfolios.feature_group import Feature

MONEY_BITS = 20
"""Binary places kept of an amount: steps of 0.000001; sums are exact up to 8.6e9."""
RATIO_BITS = 32
"""Binary places kept of a ratio: steps of 2.3e-10; sums are exact up to 2.1e6."""
DAYS_PER_YEAR = 365.25


def number(column: str) -> nw.Expr:
    """Column as float64, so that no arithmetic overflows the narrow type it is stored in."""
    return nw.col(column).cast(nw.Float64)


def exact(expression: nw.Expr, bits: int) -> nw.Expr:
    """Round to a multiple of 2**-bits.

    Adding and taking away 1.5 * 2**(52 - bits) lets the float64 adder itself round (T. J. Dekker, 1971): the same on
    every engine with IEEE 754 arithmetic, and cheaper than `floor`.
    """
    shift = 1.5 * 2.0 ** (52 - bits)
    return (expression + shift) - shift


def money(column: str) -> nw.Expr:
    """Amount of a column, on the grid on which sums of amounts are exact."""
    return exact(number(column), MONEY_BITS)


def ratio(numerator: nw.Expr, denominator: nw.Expr) -> nw.Expr:
    """Quotient where the denominator is positive, null elsewhere: no infinity, no NaN, on any engine."""
    return nw.when(denominator > 0).then(numerator / denominator)


def exact_ratio(numerator: str, denominator: str) -> nw.Expr:
    """Quotient of two columns, on the grid on which sums of ratios are exact."""
    return exact(ratio(nw.col(numerator), nw.col(denominator)), RATIO_BITS)


def flag(condition: nw.Expr) -> nw.Expr:
    """1.0 where the condition holds, 0.0 where it does not or is unknown."""
    return nw.when(condition).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def within_months(age: str, months: int) -> nw.Expr:
    """1.0 where an event lies at most so many months back; `age` is the column with its age in days."""
    return flag(nw.col(age) <= months * DAYS_PER_YEAR / 12)


def latest(age: str, key: str, count: int) -> nw.Expr:
    """1.0 on the `count` youngest rows of each key. Rows of equal age share a place, so no order of rows matters."""
    return flag(nw.col(age).rank(method="min").over(key) <= count)


def month_before(column: str, loan: str, month: str) -> nw.Expr:
    """Value that a loan had in its latest earlier month on record: null on its first one."""
    return nw.col(column).shift(1).over(loan, order_by=month)


def at_least_zero(expression: nw.Expr) -> nw.Expr:
    """Negative values become 0; null stays null."""
    return nw.when(expression < 0).then(nw.lit(0.0)).otherwise(expression)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A quantity that every row of a history has, and what is known about it."""

    name: str
    """As it stands in feature names; the quantity is in the column of the same name, made by a step."""
    words: str
    """As it begins descriptions: "Debt still owed"."""
    reason: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    monotone: int = 0
    """Sign for statistics that grow with the measure."""
    known_by: str | None = None
    """Column without which nobody knows a flag (1 or 0); where it is null on all rows, an average is null, not 0."""


def currency(name: str, words: str, reason: str, *, minimum: float | None = 0.0, monotone: int = 0) -> Measure:
    """Measure in units of currency."""
    return Measure(name=name, words=words, reason=reason, unit="currency", minimum=minimum, monotone=monotone)


def days(name: str, words: str, reason: str, *, minimum: float | None = 0.0, monotone: int = 0) -> Measure:
    """Measure in days."""
    return Measure(name=name, words=words, reason=reason, unit="days", minimum=minimum, monotone=monotone)


def share(
    name: str,
    words: str,
    reason: str,
    *,
    minimum: float | None = 0.0,
    maximum: float | None = None,
    monotone: int = 0,
    known_by: str | None = None,
) -> Measure:
    """Measure that is a ratio of two quantities."""
    return Measure(
        name=name,
        words=words,
        reason=reason,
        unit="ratio",
        minimum=minimum,
        maximum=maximum,
        monotone=monotone,
        known_by=known_by,
    )


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows of a history that fulfil a condition."""

    name: str
    """As it stands in feature names; the column of the same name holds 1.0 for these rows. "all" takes every row."""
    words: str
    """As it stands in descriptions, after "average over": "credits still running"."""


@dataclass(frozen=True, kw_only=True)
class _Statistic:
    words: str
    build: Callable[[nw.Expr], nw.Expr]
    keeps_unit: bool = True
    keeps_minimum: bool = True
    keeps_maximum: bool = True
    signed: bool = True


def _deviation(values: nw.Expr) -> nw.Expr:
    """Sample standard deviation from exact sums; null for fewer than two values.

    Values are rounded to 2**-20, so that their squares (2**-40) also add up without error; whole numbers are kept.
    """
    rounded = exact(values, MONEY_BITS)
    count = values.count().cast(nw.Float64)
    total = rounded.sum()
    squares = (rounded * rounded).sum()
    variance = at_least_zero((squares - total * total / count) / (count - 1.0))
    return nw.when(count > 1).then(variance.sqrt())


_STATISTICS: Mapping[str, _Statistic] = {
    "mean": _Statistic(words="average over", build=lambda values: values.mean()),
    "max": _Statistic(words="highest over", build=lambda values: values.max()),
    "min": _Statistic(words="lowest over", build=lambda values: values.min()),
    "sum": _Statistic(words="total over", build=lambda values: values.sum(), keeps_maximum=False),
    "std": _Statistic(words="standard deviation over", build=_deviation, keeps_maximum=False, signed=False),
}


def masked(measure: str, rows: Rows) -> str:
    """Column that holds a measure for some rows and null for the others."""
    return measure if rows.name == "all" else f"{measure}__{rows.name}"


Plan = Sequence[tuple[Measure, Rows, str]]
"""Lines of (measure, rows, names of statistics with blanks between them)."""


def mask_step(plan: Plan) -> dict[str, nw.Expr]:
    """Step that adds each measure restricted to the rows for which the plan wants it."""
    columns = {(name, rows.name): rows for m, rows, _ in plan for name in (m.name, m.known_by) if name}
    return {
        masked(name, rows): nw.when(nw.col(rows.name) > 0).then(nw.col(name))
        for (name, _), rows in columns.items()
        if rows.name != "all"
    }


def where_known(average: nw.Expr, column: str | None) -> nw.Expr:
    """An average of flags; null where `column`, by which they are known, is null on all rows."""
    return average if column is None else nw.when(nw.col(column).count() > 0).then(average)


def statistics(source: str, plan: Plan) -> tuple[Feature, ...]:
    """Features of a plan: `<source>__<measure>__<rows>__<statistic>`."""
    return tuple(
        _statistic_feature(source, measure, rows, name) for measure, rows, names in plan for name in names.split()
    )


def _statistic_feature(source: str, measure: Measure, rows: Rows, name: str) -> Feature:
    statistic = _STATISTICS[name]
    minimum = 0.0 if name == "std" else measure.minimum
    if name == "sum" and (minimum is None or minimum < 0):
        minimum = None
    elif name == "sum":
        minimum = 0.0
    known_by = None if measure.known_by is None else masked(measure.known_by, rows)
    return Feature(
        name=f"{source}__{measure.name}__{rows.name}__{name}",
        expression=where_known(statistic.build(nw.col(masked(measure.name, rows))), known_by),
        description=f"{measure.words}: {statistic.words} {rows.words}.",
        reason=measure.reason,
        unit=measure.unit,
        monotone=measure.monotone if statistic.signed else 0,
        minimum=minimum,
        maximum=measure.maximum if statistic.keeps_maximum else None,
    )


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Rows to be counted: how many, and what share of all (or of some other) rows."""

    rows: Rows
    reason: str
    statistics: str = "count share"
    monotone: int = 0
    known_by: str | None = None
    """As in `Measure`; a count stays 0."""


def tally(
    name: str,
    words: str,
    reason: str,
    counted: str = "count share",
    *,
    monotone: int = 0,
    known_by: str | None = None,
) -> Tally:
    """Tally of the rows whose column `name` is 1.0."""
    return Tally(
        rows=Rows(name=name, words=words), reason=reason, statistics=counted, monotone=monotone, known_by=known_by
    )


def tallies(source: str, noun: str, lines: Iterable[Tally]) -> tuple[Feature, ...]:
    """Counts and shares of rows: `<source>__<noun>__<rows>__count|share`; the noun is a plural ("credits")."""
    return tuple(_tally_feature(source, noun, line, name) for line in lines for name in line.statistics.split())


def _tally_feature(source: str, noun: str, line: Tally, name: str) -> Feature:
    column = nw.col(line.rows.name)
    counted = name == "count"
    return Feature(
        name=f"{source}__{noun.replace(' ', '_')}__{line.rows.name}__{name}",
        expression=column.sum() if counted else where_known(column.mean(), line.known_by),
        description=f"{'Number' if counted else 'Share'} of {noun} {line.rows.words}.",
        reason=line.reason,
        unit=noun if counted else "share",
        monotone=line.monotone,
        minimum=0.0,
        maximum=None if counted else 1.0,
    )


def slope(value: str, time: str) -> nw.Expr:
    """Least-squares slope of a measure on time, from exact sums; null with fewer than two different times.

    Rows where the value is null count for nothing. Both columns must be on a grid (`exact`, or whole numbers).
    """
    known = nw.when(~nw.col(value).is_null()).then(nw.col(time))
    count = known.count().cast(nw.Float64)
    times, values = known.sum(), nw.col(value).sum()
    spread = count * (known * known).sum() - times * times
    return nw.when(spread > 0).then((count * (known * nw.col(value)).sum() - times * values) / spread)


def of(first: str, second: str) -> nw.Expr:
    """Quotient of two finished features; null where the second is not positive."""
    return ratio(nw.col(first), nw.col(second))


def derived(
    name: str,
    expression: nw.Expr,
    description: str,
    reason: str,
    unit: str = "ratio",
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    monotone: int = 0,
) -> Feature:
    """Feature computed from finished ones."""
    return Feature(
        name=name,
        expression=expression,
        description=description,
        reason=reason,
        unit=unit,
        minimum=minimum,
        maximum=maximum,
        monotone=monotone,
    )
