"""One applicant, one name: what is no key of the contract is none at any door."""

from __future__ import annotations

import polars as pl
import pytest

from credit_platform.portfolios import get_portfolio
from credit_platform.values import Fault, canonical_keys, identify, key_column

HOME_CREDIT = get_portfolio("home_credit")
CASES: list[tuple[object, str | Fault | None]] = [
    *((text, "100002") for text in ("100002", "0100002", "100002.0", " 1.00002e5", "+100002", "\u00a0100002\t")),
    *((text, Fault.BELOW) for text in ("0", "-5", "-0", "0.0", "000")),
    *((text, Fault.BEYOND_TYPE) for text in ("1e300", "2147483648", "-2147483649", "9" * 30, "9" * 6_000, "1e400")),
    *((text, Fault.NOT_WHOLE) for text in ("7.5", "1e-3")),
    *((text, Fault.NOT_FINITE) for text in ("inf", "-nan")),
    *((text, text) for text in ("A-17", "1_000", "٣", "7 8", "N/A")),
    *((number, "7") for number in (7, 7.0)),
    *((number, Fault.BELOW) for number in (0, -5, 0.0)),
    *((number, Fault.BEYOND_TYPE) for number in (2**31, 2**62, 1e300)),
    (7.5, Fault.NOT_WHOLE),
    (True, Fault.WRONG_TYPE),
]
NOTHING = ("", " ", "NA", "NaN", ".", "\\N")


@pytest.mark.parametrize(("value", "expected"), CASES, ids=lambda case: ascii(case)[:20])
def test_one_value_and_a_column_name_the_same_applicant(value: object, expected: str | Fault) -> None:
    assert identify(HOME_CREDIT, value) == expected
    column = key_column(HOME_CREDIT)
    named, faults = canonical_keys(column, pl.Series(column.name, [value, value]))
    fault = expected if isinstance(expected, Fault) else None
    assert named.to_list() == [None if fault else expected] * 2
    assert (faults.to_list() if faults is not None else [None] * 2) == [fault] * 2


@pytest.mark.parametrize("text", NOTHING)
def test_what_stands_for_nothing_names_nobody(text: str) -> None:
    assert identify(HOME_CREDIT, text) is Fault.MISSING
    column = key_column(HOME_CREDIT)
    named, faults = canonical_keys(column, pl.Series(column.name, [text, "0"]))
    assert named.to_list() == [None, None]
    assert faults is not None
    assert faults.to_list() == [None, Fault.BELOW]
