"""What a value of a declared column is, at every door.

What is here: the one rule by which a value that came from outside (a cell of a file, a field of a request, a column of
a Parquet file) is null, a value of its column's type, or at fault: `ValueRule` for one value and for many, `of_text`
and `of_dtype` for whole Polars columns, `broken` for columns that have their type already (`rule.py`,
`columns.py`, on `grammar.py` and `faults.py`); `identify` and `canonical_keys` for who an applicant is (`identity.py`).
What to add here: whatever a `Column` learns to declare about its values, in all of these forms at once;
`credit_platform_tests/value_cases.py` has the cases that every door is held to.
What must not be here: what a door does about a fault (a rejected row, an HTTP status, a sentence), files, and pandera
or pandas: the service reads by this rule, too.

docs/data.md, "What a value is", says the rule in words; ADR 0009 says why there is one.
"""

from __future__ import annotations

from credit_platform.values.columns import (
    POLARS_TYPES,
    ColumnRead,
    broken,
    first_fault,
    of_dtype,
    of_text,
    read_series,
    reads_as_it_is,
)
from credit_platform.values.faults import Fault
from credit_platform.values.identity import canonical_keys, has_number_as_key, identify, key_column, plain_number
from credit_platform.values.rule import MAX_TEXT, Value, ValueRule

__all__ = [
    "MAX_TEXT",
    "POLARS_TYPES",
    "ColumnRead",
    "Fault",
    "Value",
    "ValueRule",
    "broken",
    "canonical_keys",
    "first_fault",
    "has_number_as_key",
    "identify",
    "key_column",
    "of_dtype",
    "of_text",
    "plain_number",
    "read_series",
    "reads_as_it_is",
]
