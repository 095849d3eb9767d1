"""What a person asks of stored versions."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import TableNotFoundError
from credit_platform.lakehouse import CommitInfo, Judged, Lakehouse, Verdict, refused_key
from credit_platform.lakehouse.lookup import in_force_by_exception, refused_since, require_table, rows_set_aside
from credit_platform.portfolios import get_portfolio

PORTFOLIO = get_portfolio("german_credit")
RAW = "german_credit/raw/applications"
FRAME = pl.DataFrame({"x": [1, 2]})
REFUSAL = Judged(
    verdicts=(
        Verdict(check="passes", passed=True, message="."),
        Verdict(check="refuses", passed=False, message="."),
        Verdict(check="warns", passed=False, message=".", warns=True),
    ),
    rules="r",
)


@pytest.fixture
def lakehouse(tmp_path: Path) -> Lakehouse:
    return Lakehouse(str(tmp_path))


def test_a_key_that_names_nothing_is_answered_with_those_there_are(lakehouse: Lakehouse) -> None:
    with pytest.raises(TableNotFoundError, match=r"none yet: credit-platform run german_credit makes them"):
        require_table(lakehouse, RAW)
    lakehouse.write(RAW, FRAME)
    require_table(lakehouse, RAW)
    with pytest.raises(TableNotFoundError, match=rf"no table '{RAW}x'.*Called nearly so: {RAW}. "):
        require_table(lakehouse, f"{RAW}x")
    with pytest.raises(TableNotFoundError, match=r"no table 'xyz'. credit-platform tables lists all 1."):
        require_table(lakehouse, "xyz")


def test_of_a_table_that_was_only_refused_it_is_said_where_to_look(lakehouse: Lakehouse) -> None:
    lakehouse.write(refused_key(RAW), FRAME, summary=REFUSAL.recorded())
    with pytest.raises(TableNotFoundError, match=f"no version in force.*credit-platform show {RAW}__refused"):
        require_table(lakehouse, RAW)


def test_a_refusal_counts_until_something_newer_is_in_force(lakehouse: Lakehouse) -> None:
    assert refused_since(lakehouse, RAW) is None
    lakehouse.write(RAW, FRAME)
    assert refused_since(lakehouse, RAW) is None
    refused = lakehouse.write(refused_key(RAW), FRAME, summary=REFUSAL.recorded())
    found = refused_since(lakehouse, RAW)
    assert found is not None
    assert (found.version.version, found.checks) == (refused.version, ("refuses",))
    lakehouse.write(RAW, FRAME)
    assert refused_since(lakehouse, RAW) is None


def test_rows_set_aside_and_exceptions_are_those_of_the_newest_version(lakehouse: Lakehouse) -> None:
    aside = "german_credit/raw/applications__rejected"
    assert (rows_set_aside(lakehouse, PORTFOLIO), in_force_by_exception(lakehouse, PORTFOLIO)) == ([], [])
    lakehouse.write(aside, FRAME)
    lakehouse.write(RAW, FRAME, info=CommitInfo(exception="Accepted by A."))
    ((table, version),) = rows_set_aside(lakehouse, PORTFOLIO)
    assert (table.name, version.key, version.rows) == ("applications", aside, 2)
    assert [one.exception for one in in_force_by_exception(lakehouse, PORTFOLIO)] == ["Accepted by A."]
    lakehouse.write(aside, FRAME.clear())
    lakehouse.write(RAW, FRAME)
    assert (rows_set_aside(lakehouse, PORTFOLIO), in_force_by_exception(lakehouse, PORTFOLIO)) == ([], [])
