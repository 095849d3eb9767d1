"""What is wrong now, out of the memory of incidents of the home.

What is here: `OpenIncident`, `open_incidents`, `incident_frame`.
What to add here: another thing that a person asks about what is open.
What must not be here: noticing and telling (`monitoring/notices`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

import polars as pl
from sqlalchemy import make_url

from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import Severity
from credit_platform.settings import Settings

INCIDENT_COLUMNS: Final[dict[str, Any]] = {
    "severity": pl.String,
    "title": pl.String,
    "message": pl.String,
    "opened": pl.Datetime("us", "UTC"),
    "seen": pl.Datetime("us", "UTC"),
    "times": pl.Int64,
    "owner": pl.String,
    "link": pl.String,
}


@dataclass(frozen=True, kw_only=True)
class OpenIncident:
    """Something that is wrong."""

    severity: Severity
    title: str
    message: str
    opened: datetime
    seen: datetime
    """When it was last seen to be wrong."""
    times: int
    owner: str
    link: str
    """Where to look: an address or a command; empty where there is none."""


def open_incidents(settings: Settings) -> list[OpenIncident] | None:
    """Open incidents of the home, the newest first; None where none was ever written down.

    Raises:
        NoticeError: they cannot be read.
    """
    address = make_url(settings.incident_database)
    # Looking must not make what is not there.
    if address.get_backend_name() == "sqlite" and not Path(str(address.database)).is_file():
        return None
    rows = IncidentBook.of(settings).open_incidents()
    return [
        OpenIncident(
            severity=cast("Severity", row.severity),
            title=row.title,
            message=row.message,
            opened=datetime.fromtimestamp(row.opened, UTC),
            seen=datetime.fromtimestamp(row.seen, UTC),
            times=row.times,
            owner=row.owner,
            link=row.link,
        )
        for row in reversed(rows)
    ]


def incident_frame(found: Sequence[OpenIncident]) -> pl.DataFrame:
    """A row for each; columns `INCIDENT_COLUMNS`."""
    return pl.DataFrame([asdict(one) for one in found], schema=INCIDENT_COLUMNS)
