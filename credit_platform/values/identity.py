"""Who an applicant is: a key that the contract declares an integer is one number, however it is spelt.

What is here: `identify` for one value, `canonical_keys` for a column of keys, `plain_number` under both.
What to add here: another type of key.
What must not be here: where keys are looked up, and the form that a name from elsewhere must have (`bento`).
"""

from __future__ import annotations

import re

import polars as pl

from credit_platform.portfolios.portfolio import Column, ColumnType, Portfolio
from credit_platform.values.columns import ColumnRead, of_dtype
from credit_platform.values.faults import Fault
from credit_platform.values.grammar import BLANKS, NUMBER, anchored
from credit_platform.values.rule import ValueRule

# Wider than any key: an identifier of another system may be a number that no key could be.
_NUMBER = Column(name="key", type=ColumnType.INT64, description="", nullable=True)
_rule = ValueRule(_NUMBER)
_digits = re.compile(r"\+?0*([0-9]+)(?:\.0*)?")


def has_number_as_key(portfolio: Portfolio) -> bool:
    """Whether applicants of this portfolio are known by a whole number."""
    return portfolio.table(portfolio.training_table).column(portfolio.applicant_key).type.is_integer


def identify(portfolio: Portfolio, value: object) -> str | Fault:
    """The one name of an applicant, under which histories, decisions and erasures are found.

    Where the portfolio's key is an integer, a whole number in any spelling (`100002.0`, `"0100002"`, `" 1.00002e5"`) is
    its plain decimal form, `100002`. A text that is no number is a name from elsewhere and stays as it is; it is
    nobody's key. A number that is not whole, or too large a float to be one number, is a fault: it was a key once.
    """
    if has_number_as_key(portfolio):
        number = plain_number(value)
        if number is not None:
            return number
    return value if isinstance(value, str) else Fault.WRONG_TYPE


def plain_number(value: object) -> str | Fault | None:
    """The plain decimal form of a whole number in any spelling; None for a text that is no number, else a fault."""
    if isinstance(value, str) and (digits := _digits.fullmatch(value.strip(BLANKS))):
        return digits[1]
    read = _rule.read_cell(value)
    if read is Fault.WRONG_TYPE and isinstance(value, str):
        return None
    if read is None:
        return Fault.MISSING
    return read if isinstance(read, Fault) else str(read)


def canonical_keys(keys: pl.Expr, dtype: pl.DataType) -> tuple[pl.Expr, ColumnRead]:
    """A column of integer keys as their plain decimal form, names from elsewhere as they are; and how it was read.

    What is a number and not a whole one is null in the first.
    """
    read = of_dtype(_NUMBER, keys, dtype)
    plain = read.value.cast(pl.String)
    if dtype.is_numeric():
        return plain, read
    text = keys.cast(pl.String)
    named = pl.when(~text.str.strip_chars(BLANKS).str.contains(anchored(NUMBER)) & read.given).then(text)
    return pl.coalesce(plain, named), read
