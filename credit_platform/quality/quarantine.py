"""Setting wrong rows aside: the careful way to read a file, in which an odd column is text until it proves to be more.

What is here: `split_rows`, `odd_columns`, `judging_steps` (which every engine shares) and `count_by_rule`.
What to add here: a rule that needs more than one row (as duplicate keys do).
What must not be here: rules on single rows (see `rules.py`), and what a value is (see `values`).
"""

from __future__ import annotations

import uuid
from pathlib import Path

import polars as pl

from credit_platform.lakehouse.csv_files import RawFile, extract_lines, scan_csv_partly, scan_csv_text
from credit_platform.portfolios.source_table import Column, SourceTable
from credit_platform.quality.keys import key_hash, repeated_hashes, repeated_keys
from credit_platform.quality.rules import DUPLICATE_KEY, SEPARATOR, read_rules
from credit_platform.quality.staging import sorted_rows, stage, stage_all
from credit_platform.values import ColumnRead, of_text, reads_as_it_is

RULE = "rule"
LINE = "line"

TEXT = "__text__"
"""Before the name of a column that is still text."""

_WRONG = "__wrong__"
_LINE = "__line__"


def split_rows(table: SourceTable, raw_file: RawFile, staging: Path | None) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Read the file again and divide its rows: kept (typed), rejected (text, broken rules, line).

    Of rows with the same primary key the one on the earliest line is kept, among rows that are right otherwise. Only
    columns that hold something odd are read as text and by the rule; the others the reader takes as they are. The
    names of rules are found for wrong rows only.
    """
    valid, lines = _divide(table, raw_file, odd_columns(table, raw_file), staging)
    wrong = _judged(table, _rows_on(table, raw_file, lines, staging))
    later = _later_lines(table, valid)
    if later.len():
        valid = valid.join(later.to_frame().lazy(), on=_LINE, how="anti", maintain_order="left")
        repeated = _rows_on(table, raw_file, later.sort(), staging)
        wrong = pl.concat([wrong, repeated.select(*_texts(table), pl.lit(DUPLICATE_KEY).alias(RULE), _LINE)])
    rejected = wrong.rename({_LINE: LINE}).sort(LINE)
    kept = sorted_rows(table, valid.select(table.column_names))
    return stage(kept, table.name, staging), stage(rejected, f"{table.name}__rejected", staging)


def odd_columns(table: SourceTable, raw_file: RawFile) -> frozenset[str]:
    """Columns with a text that the typed reader does not take as the rule has it: `24.0` for an integer, `NA`, `abc`.

    One pass over the file, that keeps nothing.
    """
    text = scan_csv_text(raw_file, table, _LINE)
    odd = [(~reads_as_it_is(column, pl.col(column.name))).any().alias(column.name) for column in table.columns]
    found = text.select(odd).collect(engine="streaming").row(0, named=True)
    return frozenset(name for name, is_odd in found.items() if is_odd)


def _divide(
    table: SourceTable, raw_file: RawFile, odd: frozenset[str], staging: Path | None
) -> tuple[pl.LazyFrame, pl.Series]:
    """Right rows, typed, with their line; and the lines of wrong ones."""
    reads = {c.name: of_text(c, pl.col(TEXT + c.name)) for c in table.columns if c.name in odd}
    rows = scan_csv_partly(raw_file, table, odd, _LINE).rename({name: TEXT + name for name in odd})
    typed = rows.with_columns(read.value.alias(name) for name, read in reads.items())
    judged = typed.with_columns(pl.any_horizontal(read_rules(table, reads).values()).alias(_WRONG))
    parts = {
        f"{table.name}__valid": judged.filter(~pl.col(_WRONG)).select(*table.column_names, _LINE),
        f"{table.name}__wrong": judged.filter(_WRONG).select(_LINE),
    }
    valid, wrong = stage_all(parts, staging)
    return valid, wrong.collect(engine="streaming")[_LINE].sort()


def _rows_on(table: SourceTable, raw_file: RawFile, lines: pl.Series, staging: Path | None) -> pl.LazyFrame:
    """The rows on `lines` (ascending) as text, with their lines."""
    if staging is None or raw_file.multiline or not lines.len():
        return _text(table, raw_file).filter(pl.col(_LINE).is_in(lines.implode()))
    few = extract_lines(raw_file, lines, staging / f"{table.name}__{uuid.uuid4().hex}.csv")
    return pl.concat([_text(table, few).drop(_LINE), lines.to_frame().lazy()], how="horizontal")


def _judged(table: SourceTable, text: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of text that are wrong, with the names of the rules they break."""
    typing, judging = judging_steps(table, RULE)
    return text.with_columns(typing).with_columns(judging).select(*_texts(table), RULE, _LINE)


def _text(table: SourceTable, raw_file: RawFile) -> pl.LazyFrame:
    return scan_csv_text(raw_file, table, _LINE).rename({name: TEXT + name for name in table.column_names})


def _texts(table: SourceTable) -> list[pl.Expr]:
    return [pl.col(TEXT + name).alias(name) for name in table.column_names]


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
    reads = {column.name: _read(column) for column in table.columns}
    broken = [pl.when(condition).then(pl.lit(name)) for name, condition in _in_order(table, reads).items()]
    judgement = pl.concat_str(broken, separator=SEPARATOR, ignore_nulls=True).alias(rule)
    return [read.value.alias(name) for name, read in reads.items()], [judgement]


def _in_order(table: SourceTable, reads: dict[str, ColumnRead]) -> dict[str, pl.Expr]:
    """Rules by name, those of types first: a value of the wrong type explains what else is wrong with its row."""
    rules = read_rules(table, reads)
    return dict(sorted(rules.items(), key=lambda rule: not rule[0].startswith("type:")))


def _read(column: Column) -> ColumnRead:
    return of_text(column, pl.col(TEXT + column.name))


def _later_lines(table: SourceTable, valid: pl.LazyFrame) -> pl.Series:
    """Lines of the rows of `valid` whose primary key a row on an earlier line has."""
    key = list(table.primary_key)
    if not key or not repeated_keys(valid, key):
        return pl.Series(_LINE, [], dtype=pl.Int64)
    suspects = valid.filter(key_hash(key).is_in(repeated_hashes(valid, key_hash(key)).implode()))
    lines = suspects.select(*key, _LINE).collect(engine="streaming")
    return lines.filter(pl.col(_LINE) > pl.col(_LINE).min().over(key))[_LINE]
