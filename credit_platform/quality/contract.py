"""The Pandera contract of a table, and its enforcement on whatever is about to be stored.

What is here: `contract` (a schema generated from the declared columns) and `enforce` (streamed validation).
What to add here: Pandera features that a declaration can express.
What must not be here: rules of its own; those are in `rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from credit_platform.errors import ContractError
from credit_platform.lakehouse.csv_files import POLARS_TYPES
from credit_platform.portfolios.portfolio import Column, SourceTable
from credit_platform.quality.keys import repeated_keys
from credit_platform.quality.rules import Rule, row_rules

_BATCH_ROWS = 1_000_000
_SHOWN_FAILURES = 10


def contract(table: SourceTable) -> pa.DataFrameSchema:
    """Build the Pandera schema of `table`: columns in order, types, nullability, allowed values, ranges, primary key.

    Validate with `config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA)` and `lazy=True`; `enforce` does.
    """
    return _schema(table, unique=list(table.primary_key) or None)


def enforce(table: SourceTable, frame: pl.LazyFrame | pl.DataFrame) -> None:
    """Check `frame` against the contract of `table`, in batches, so that memory does not grow with the table.

    Raises:
        ContractError: the message lists the checks that failed, with the number of rows of each.
    """
    lazy = frame.lazy()
    schema = _schema(table, unique=None)  # a key must be unique over all batches, not within one
    failures: dict[str, int] = {}
    for batch in _batches(lazy):
        for failure, rows in _failures(schema, batch).items():
            failures[failure] = failures.get(failure, 0) + rows
        if any(failure.startswith("schema:") for failure in failures):
            break  # columns or types are wrong: the other batches have the same ones
    if not failures and table.primary_key and (repeated := repeated_keys(lazy, table.primary_key)):
        failures[f"duplicate_key: {', '.join(table.primary_key)}"] = repeated
    if failures:
        raise _contract_error(table, failures)


def _schema(table: SourceTable, unique: list[str] | None) -> pa.DataFrameSchema:
    rules = row_rules(table)
    columns = {
        column.name: _column(column, [rule for rule in rules if rule.column == column.name]) for column in table.columns
    }
    return pa.DataFrameSchema(
        columns, name=table.name, description=table.description, strict=True, ordered=True, unique=unique
    )


def _column(column: Column, rules: list[Rule]) -> pa.Column:
    nullable = not any(rule.name.startswith("not_null:") for rule in rules)
    checks = [_check(rule) for rule in rules if not rule.name.startswith("not_null:")]
    return pa.Column(
        POLARS_TYPES[column.type], checks=checks, nullable=nullable, required=True, description=column.description
    )


def _check(rule: Rule) -> pa.Check:
    def passes(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(~rule.broken)

    return pa.Check(passes, name=rule.name, error=f"{rule.name} ({rule.says})")


def _batches(lazy: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """Yield the rows in batches; one empty batch when there are none, so that the columns are checked all the same."""
    empty = True
    for batch in lazy.collect_batches(chunk_size=_BATCH_ROWS, maintain_order=False, engine="streaming"):
        empty = False
        yield batch
    if empty:
        yield lazy.collect_schema().to_frame()


def _failures(schema: pa.DataFrameSchema, batch: pl.DataFrame) -> dict[str, int]:
    """Validate one batch; rows (at least 1) by failed check. Keys of wrong columns or types start with `schema:`."""
    try:
        with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            schema.validate(batch, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases.group_by("schema_context", "column", "check").len()
        return {_named(row): int(row["len"]) for row in cases.iter_rows(named=True)}
    return {}


def _named(case: dict[str, str]) -> str:
    check = case["check"]
    if check.startswith("not_nullable"):
        return f"not_null:{case['column']}"
    if case["schema_context"] == "Column" and ":" in check:
        return check
    return f"schema: {check} ({case['column']})"


def _contract_error(table: SourceTable, failures: dict[str, int]) -> ContractError:
    worst = sorted(failures.items(), key=lambda item: (-item[1], item[0]))
    shown = "; ".join(f"{name}: {rows} rows" for name, rows in worst[:_SHOWN_FAILURES])
    more = f"; and {len(worst) - _SHOWN_FAILURES} more" if len(worst) > _SHOWN_FAILURES else ""
    return ContractError(
        f"Table {table.name} breaks its contract (version {table.contract_version}): {shown}{more}.",
        "It was not written. Correct what makes the table, or the contract where the contract is wrong.",
    )
