"""The memory of incidents as a table: empty with a word, the same twice, and judged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from credit_platform.errors import NoticeError
from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.notices.history import IncidentsRecord
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import Problem
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.settings import Settings
from credit_platform.tables.before_writing import stored_checks, stored_submission, write_checks
from credit_platform.tables.incidents import incidents_table
from credit_platform.tables.judging import judge, submitted
from credit_platform.tables.table import Table

GERMAN = get_portfolio("german_credit")
KEY = monitoring_key(GERMAN.name, "incidents")
NOW = datetime.now(UTC)


def observe(settings: Settings, *keys: str) -> None:
    found = [Problem(key=key, title=key, message="Mend it.", at=NOW.timestamp()) for key in keys]
    IncidentBook.of(settings).observe(found, ["file"])


def store(settings: Settings, table: Table) -> dict[str, bool]:
    """Store a table as the IO manager does; what each check says."""
    lakehouse = Lakehouse(settings.lakehouse_root)
    before = judge(submitted(KEY, table), write_checks(KEY), lakehouse)
    said = {verdict.check: verdict.passed for verdict in before.verdicts}
    lakehouse.write(KEY, table.frame, summary=dict(table.summary), info=table.info)
    submission = stored_submission(lakehouse.read(KEY), lakehouse)
    return said | {check.name: check.judge(submission, lakehouse).passed for check in stored_checks(KEY)}


def test_a_home_without_an_incident_has_an_empty_table_that_says_so(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "a home, été")
    table = incidents_table(GERMAN, settings, NOW)
    record = IncidentsRecord.from_summary(table.summary)
    assert record.message == "No incident was ever noticed, neither of German Credit nor of the platform."
    assert store(settings, table) == dict.fromkeys(
        ("rows_equal_memory", "nothing_lost", "everybody_told", "fresh"), True
    )


def test_the_same_memory_gives_the_same_rows_and_a_new_one_is_told(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    observe(settings, "run:german_credit", "daemon", "run:home_credit")
    first, again = (incidents_table(GERMAN, settings, NOW) for _ in range(2))
    for one in (first, again):
        assert all(store(settings, one).values())
    versions = Lakehouse(settings.lakehouse_root).versions(KEY)
    assert versions[0].content_hash == versions[1].content_hash
    assert [version.rows for version in versions] == [2, 2]
    (settings.home / "incidents" / "incidents.db").unlink()
    said = store(settings, incidents_table(GERMAN, settings, NOW))
    assert [check for check, passed in said.items() if not passed] == ["nothing_lost"]


def test_a_memory_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    (tmp_path / "incidents").mkdir()
    (tmp_path / "incidents" / "incidents.db").write_text(
        "no database, but long enough to be taken for a page of one" * 99
    )
    with pytest.raises(NoticeError, match="cannot be written down"):
        incidents_table(GERMAN, settings, NOW)
