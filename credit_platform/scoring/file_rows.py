"""Rows of a file of applications: checked against the contract, and scored with their applicants' histories.

What is here: `FileRows`, which treats one piece of a file.
What to add here: what a piece of a file needs besides the decisions about its rows.
What must not be here: reading and writing files (`score_file.py`), and what a value is (`credit_platform.values`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from credit_platform.errors import RequestError
from credit_platform.features import build_features
from credit_platform.features.required import required_columns
from credit_platform.files.csv_text import listed
from credit_platform.portfolios.source_table import Column
from credit_platform.scoring.decision import DataUsed, Decision, Language
from credit_platform.scoring.header import Ignored, unwanted_columns
from credit_platform.scoring.score_table import decision_columns
from credit_platform.scoring.scorer import Scorer
from credit_platform.values import POLARS_TYPES, Fault, canonical_keys, read_series

RULE = "rule"
ROW = "row"
HISTORIES = "histories"
"""Column of the result: `given`, `stored`, or one of the two below."""
SENTENCES = "sentences"
"""Column of the result, where it is asked for: the reasons as the applicant is told them."""
NONE_KNOWN, NOT_LOOKED_UP = "none known", "not looked up"
Aggregates = Mapping[str, pl.LazyFrame]
"""Feature groups over other tables by name: applicant key and the group's features, one row per applicant."""
# A line feed is in no column name of a contract.
_APPLICANT = "applicant\n"


class FileRows:
    """Checks and scores pieces of a file."""

    def __init__(
        self,
        scorer: Scorer,
        language: Language,
        aggregates: Aggregates | None = None,
        *,
        stored: str | None = None,
        sentences: bool = False,
    ) -> None:
        """Prepare the rules; without `aggregates` nobody's histories are looked at.

        `stored` names the table and version that they were taken from; None when they were given as files.
        """
        portfolio = scorer.portfolio
        self.with_histories = 0
        self._scorer = scorer
        self._language = language
        self._key = portfolio.applicant_key
        self._aggregates = aggregates
        self._used = DataUsed() if aggregates is None else DataUsed(histories=scorer.history_tables, stored=stored)
        self._sentences = sentences
        self._found_label = "given" if stored is None else "stored"
        self._says_histories = bool(scorer.history_tables)
        table = portfolio.table(portfolio.training_table)
        self._columns = {c.name: c for c in portfolio.application_columns if c.protected is None}
        self._types = {c.name: POLARS_TYPES[c.type]() for c in table.columns}
        self._key_column = table.column(self._key)
        self._required = required_columns(portfolio, reduced=scorer.accepts_missing)
        others = [t for t in portfolio.tables if t.name != portfolio.training_table]
        self._empty = {t.name: pl.LazyFrame(schema={c.name: POLARS_TYPES[c.type]() for c in t.columns}) for t in others}

    def check_header(self, names: Sequence[str], ignore: Collection[Ignored] = ()) -> list[str]:
        """Refuse columns that must not be there, all at once, and miss those that must.

        Args:
            names: of the file.
            ignore: kinds to leave unread instead: protected attributes; the outcome, which a training file has.

        Returns:
            The columns to read.

        Raises:
            RequestError: the columns are named, by kind, each with its cure; `field` is the first.
        """
        unwanted = unwanted_columns(self._scorer.portfolio, names, (self._key,))
        protected = () if "protected" in ignore else unwanted.protected
        target = () if "target" in ignore else unwanted.target
        kinds = (
            (protected, "protected attributes, which no decision may use", "--ignore-protected leaves those unread"),
            (target, "the outcome, which the model predicts", "--ignore-target leaves the outcome unread"),
            (unwanted.unknown, "no columns of an application", "or correct the names"),
        )
        faults = [(listed(found), what, cure) for found, what, cure in kinds if found]
        if faults:
            what = "; ".join(f"{found}: {words}" for found, words, _ in faults)
            cures = "; ".join(dict.fromkeys(["leave them out", *(cure for *_, cure in faults)]))
            first = (*protected, *target, *unwanted.unknown)[0]
            raise RequestError(f"The file has columns that it must not have. {what}.", f"{cures.capitalize()}.", first)
        needed = self._required if self._aggregates is None else self._required | {self._key}
        missing = sorted(needed - set(names))
        if missing:
            word = "columns are" if len(missing) > 1 else "column is"
            raise RequestError(
                f"The {word} missing: {listed(missing)}.", "Add to the file what is missing.", missing[0]
            )
        return [name for name in names if name not in (*unwanted.protected, *unwanted.target)]

    def split(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Rows to score, typed, and rows at fault as they came, with the rule."""
        read = {
            name: read_series(column, rows[name], required=name in self._required)
            for name, column in self._columns.items()
            if name in rows.columns
        }
        typed = rows.with_columns(values for values, _ in read.values())
        said = [_said(self._columns[name], faults) for name, (_, faults) in read.items() if faults is not None]
        if self._key in rows.columns:
            keys, faults = self._keys(rows[self._key])
            typed = typed.with_columns(keys)
            said += [] if faults is None else [_said(self._key_column, faults)]
        if not said:
            return typed, rows.clear().with_columns(pl.lit(None, pl.String).alias(RULE))
        rule = pl.select(pl.coalesce(said).alias(RULE)).to_series()
        refused = rows.filter(rule.is_not_null()).with_columns(rule.drop_nulls())
        return typed.filter(rule.is_null()), refused

    def _keys(self, keys: pl.Series) -> tuple[list[pl.Series], pl.Series | None]:
        """Keys as they are carried over, and as histories know them where there are any; and what is wrong with each.

        A key that the contract declares an integer is written in its plain form. Without histories nobody is looked
        up, so that a name from elsewhere will do; a number that no key can be never does.
        """
        known, faults = read_series(self._key_column, keys, required=self._aggregates is not None)
        if not self._key_column.type.is_integer:
            return [keys, known.alias(_APPLICANT)], faults
        carried = known.cast(pl.Int64 if keys.dtype.is_numeric() else pl.String)
        if faults is not None and self._aggregates is None:
            named, faults = canonical_keys(self._key_column, keys)
            carried = named.cast(carried.dtype)
        return [carried, known.alias(_APPLICANT)], faults

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
        histories, known = self._histories_of(rows)
        features = build_features(portfolio, tables, histories).collect().sort(self._key)
        decisions = self._decisions(features) if features.height else []
        carried = rows.select(name for name in (ROW, self._key) if name in rows.columns)
        if self._sentences:
            carried = carried.with_columns(_sentences(decisions))
        return pl.concat([carried, decision_columns(decisions), *self._told(rows.height, known)], how="horizontal")

    def _decisions(self, features: pl.DataFrame) -> list[Decision]:
        cases = self._scorer.cases_of(features, self._language, self._used)
        return self._scorer.decide(self._scorer.margins(features), cases)

    def _told(self, rows: int, known: pl.Series) -> list[pl.DataFrame]:
        """For each row where its applicant's histories came from; nothing where a portfolio has none."""
        if not self._says_histories:
            return []
        if self._aggregates is None:
            return [pl.DataFrame({HISTORIES: pl.Series([NOT_LOOKED_UP] * rows, dtype=pl.String)})]
        number = pl.Series(range(rows), dtype=self._types[self._key])
        found = number.is_in(known.implode())
        label = pl.when(found).then(pl.lit(self._found_label)).otherwise(pl.lit(NONE_KNOWN))
        return [pl.select(label.alias(HISTORIES)) if rows else pl.DataFrame(schema={HISTORIES: pl.String})]

    def _histories_of(self, rows: pl.DataFrame) -> tuple[dict[str, pl.LazyFrame] | None, pl.Series]:
        """The aggregates of these rows' applicants, under the numbers of the rows; and the numbers that have any."""
        nobody = pl.Series([], dtype=self._types[self._key])
        if self._aggregates is None:
            return None, nobody
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
        having = pl.concat([_with_values(frame, self._key) for frame in found]).unique() if found else nobody
        self.with_histories += having.len()
        return {name: frame.lazy() for name, frame in zip(self._aggregates, found, strict=True)}, having


def _sentences(decisions: list[Decision]) -> pl.Series:
    """What each applicant is told: a family says different things to different people, so codes are not enough."""
    texts = [" ".join(reason.text for reason in decision.reasons) for decision in decisions]
    return pl.Series(SENTENCES, texts, dtype=pl.String)


def _with_values(frame: pl.DataFrame, key: str) -> pl.Series:
    """Keys with a value in any other column: the stored feature table has a row of nulls for who has no history."""
    return frame.filter(pl.any_horizontal(pl.exclude(key).is_not_null()))[key]


def _said(column: Column, faults: pl.Series) -> pl.Series:
    """Faults of a column in words."""
    words = {fault.value: f"{column.name}: {fault.value}" for fault in Fault if fault not in (Fault.BELOW, Fault.ABOVE)}
    words[Fault.BELOW] = f"{column.name}: below {column.minimum or 0:g}"
    words[Fault.ABOVE] = f"{column.name}: above {column.maximum or 0:g}"
    return faults.replace(words)
