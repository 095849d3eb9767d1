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
from credit_platform.quality.keys import key_hash, repeated_hashes, repeated_keys
from credit_platform.quality.rules import DUPLICATE_KEY, SEPARATOR, row_rules, type_rule
from credit_platform.quality.staging import sorted_rows, stage, stage_all

RULE = "rule"
LINE = "line"

TEXT = "__text__"
"""Before the name of a column that is still text."""

_WRONG = "__wrong__"
_LINE = "__line__"


def split_rows(table: SourceTable, raw_file: RawFile, staging: Path | None) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Read the file as text and divide its rows: kept (typed), rejected (text, broken rules, line).

    Of rows with the same primary key the one on the earliest line is kept, among rows that are right otherwise. Names
    of rules are put together for wrong rows only, and text is kept of those only, so that a damaged row in a large file
    costs about one more reading of it.
    """
    text = scan_csv_text(raw_file, table, _LINE).rename({name: TEXT + name for name in table.column_names})
    typing, judging = judging_steps(table, RULE)
    judged = text.with_columns(typing).with_columns(_is_broken(table).alias(_WRONG))
    texts = [pl.col(TEXT + name).alias(name) for name in table.column_names]
    parts = {
        f"{table.name}__valid": judged.filter(~pl.col(_WRONG)).select(*table.column_names, _LINE),
        f"{table.name}__wrong": judged.filter(_WRONG).with_columns(judging).select(*texts, RULE, _LINE),
    }
    valid, wrong = stage_all(parts, staging)
    later = _later_lines(table, valid)
    if later.len():
        valid = valid.join(later.to_frame().lazy(), on=_LINE, how="anti", maintain_order="left")
        wrong = pl.concat([wrong, _repeated_rows(table, raw_file, later)])
    rejected = wrong.rename({_LINE: LINE}).sort(LINE)
    kept = sorted_rows(table, valid.select(table.column_names))
    return stage(kept, table.name, staging), stage(rejected, f"{table.name}__rejected", staging)


def nothing_rejected(table: SourceTable) -> pl.DataFrame:
    """The table of rejected rows of a file in which every row is right."""
    return pl.DataFrame(schema={**dict.fromkeys(table.column_names, pl.String), RULE: pl.String, LINE: pl.Int64})


def count_by_rule(rejected: pl.LazyFrame) -> dict[str, int]:
    """Rejected rows by rule, most frequent first."""
    rules = rejected.select(pl.col(RULE).str.split(SEPARATOR)).explode(RULE, empty_as_null=False)
    counts = rules.group_by(RULE).len().sort("len", RULE, descending=[True, False]).collect(engine="streaming")
    return {str(rule): int(count) for rule, count in counts.rows()}


def judging_steps(table: SourceTable, rule: str) -> tuple[list[pl.Expr], ...]:
    """Expressions on single rows of text: first the typed columns, then `rule`, the names of the rules broken.

    Text columns are expected under `TEXT` and their name; a row that breaks no rule has "" as its `rule`.
    """
    broken = [pl.when(condition).then(pl.lit(name)) for name, condition in _conditions(table)]
    judgement = pl.concat_str(broken, separator=SEPARATOR, ignore_nulls=True).alias(rule)
    return [_typed(column) for column in table.columns], [judgement]


def _conditions(table: SourceTable) -> list[tuple[str, pl.Expr]]:
    """Every rule by name with what is true of rows that break it, over typed columns and their texts."""
    rules = [type_rule(column, pl.col(TEXT + column.name)) for column in table.columns]
    # A value of the wrong type is no null: only what the file left empty breaks `not_null`.
    empty = {f"not_null:{name}": pl.col(TEXT + name).is_null() for name in table.column_names}
    return [(each.name, empty.get(each.name, each.broken)) for each in (*rules, *row_rules(table))]


def _is_broken(table: SourceTable) -> pl.Expr:
    return pl.any_horizontal(condition for _, condition in _conditions(table))


def _typed(column: Column) -> pl.Expr:
    value = pl.col(TEXT + column.name)
    if column.type.is_numeric:
        # The typed reader skips blanks before a number; do the same, so that both paths keep the same rows.
        value = value.str.strip_chars(" ").cast(POLARS_TYPES[column.type], strict=False)
    return value.alias(column.name)


def _later_lines(table: SourceTable, valid: pl.LazyFrame) -> pl.Series:
    """Lines of the rows of `valid` whose primary key a row on an earlier line has."""
    key = list(table.primary_key)
    if not key or not repeated_keys(valid, key):
        return pl.Series(_LINE, [], dtype=pl.Int64)
    suspects = valid.filter(key_hash(key).is_in(repeated_hashes(valid, key_hash(key)).implode()))
    lines = suspects.select(*key, _LINE).collect(engine="streaming")
    return lines.filter(pl.col(_LINE) > pl.col(_LINE).min().over(key))[_LINE]


def _repeated_rows(table: SourceTable, raw_file: RawFile, lines: pl.Series) -> pl.LazyFrame:
    """The rows on `lines` as the file wrote them, as rejected for their key."""
    text = scan_csv_text(raw_file, table, _LINE).filter(pl.col(_LINE).is_in(lines.implode()))
    return text.select(*table.column_names, pl.lit(DUPLICATE_KEY).alias(RULE), _LINE)
