"""Checks of the table of incidents."""

from __future__ import annotations

from credit_platform.lakehouse import Lakehouse, Verdict
from credit_platform.monitoring.notices import judges
from credit_platform.monitoring.notices.history import NAME, IncidentsRecord
from credit_platform.tables.judging import StoredCheck, Submission, WriteCheck


def incidents_write_checks(name: str) -> list[WriteCheck]:
    """What has to hold of table `monitoring/<name>` before it is written."""
    return [_ROWS] if name == NAME else []


def incidents_stored_checks(name: str) -> list[StoredCheck]:
    """What is only told of table `monitoring/<name>`."""
    return [_LOST, _TOLD, _FRESH] if name == NAME else []


def _nothing_lost(incidents: Submission, lakehouse: Lakehouse) -> Verdict:
    versions = lakehouse.versions(incidents.key)  # newest first
    before = lakehouse.read(incidents.key, versions[1].version).frame.collect() if len(versions) > 1 else None
    return judges.nothing_lost(incidents.collected, before)


_ROWS = WriteCheck(
    name="rows_equal_memory",
    description="Each incident that is remembered is one row, or about another portfolio.",
    judge=lambda incidents, _: judges.rows_equal_memory(incidents.collected, incidents.record(IncidentsRecord)),
)
_LOST = StoredCheck(
    name="nothing_lost",
    description="Every incident of the version before is still remembered: the memory was not deleted.",
    judge=_nothing_lost,
)
_TOLD = StoredCheck(
    name="everybody_told",
    description="Every notice was delivered by each way to tell that it was for.",
    judge=lambda incidents, _: judges.everybody_told(incidents.record(IncidentsRecord)),
)
_FRESH = StoredCheck(
    name="fresh",
    description="The memory of incidents was read in the last two days.",
    judge=lambda incidents, _: judges.fresh(incidents.record(IncidentsRecord), incidents.clock.now()),
)
