"""What a raw table says beside its rows: a typed record.

What is here: `IngestRecord`, with the file it came from and the counts of its rows.
What to add here: a field that the quality report or a check reads.
What must not be here: how a record is written and read (`lakehouse/records.py`), counting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from credit_platform.lakehouse.records import LEFT_OUT, Record
from credit_platform.quality.findings import Finding
from credit_platform.quality.profile import TableProfile


@dataclass(frozen=True, kw_only=True, slots=True)
class RawSource:
    """The raw file that a table was read from."""

    file: str
    """Its name."""
    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True, kw_only=True, slots=True)
class IngestCounts:
    """Rows in = rows kept + rows rejected; that is checked before anyone sees these."""

    rows_in: int
    kept: int
    rejected: int
    by_rule: Mapping[str, int]
    """Rejected rows by broken rule; a row that breaks two counts under both."""

    @property
    def rejected_share(self) -> float:
        """Rejected rows over rows in, 0 to 1."""
        return self.rejected / self.rows_in


@dataclass(frozen=True, kw_only=True, slots=True)
class IngestRecord(Record):
    """Of raw/<table>: the file, the counts, and what is worth knowing; the report is made from it."""

    source: RawSource
    counts: IngestCounts
    findings: tuple[Finding, ...]
    profile: TableProfile


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportRecord(Record):
    """Of quality/report: where its page lies."""

    key: Annotated[str | None, LEFT_OUT] = None
    """Key of the page; None in records of before artefacts had keys."""
    path: Annotated[str | None, LEFT_OUT] = None
    """In those its path, in the home of then."""
