"""Outcomes of whoever is erased go from every version, and those of others stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from credit_platform.errors import TableNotFoundError
from credit_platform.monitoring.decisions.forgetting import Forgotten, forget
from credit_platform.monitoring.decisions.logs import open_logs
from credit_platform.monitoring.outcomes.contract import NAME, outcome_folder
from credit_platform.monitoring.outcomes.records import OutcomesRecord
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.tables.judging import submitted
from credit_platform.tables.outcomes import outcome_tables
from credit_platform_tests.searching import found_in
from credit_platform_tests.unit.monitoring.decisions.conftest import PORTFOLIO, Home, home, moment, record

__all__ = ["home"]

KEY = monitoring_key(PORTFOLIO.name, NAME)
LOSS = 918273.4650912837
NOW = datetime(2027, 12, 1, tzinfo=UTC)


def write(home: Home, staging: Path, *rows: str) -> None:
    """Drop a file and do what the asset does."""
    folder = outcome_folder(home.settings, PORTFOLIO)
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(["request_id,observed_at,months_on_book,defaulted,loss", *rows, ""])
    (folder / "told.csv").write_text(text, encoding="utf-8")
    logs, staging = open_logs(home.settings), staging / "staging"
    found = outcome_tables(PORTFOLIO, logs, settings=home.settings, lakehouse=home.lakehouse, staging=staging, now=NOW)
    table = found.kept
    assert table.judged is not None
    assert not table.judged.failed, table.judged.failed
    assert submitted(KEY, table).rows == OutcomesRecord.from_summary(table.summary).loans
    home.lakehouse.write(KEY, table.frame, summary=table.summary, info=table.info, partition_by=table.partition_by)


def forgotten(home: Home) -> Forgotten:
    return next(one for one in forget(home.lakehouse, PORTFOLIO.name, open_logs(home.settings)) if one.key == KEY)


def filled(home: Home, staging: Path) -> None:
    accepted = [
        replace(record(request, moment(day), applicant), decision="accepted")
        for request, day, applicant in (("a", 1, "A-1"), ("b", 2, "P-1"))
    ]
    home.log(*accepted)
    write(home, staging, "a,2027-01-05,2,0,")
    write(home, staging, "a,2027-01-05,2,0,", f"b,2027-01-05,2,1,{LOSS}")
    write(home, staging, "a,2027-02-05,3,0,", f"b,2027-01-05,2,1,{LOSS}")


def test_an_erased_outcome_is_found_before_and_in_no_version_after(home: Home, tmp_path: Path) -> None:
    filled(home, tmp_path)
    lakehouse = Path(home.settings.lakehouse_root)
    assert found_in(lakehouse, [LOSS]), "the search finds who is there"
    home.erase("P-1")
    gone = forgotten(home)
    assert (gone.rows, gone.versions) == (1, (2, 1))
    assert found_in(lakehouse, [LOSS]) == []
    stored = home.lakehouse.read(KEY)
    assert stored.frame.collect()["row"].to_list() == [1]
    assert OutcomesRecord.of(stored).loans == 1
    with pytest.raises(TableNotFoundError, match="erased since"):
        home.lakehouse.read(KEY, 1)
    assert home.lakehouse.read(KEY, 0).frame.collect().height == 1


def test_forgetting_twice_and_forgetting_nobody_change_nothing(home: Home, tmp_path: Path) -> None:
    filled(home, tmp_path)
    before = home.lakehouse.head(KEY)
    assert forgotten(home).rows == 0
    assert home.lakehouse.head(KEY) == before
    home.erase("P-1")
    forgotten(home)
    after = home.lakehouse.head(KEY)
    assert forgotten(home).nothing
    assert home.lakehouse.head(KEY) == after


def test_a_run_after_the_erasure_brings_nobody_back(home: Home, tmp_path: Path) -> None:
    filled(home, tmp_path)
    home.erase("P-1")
    forgotten(home)
    write(home, tmp_path, "a,2027-02-05,3,0,", f"b,2027-01-05,2,1,{LOSS}")  # the lender's file still has them
    stored = home.lakehouse.read(KEY)
    assert stored.frame.collect()["row"].to_list() == [1]
    assert OutcomesRecord.of(stored).by_reason == {"no such decision": 1}
