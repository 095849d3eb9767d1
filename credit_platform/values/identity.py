"""Who an applicant is: a key that the contract declares an integer is one number, however it is spelt.

What is here: `identify` for one value, `canonical_keys` for a column; `plain_number`, where no contract is at hand.
What to add here: another type of key.
What must not be here: where keys are looked up, and the form that a name from elsewhere must have (`bento`).
"""

from __future__ import annotations

import re
from functools import lru_cache

import polars as pl

from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column, ColumnType
from credit_platform.values.columns import read_series
from credit_platform.values.faults import Fault
from credit_platform.values.grammar import BLANKS
from credit_platform.values.rule import ValueRule

# Wider than any key: older logs hold numbers that no key could be.
_NUMBER = Column(name="key", type=ColumnType.INT64, description="", nullable=True)
_rule = ValueRule(_NUMBER)
_TEXTS = (pl.String, pl.Categorical, pl.Enum)
_digits = re.compile(r"\+?0*([0-9]+)(?:\.0*)?")


def key_column(portfolio: Portfolio) -> Column:
    """The contract of the applicants' key."""
    return portfolio.table(portfolio.training_table).column(portfolio.applicant_key)


def has_number_as_key(portfolio: Portfolio) -> bool:
    """Whether applicants of this portfolio are known by a whole number."""
    return key_column(portfolio).type.is_integer


def identify(portfolio: Portfolio, value: object) -> str | Fault:
    """The one name of an applicant, under which histories, decisions and erasures are found.

    Where the portfolio's key is an integer, a whole number in any spelling (`100002.0`, `"0100002"`, `" 1.00002e5"`) is
    its plain decimal form, `100002`. A text that is no number is a name from elsewhere and stays as it is; it is
    nobody's key. A number that the contract allows no key to be (not whole, below or above its range, too large a float
    to be one number) is a fault: ingestion would reject it, too.
    """
    if has_number_as_key(portfolio):
        read = _read(_rule_of(key_column(portfolio)), value)
        if read is not None:
            return read
    return value if isinstance(value, str) else Fault.WRONG_TYPE


def plain_number(value: object) -> str | Fault | None:
    """The plain decimal form of a whole number in any spelling; None for a text that is no number, else a fault."""
    if isinstance(value, str) and (digits := _digits.fullmatch(value.strip(BLANKS))):
        return digits[1]
    return _read(_rule, value)


def _read(rule: ValueRule, value: object) -> str | Fault | None:
    """As `plain_number`, of what `rule` allows."""
    read = rule.read_cell(value)
    if read is Fault.WRONG_TYPE and isinstance(value, str):
        return None
    if read is None:
        return Fault.MISSING
    return read if isinstance(read, Fault) else str(read)


@lru_cache
def _rule_of(column: Column) -> ValueRule:
    return ValueRule(column)


def canonical_keys(column: Column, keys: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    """A column of integer keys in plain decimal form, names from elsewhere as they are; and the `Fault` of each.

    The same as `identify` for each of them, as texts; nulls stay null and are no fault.
    """
    known, faults = read_series(column, keys, required=False)
    plain = known.cast(pl.String)
    if faults is None:
        return plain, None
    named = (faults == Fault.WRONG_TYPE.value).fill_null(value=False) & (keys.dtype in _TEXTS)
    faults = faults.set(named, None)
    # What is at fault has no name.
    plain = plain.zip_with(faults.is_null(), pl.Series([None], dtype=pl.String)).zip_with(~named, keys.cast(pl.String))
    return plain, faults if faults.null_count() < faults.len() else None
