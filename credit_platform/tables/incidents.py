"""The memory of incidents as a table of a portfolio.

What is here: `incidents_table`.
What must not be here: rows (`monitoring/notices/history.py`), storing.
"""

from __future__ import annotations

from datetime import datetime

from credit_platform.code_versions import code_version
from credit_platform.lakehouse import CommitInfo
from credit_platform.monitoring.notices.history import IncidentsRecord, incident_rows
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.portfolios import portfolio_names
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table


def incidents_code() -> str:
    """Code version of turning incidents into rows."""
    return code_version("credit_platform.monitoring.notices")


def incidents_table(portfolio: Portfolio, settings: Settings, now: datetime) -> Table:
    """Every incident about `portfolio`, or about the platform as a whole, as the memory holds it at this moment.

    The table is made anew each time: what is known of an incident changes until it is resolved. The same memory gives
    the same rows.

    Raises:
        NoticeError: the memory cannot be read.
    """
    incidents, deliveries = IncidentBook.of(settings).history()
    names = [*portfolio_names(), portfolio.name]
    rows = incident_rows(incidents, deliveries, portfolio.name, names)
    unresolved = rows["resolved"].null_count()
    said = "1 incident was" if rows.height == 1 else f"{rows.height} incidents were"
    record = IncidentsRecord(
        read_at=now,
        in_memory=len(incidents),
        of_others=len(incidents) - rows.height,
        incidents=rows.height,
        unresolved=unresolved,
        not_reached=rows.filter(rows["not_reached"] != "").height,
        message=f"{said} noticed of {portfolio.title} and of the platform; {unresolved or 'none'} not over."
        if rows.height
        else f"No incident was ever noticed, neither of {portfolio.title} nor of the platform.",
    )
    info = CommitInfo(portfolio=portfolio.name, code_version=incidents_code())
    return Table(frame=rows, summary=record.to_summary(), info=info)
