"""Files of outcomes to the two tables that are stored of them: outcomes by decision, judged, and the rows set aside.

What is here: `outcome_tables`.
What must not be here: reading, matching and counting (`monitoring/outcomes`), storing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from credit_platform.code_versions import code_version
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.lakehouse.raw_files import told_by_address
from credit_platform.monitoring.decisions.logs import NamedLog
from credit_platform.monitoring.outcomes.collecting import Collected, collect
from credit_platform.monitoring.outcomes.contract import NAME, OUTCOMES, REJECTED, outcome_files, outcome_folder
from credit_platform.monitoring.outcomes.log_index import log_index
from credit_platform.monitoring.outcomes.matching import MONTH
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.ingestion import RawTables, judged_first, tell_ingested
from credit_platform.tables.table import Table


def outcomes_code() -> str:
    """Code version of reading and matching outcomes."""
    return code_version("credit_platform.monitoring.outcomes", "credit_platform.quality", "credit_platform.values")


def outcome_tables(
    portfolio: Portfolio,
    logs: Sequence[NamedLog],
    *,
    settings: Settings,
    lakehouse: Lakehouse,
    staging: Path,
    now: datetime,
) -> RawTables:
    """Read every file and match it to the decisions of `logs`; the same files and logs give the same rows.

    Args:
        portfolio: whose outcomes.
        logs: of all services.
        settings: say where files lie.
        lakehouse: holds the version before; nothing is written to it here.
        staging: a folder of `Lakehouse.staging`.
        now: what is dated later waits for its day.

    Raises:
        CreditPlatformError: a file as a whole cannot be used, or a log cannot be read.
    """
    started = time.perf_counter()
    indexes = [log_index(log.store, log.name, portfolio.name) for log in logs]
    today = now.astimezone(portfolio.monitoring.zone).date()
    with told_by_address(settings, portfolio):
        found = collect(portfolio, outcome_files(settings, portfolio), indexes, staging=staging, today=today)
    info = CommitInfo(
        portfolio=portfolio.name,
        code_version=outcomes_code(),
        contract_version=OUTCOMES.contract_version,
        source_hashes=found.hashes,
        synthetic=found.synthetic,
    )
    rejected = Table(frame=found.rejected, summary={"message": _set_aside(found)}, info=info)
    counts = (found.record.rows_in, found.record.observations, sum(found.record.by_reason.values()))
    kept = Table(
        frame=found.outcomes,
        summary=found.record.to_summary(),
        info=info,
        partition_by=MONTH,
        told=partial(tell_ingested, ", ".join(found.hashes) or "no file", counts, started, "read"),
        beside={monitoring_key(portfolio.name, REJECTED): rejected},
    )
    tables = RawTables(kept=kept, rejected=rejected, path=outcome_folder(settings, portfolio))
    return judged_first(lakehouse, monitoring_key(portfolio.name, NAME), tables)


def _set_aside(found: Collected) -> str:
    """What the table beside holds, as a sentence, also where it holds nothing."""
    rows, aside = found.record.rows_in, found.rejected.height
    if not rows:
        return "There is no row of outcomes yet, so none was set aside."
    return f"{aside:,} of {rows:,} rows count for no decision." if aside else f"None of {rows:,} rows was set aside."
