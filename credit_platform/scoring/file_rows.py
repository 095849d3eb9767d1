"""Rows of a file of applications: checked against the contract, and scored with their applicants' histories.

What is here: `FileRows`, which treats one piece of a file.
What to add here: a rule that a column of a contract can have.
What must not be here: reading and writing files (`score_file.py`), and rules other than those of the contract.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from credit_platform.errors import RequestError
from credit_platform.features import build_features
from credit_platform.features.reading import POLARS_DTYPES
from credit_platform.portfolios.portfolio import Column, Portfolio
from credit_platform.scoring.decision import Language
from credit_platform.scoring.score_table import decision_columns
from credit_platform.scoring.scorer import Scorer

RULE = "rule"
ROW = "row"
Aggregates = Mapping[str, pl.LazyFrame]
"""Feature groups over other tables by name: applicant key and the group's features, one row per applicant."""
# A line feed is in no column name of a contract.
_CAME = "\n"
_APPLICANT = "applicant\n"


class FileRows:
    """Checks and scores pieces of a file."""

    def __init__(self, scorer: Scorer, language: Language, aggregates: Aggregates | None = None) -> None:
        """Prepare the rules; without `aggregates` nobody has a history."""
        portfolio = scorer.portfolio
        self.with_histories = 0
        self._scorer = scorer
        self._language = language
        self._key = portfolio.applicant_key
        self._aggregates = aggregates
        table = portfolio.table(portfolio.training_table)
        self._columns = {c.name: c for c in portfolio.application_columns if c.protected is None}
        self._protected = {c.name for c in portfolio.application_columns if c.protected is not None}
        self._types = {c.name: POLARS_DTYPES[c.type]() for c in table.columns}
        self._key_column = table.column(self._key)
        self._required = _required(scorer)
        others = [t for t in portfolio.tables if t.name != portfolio.training_table]
        self._empty = {
            t.name: pl.LazyFrame(schema={c.name: POLARS_DTYPES[c.type]() for c in t.columns}) for t in others
        }

    def check_header(self, names: list[str]) -> None:
        """Refuse columns that must not be there, and miss those that must.

        Raises:
            RequestError: the column is named.
        """
        for name in names:
            if name in self._protected:
                raise RequestError(f"{name} is a protected attribute.", "Leave the column out.", name)
            if name != self._key and name not in self._columns:
                raise RequestError(f"{name} is no column of an application.", "Leave it out, or correct it.", name)
        needed = self._required if self._aggregates is None else self._required | {self._key}
        for name in sorted(needed - set(names)):
            raise RequestError(f"The column {name} is missing.", "Add it to the file.", name)

    def split(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Rows to score, typed, and rows at fault as they came, with the rule."""
        given = [column for name, column in self._columns.items() if name in rows.columns]
        typed = rows.with_columns(_typed(column, rows.schema[column.name]) for column in given)
        faults = [_fault(column, required=column.name in self._required) for column in given]
        both = typed.with_columns(rows[c.name].alias(f"{c.name}{_CAME}") for c in given)
        if self._aggregates is not None:
            applicant = _typed(self._key_column, rows.schema[self._key]).alias(_APPLICANT)
            typed, both = typed.with_columns(applicant), both.with_columns(applicant)
            unknown = pl.col(_APPLICANT).is_null() & pl.col(self._key).is_not_null()
            faults.append(pl.when(unknown).then(pl.lit(f"{self._key}: wrong type")))
            faults.append(pl.when(pl.col(self._key).is_null()).then(pl.lit(f"{self._key}: missing")))
        rule = both.select(pl.coalesce(*faults, pl.lit(None, pl.String)).alias(RULE))[RULE]
        broken = rule.is_not_null()
        refused = rows.filter(broken).with_columns(rule.filter(broken))
        return typed.filter(~broken), refused

    def decide(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Decisions about typed rows."""
        portfolio = self._scorer.portfolio
        # The row number stands for the applicant: keys of a file may repeat, or not be there.
        number = pl.int_range(pl.len()).cast(self._types[self._key])
        given = rows.select(name for name in self._columns if name in rows.columns)
        absent = {n: t for n, t in self._types.items() if n not in given.columns and n != self._key}
        table = given.select(
            number.alias(self._key),
            pl.all(),
            *(pl.lit(None, dtype).alias(name) for name, dtype in absent.items()),
        ).select(list(self._types))
        tables = {portfolio.training_table: table.lazy(), **self._empty}
        features = build_features(portfolio, tables, self._histories_of(rows)).collect().sort(self._key)
        decisions = self._scorer.decide(features, language=self._language) if features.height else []
        carried = rows.select(name for name in (ROW, self._key) if name in rows.columns)
        return pl.concat([carried, decision_columns(decisions)], how="horizontal")

    def _histories_of(self, rows: pl.DataFrame) -> dict[str, pl.LazyFrame] | None:
        """The aggregates of these rows' applicants, under the numbers of the rows."""
        if self._aggregates is None:
            return None
        numbers = rows.select(
            pl.col(_APPLICANT).alias(self._key), pl.int_range(pl.len()).cast(self._types[self._key]).alias(ROW)
        )
        # Of a table that is sorted by applicant, only the parts between these two are read.
        known = pl.col(self._key).is_between(numbers[self._key].min(), numbers[self._key].max())
        frames = [
            frame.filter(known).join(numbers.lazy(), on=self._key, how="inner").drop(self._key).rename({ROW: self._key})
            for frame in self._aggregates.values()
        ]
        found = pl.collect_all(frames)
        self.with_histories += pl.concat([frame.select(self._key) for frame in found]).n_unique() if found else 0
        return {name: frame.lazy() for name, frame in zip(self._aggregates, found, strict=True)}


def _required(scorer: Scorer) -> frozenset[str]:
    portfolio: Portfolio = scorer.portfolio
    if portfolio.express_columns and scorer.accepts_missing:
        wanted = set(portfolio.express_columns)
    else:
        wanted = {c.name for c in portfolio.application_columns}
    columns = portfolio.application_columns
    return frozenset(c.name for c in columns if c.name in wanted and not c.nullable and c.protected is None)


def _typed(column: Column, given: pl.DataType) -> pl.Expr:
    wanted = POLARS_DTYPES[column.type]()
    value = pl.col(column.name)
    if column.type.is_integer and given.is_float():
        # A fraction must not be cut off in silence.
        value = pl.when(value == value.floor()).then(value)
    return value.cast(wanted, strict=False)


def _fault(column: Column, *, required: bool) -> pl.Expr:
    """Rule that a value breaks, or null; the value as it came is beside the typed one."""
    name = column.name
    value, came = pl.col(name), pl.col(f"{name}{_CAME}")
    is_sentinel = pl.lit(value=False) if column.sentinel is None else (value == column.sentinel).fill_null(value=False)
    rules = [(value.is_null() & came.is_not_null(), "wrong type")]
    if required:
        rules.append((came.is_null(), "missing"))
    if column.allowed is not None:
        rules.append((~value.is_in(list(column.allowed)) & ~is_sentinel, "not allowed"))
    if column.type.is_numeric and not column.type.is_integer:
        rules.append((~value.is_finite(), "not a finite number"))
    if column.minimum is not None:
        rules.append(((value < column.minimum) & ~is_sentinel, f"below {column.minimum:g}"))
    if column.maximum is not None:
        rules.append(((value > column.maximum) & ~is_sentinel, f"above {column.maximum:g}"))
    return pl.coalesce(*(pl.when(broken).then(pl.lit(f"{name}: {words}")) for broken, words in rules))
