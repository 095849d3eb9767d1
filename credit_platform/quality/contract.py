"""The Pandera contract of a table, and its enforcement on whatever is about to be stored.

What is here: `contract` (a schema generated from the declared columns) and `enforce` (streamed validation).
What to add here: Pandera features that a declaration can express.
What must not be here: rules of its own; those are in `rules.py`.
"""

from __future__ import annotations

from collections import Counter

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from credit_platform.errors import ContractError
from credit_platform.portfolios.source_table import Column, SourceTable
from credit_platform.quality.keys import repeated_keys
from credit_platform.quality.rules import Rule, row_rules
from credit_platform.values import POLARS_TYPES

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
    if wrong := _shape_failures(schema, lazy):
        raise _contract_error(table, wrong)
    rows: Counter[str] = Counter()
    for batch in lazy.collect_batches(chunk_size=_BATCH_ROWS, maintain_order=False, engine="streaming"):
        rows.update(_value_failure(case) for case in _failures(schema, batch))
    if not rows and table.primary_key and (repeated := repeated_keys(lazy, table.primary_key)):
        rows[f"duplicate_key ({', '.join(table.primary_key)})"] = repeated
    if rows:
        raise _contract_error(table, [f"{name}: {count:,} rows" for name, count in rows.most_common()])


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


def _failures(schema: pa.DataFrameSchema, batch: pl.DataFrame) -> list[dict[str, str]]:
    """Validate one batch; Pandera's failure cases."""
    try:
        with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            schema.validate(batch, lazy=True)
    except SchemaErrors as errors:
        cases: list[dict[str, str]] = errors.failure_cases.to_dicts()
        return cases
    return []


def _shape_failures(schema: pa.DataFrameSchema, lazy: pl.LazyFrame) -> list[str]:
    """Say what is wrong with the columns of a table; rules that fail only because a type is wrong are left out."""
    told = {
        "column_in_schema": "column {failure_case} is not part of it",
        "column_in_dataframe": "column {failure_case} is missing",
        "column_ordered": "column {failure_case} is out of order",
    }
    cases = _failures(schema, lazy.collect_schema().to_frame())
    failures = [told[case["check"]].format_map(case) for case in cases if case["check"] in told]
    types = [case for case in cases if case["check"].startswith("dtype(")]
    return failures + [
        f"column {case['column']} is {case['failure_case']}, not {case['check'][7:-2]}" for case in types
    ]


def _value_failure(case: dict[str, str]) -> str:
    return f"not_null:{case['column']}" if case["check"] == "not_nullable" else case["check"]


def _contract_error(table: SourceTable, failures: list[str]) -> ContractError:
    more = f"; and {len(failures) - _SHOWN_FAILURES} more" if len(failures) > _SHOWN_FAILURES else ""
    return ContractError(
        f"Table {table.name} breaks its contract (version {table.contract_version}): "
        f"{'; '.join(failures[:_SHOWN_FAILURES])}{more}.",
        "It was not written. Correct what makes the table, or the contract where the contract is wrong.",
    )
