"""Decisions, outcomes and the champion to the table of performance, with its page.

What is here: `performance_table`.
What must not be here: measuring, drawing and writing the page (`monitoring/performance`), storing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.governance.kept_documents import keep_documents
from credit_platform.governance.promotion_history import champion_table
from credit_platform.governance.records import PromotedModel
from credit_platform.lakehouse import CommitInfo, Lakehouse, StoredTable
from credit_platform.lakehouse.reports import pictures, reports_key, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.monitoring.decisions.schema import FIXED, decisions_key
from credit_platform.monitoring.outcomes.contract import NAME as OUTCOMES
from credit_platform.monitoring.outcomes.matching import OUTCOME
from credit_platform.monitoring.outcomes.records import OutcomesRecord
from credit_platform.monitoring.performance.charts import drawn
from credit_platform.monitoring.performance.page import performance_page
from credit_platform.monitoring.performance.records import PerformanceRecord
from credit_platform.monitoring.performance.report import Champion, measure_performance
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

FOLDER = "monitoring"
"""What the keys of the page and its pictures go on with, below the portfolio's reports."""


def performance_code() -> str:
    """Code version of measuring performance."""
    return code_version("credit_platform.monitoring.performance", "credit_platform.modelling.metrics")


def performance_table(portfolio: Portfolio, lakehouse: Lakehouse, settings: Settings) -> tuple[Table, dict[str, bytes]]:
    """Measure what is stored, and write the page; the pictures on it are the second of the pair.

    A table that is not there yet is one without rows: the result says in words that there is nothing.
    """
    decisions = _stored(lakehouse, decisions_key(portfolio.name))
    outcomes = _stored(lakehouse, monitoring_key(portfolio.name, OUTCOMES))
    promoted = champion_table(lakehouse, portfolio.name)
    champion = None if promoted is None else _champion(promoted)
    record = None if outcomes is None else OutcomesRecord.of(outcomes)
    found = measure_performance(
        portfolio, _rows(decisions, FIXED), _rows(outcomes, OUTCOME), champion, seed=settings.seed
    )
    drawings = drawn(found, None if champion is None else champion.digest)
    shelf, place = Shelf.of(settings), f"{reports_key(portfolio.name)}/{FOLDER}"
    write_reports(shelf, place, pictures(drawings))
    files = keep_documents(shelf, place, [performance_page(portfolio, found, record, champion, drawings)])
    synthetic = outcomes is not None and outcomes.version.synthetic
    said = PerformanceRecord.made(found, champion, synthetic=synthetic, place=place, files=tuple(files))
    info = CommitInfo(portfolio=portfolio.name, code_version=performance_code(), synthetic=synthetic)
    return Table(frame=found.measures, summary=said.to_summary(), info=info), drawings


def _stored(lakehouse: Lakehouse, key: str) -> StoredTable | None:
    return lakehouse.read(key) if lakehouse.latest(key) is not None else None


def _rows(stored: StoredTable | None, schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(schema)) if stored is None else stored.frame.select(list(schema)).collect()


def _champion(promoted: StoredTable) -> Champion:
    record = PromotedModel.of(promoted)
    holdout = promoted.frame.select("target", "probability").collect()
    return Champion(digest=record.digest, rule=record.rule, holdout=holdout)
