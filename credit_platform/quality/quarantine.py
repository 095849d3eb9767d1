"""Setting wrong rows aside: the careful way to read a file, in which every value is text until it proves to be more.

What is here: `split_rows`, `judging_steps` (which every engine shares) and `count_by_rule`.
What to add here: a rule that needs more than one row (as duplicate keys do).
What must not be here: rules on single rows (see `rules.py`).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from credit_platform.lakehouse.csv_files import POLARS_TYPES, RawFile, scan_csv_text
from credit_platform.portfolios.portfolio import Column, SourceTable
from credit_platform.quality.rules import DUPLICATE_KEY, SEPARATOR, row_rules, type_rule
from credit_platform.quality.staging import sorted_rows, stage

RULE = "rule"
LINE = "line"

TEXT = "__text__"
"""Before the name of a column that is still text."""

_RULE = "__rule__"
_LINE = "__line__"
_FIRST = "__first__"


def split_rows(table: SourceTable, raw_file: RawFile, staging: Path | None) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Read the file as text and divide its rows: kept (typed), rejected (text, broken rules, line).

    Of rows with the same primary key the one on the earliest line is kept, among rows that are right otherwise.
    """
    judged = stage(_judged(table, raw_file), f"{table.name}__judged", staging)
    judged = _without_repeats(table, judged)
    wrong = pl.col(_RULE) != ""
    kept = sorted_rows(table, judged.filter(~wrong).select(table.column_names))
    texts = [pl.col(TEXT + name).alias(name) for name in table.column_names]
    rejected = judged.filter(wrong).select(*texts, pl.col(_RULE).alias(RULE), pl.col(_LINE).alias(LINE)).sort(LINE)
    return stage(kept, table.name, staging), stage(rejected, f"{table.name}__rejected", staging)


def nothing_rejected(table: SourceTable) -> pl.DataFrame:
    """The table of rejected rows of a file in which every row is right."""
    return pl.DataFrame(schema={**dict.fromkeys(table.column_names, pl.String), RULE: pl.String, LINE: pl.Int64})


def count_by_rule(rejected: pl.LazyFrame) -> dict[str, int]:
    """Rejected rows by rule, most frequent first."""
    rules = rejected.select(pl.col(RULE).str.split(SEPARATOR)).explode(RULE, empty_as_null=False)
    counts = rules.group_by(RULE).len().sort("len", RULE, descending=[True, False]).collect(engine="streaming")
    return {str(rule): int(count) for rule, count in counts.rows()}


def _judged(table: SourceTable, raw_file: RawFile) -> pl.LazyFrame:
    """Each row as text and typed, with the names of the rules it breaks ("" for none) and its line."""
    judged = scan_csv_text(raw_file, table, _LINE).rename({name: TEXT + name for name in table.column_names})
    for step in judging_steps(table, _RULE):
        judged = judged.with_columns(step)
    return judged


def judging_steps(table: SourceTable, rule: str) -> tuple[list[pl.Expr], ...]:
    """Expressions on single rows of text: first the typed columns, then `rule`, the names of the rules broken.

    Text columns are expected under `TEXT` and their name; a row that breaks no rule has "" as its `rule`.
    """
    rules = [type_rule(column, pl.col(TEXT + column.name)) for column in table.columns]
    # A value of the wrong type is no null: only what the file left empty breaks `not_null`.
    empty = {f"not_null:{name}": pl.col(TEXT + name).is_null() for name in table.column_names}
    named = [(each.name, empty.get(each.name, each.broken)) for each in (*rules, *row_rules(table))]
    broken = [pl.when(condition).then(pl.lit(name)) for name, condition in named]
    judgement = pl.concat_str(broken, separator=SEPARATOR, ignore_nulls=True).alias(rule)
    return [_typed(column) for column in table.columns], [judgement]


def _typed(column: Column) -> pl.Expr:
    value = pl.col(TEXT + column.name)
    if column.type.is_numeric:
        # The typed reader skips blanks before a number; do the same, so that both paths keep the same rows.
        value = value.str.strip_chars(" ").cast(POLARS_TYPES[column.type], strict=False)
    return value.alias(column.name)


def _without_repeats(table: SourceTable, judged: pl.LazyFrame) -> pl.LazyFrame:
    """Mark rows whose key an earlier valid row has."""
    key = list(table.primary_key)
    if not key:
        return judged
    valid = judged.filter(pl.col(_RULE) == "")
    groups = valid.group_by(key).agg(pl.len().alias("rows"), pl.col(_LINE).min().alias(_FIRST))
    repeated = groups.filter(pl.col("rows") > 1).drop("rows").collect(engine="streaming")
    if repeated.is_empty():
        return judged
    joined = judged.join(repeated.lazy(), on=key, how="left", maintain_order="left")
    later = (pl.col(_RULE) == "") & (pl.col(_LINE) > pl.col(_FIRST)).fill_null(value=False)
    return joined.with_columns(pl.when(later).then(pl.lit(DUPLICATE_KEY)).otherwise(_RULE).alias(_RULE))
