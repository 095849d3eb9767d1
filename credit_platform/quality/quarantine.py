"""Setting wrong rows aside: the careful way to read a file, in which a doubtful row is text until it proves to be more.

What is here: `split_rows`, `suspect_rows`, `judging_steps` (which every engine shares) and `count_by_rule`.
What to add here: a rule that needs more than one row (as duplicate keys do).
What must not be here: rules on single rows (see `rules.py`).
"""

from __future__ import annotations

import uuid
from pathlib import Path

import polars as pl

from credit_platform.lakehouse.csv_files import (
    POLARS_TYPES,
    RawFile,
    extract_lines,
    scan_csv_leniently,
    scan_csv_text,
)
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
_FIRST_LINE = 2
"""Line of the first row: the header is line 1."""
_MOST = 0.5
"""Share of suspect rows above which the whole file is read as text."""


def split_rows(table: SourceTable, raw_file: RawFile, staging: Path | None) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Read the file again and divide its rows: kept (typed), rejected (text, broken rules, line).

    Of rows with the same primary key the one on the earliest line is kept, among rows that are right otherwise. Only
    rows that may be wrong are read as text, where a pass over the typed values can tell which those are.
    """
    suspect = suspect_rows(table, raw_file) if staging and not raw_file.multiline else None
    if staging is None or suspect is None or suspect.sum() > _MOST * raw_file.rows:
        valid, wrong = _judge(table, _text(table, raw_file), staging)
    else:
        valid, wrong = _judge_suspects(table, raw_file, suspect, staging)
    later = _later_lines(table, valid)
    if later.len():
        valid = valid.join(later.to_frame().lazy(), on=_LINE, how="anti", maintain_order="left")
        wrong = pl.concat([wrong, _repeated_rows(table, raw_file, later, staging)])
    rejected = wrong.rename({_LINE: LINE}).sort(LINE)
    kept = sorted_rows(table, valid.select(table.column_names))
    return stage(kept, table.name, staging), stage(rejected, f"{table.name}__rejected", staging)


def suspect_rows(table: SourceTable, raw_file: RawFile) -> pl.Series:
    """Of each row of the file, whether it breaks a rule or holds a value that does not fit its type; Boolean.

    Values are read with their types, and one that does not fit is null. In a column that may be null the text is read
    as well, to tell such a value from one that the file left empty. Rows that only look wrong here (a blank after a
    number) prove right when they are judged. Damage costs two more readings of a large file, not ten times as much as
    reading all of it as text (measured: bureau_balance, 27 million rows).
    """
    ambiguous = [column.name for column in table.columns if column.nullable and column.type.is_numeric]
    read = scan_csv_leniently(raw_file, table, ambiguous, TEXT)
    unreadable = [pl.col(name).is_null() & pl.col(TEXT + name).is_not_null() for name in ambiguous]
    broken = [rule.broken for rule in row_rules(table)]
    return read.select(pl.any_horizontal(*broken, *unreadable)).collect(engine="streaming").to_series()


def _judge_suspects(
    table: SourceTable, raw_file: RawFile, suspect: pl.Series, staging: Path
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """As `_judge` over the whole file, when only the rows marked as `suspect` can be wrong."""
    lines = (suspect.arg_true().cast(pl.Int64) + _FIRST_LINE).alias(_LINE)
    right, wrong = _judge(table, _text_of(table, raw_file, lines, staging), staging)
    typed = scan_csv_leniently(raw_file, table, (), TEXT).with_row_index(_LINE, offset=_FIRST_LINE)
    marked = pl.concat([typed, suspect.alias(_WRONG).to_frame().lazy()], how="horizontal")
    others = marked.filter(~pl.col(_WRONG)).select(*table.column_names, pl.col(_LINE).cast(pl.Int64))
    if right.select(pl.len()).collect(engine="streaming").item() == 0:
        return others, wrong
    return pl.concat([others, right]).sort(_LINE), wrong


def _judge(table: SourceTable, text: pl.LazyFrame, staging: Path | None) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Divide rows of text: right ones typed with their line, wrong ones as text with rule and line.

    Names of rules are put together for wrong rows only, and text is kept of those only.
    """
    typing, judging = judging_steps(table, RULE)
    judged = text.with_columns(typing).with_columns(_is_broken(table).alias(_WRONG))
    texts = [pl.col(TEXT + name).alias(name) for name in table.column_names]
    parts = {
        f"{table.name}__valid": judged.filter(~pl.col(_WRONG)).select(*table.column_names, _LINE),
        f"{table.name}__wrong": judged.filter(_WRONG).with_columns(judging).select(*texts, RULE, _LINE),
    }
    valid, wrong = stage_all(parts, staging)
    return valid, wrong


def _text(table: SourceTable, raw_file: RawFile) -> pl.LazyFrame:
    return scan_csv_text(raw_file, table, _LINE).rename({name: TEXT + name for name in table.column_names})


def _text_of(table: SourceTable, raw_file: RawFile, lines: pl.Series, staging: Path) -> pl.LazyFrame:
    """The rows on `lines` as text, with their lines."""
    few = extract_lines(raw_file, lines, staging / f"{table.name}__{uuid.uuid4().hex}.csv")
    return pl.concat([_text(table, few).drop(_LINE), lines.to_frame().lazy()], how="horizontal")


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
    rules = [type_rule(column, _given(column)) for column in table.columns]
    # A value of the wrong type is no null: only what the file left empty breaks `not_null`.
    empty = {f"not_null:{column.name}": _given(column).is_null() for column in table.columns}
    return [(each.name, empty.get(each.name, each.broken)) for each in (*rules, *row_rules(table))]


def _is_broken(table: SourceTable) -> pl.Expr:
    return pl.any_horizontal(condition for _, condition in _conditions(table))


def _given(column: Column) -> pl.Expr:
    """The text of a value, null where there is none; two quotes hold no number, as the typed reader has it."""
    text = pl.col(TEXT + column.name)
    return pl.when(text != "").then(text) if column.type.is_numeric else text


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


def _repeated_rows(table: SourceTable, raw_file: RawFile, lines: pl.Series, staging: Path | None) -> pl.LazyFrame:
    """The rows on `lines` as the file wrote them, as rejected for their key."""
    if staging is None or raw_file.multiline:
        text = _text(table, raw_file).filter(pl.col(_LINE).is_in(lines.implode()))
    else:
        text = _text_of(table, raw_file, lines.sort(), staging)
    texts = [pl.col(TEXT + name).alias(name) for name in table.column_names]
    return text.select(*texts, pl.lit(DUPLICATE_KEY).alias(RULE), _LINE)
