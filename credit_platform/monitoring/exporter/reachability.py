"""Whether databases answer, and how full the disk is.

What is here: `answers`, and collectors of MLflow's store, of decision logs, of the disk and of business hours.
What to add here: another thing outside that the platform cannot do without.
What must not be here: what is in the databases.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from credit_platform import __version__
from credit_platform.files.literal import sqlite_uri
from credit_platform.monitoring.exporter.background import Sample
from credit_platform.monitoring.metrics.model import DECISION_LOG, DISK_SIZE, DISK_USED, MLFLOW
from credit_platform.monitoring.metrics.pipeline import EXPORTER_INFO, OPEN_FOR_BUSINESS
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

PATIENCE_SECONDS = 5.0
"""A database that does not answer within it counts as lost."""
_FILE = "sqlite:///"


def answers(url: str) -> bool | None:
    """Whether a database or server answers; None for a file that is not there.

    Args:
        url: of a database as SQLAlchemy spells it, or `http(s)://` of a server with `/health`.
    """
    if url.startswith(("http://", "https://")):
        try:
            return httpx.get(f"{url.rstrip('/')}/health", timeout=PATIENCE_SECONDS).is_success
        except httpx.HTTPError:
            return False
    if url.startswith(_FILE):
        file = Path(url.removeprefix(_FILE).partition("?")[0])
        return _file_answers(file) if file.is_file() else None
    return _server_answers(url)


def _file_answers(file: Path) -> bool:
    try:
        # `rw` makes no file, and may read what lies in the write-ahead log.
        connection = sqlite3.connect(sqlite_uri(file, {"mode": "rw"}), uri=True, timeout=PATIENCE_SECONDS)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            connection.close()
    except sqlite3.Error:
        return False
    return True


def _server_answers(url: str) -> bool:
    milliseconds = int(PATIENCE_SECONDS * 1000)
    options = f"-c statement_timeout={milliseconds}"
    try:
        address = make_url(url)
        given = address.query.get("options")
        engine = create_engine(
            address,
            poolclass=NullPool,
            connect_args={
                "connect_timeout": int(PATIENCE_SECONDS),
                "options": f"{given} {options}" if isinstance(given, str) else options,
            },
        )
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def mlflow(settings: Settings) -> Iterator[Sample]:
    """Whether MLflow's store answers."""
    found = answers(settings.mlflow_uri)
    if found is not None:
        yield Sample(MLFLOW, (), float(found))


def decision_logs(settings: Settings) -> Iterator[Sample]:
    """Whether each decision log answers."""
    for name, url in settings.decision_logs_by_name.items():
        found = answers(url)
        if found is not None:
            yield Sample(DECISION_LOG, (name,), float(found))


def disk(settings: Settings) -> Iterator[Sample]:
    """How full the disk is where the home lies, as `df` says: what a quota or the system keeps back is no space.

    Raises:
        OSError: there is no such folder.
    """
    usage = shutil.disk_usage(settings.home)
    yield Sample(DISK_USED, (), usage.used)
    yield Sample(DISK_SIZE, (), usage.used + usage.free)


def business_hours(
    portfolios: Sequence[Portfolio], clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[Sample]:
    """Whether each portfolio's lender is open now, and which version tells it."""
    now = clock()
    for portfolio in portfolios:
        yield Sample(OPEN_FOR_BUSINESS, (portfolio.name,), float(portfolio.monitoring.is_open(now)))
    yield Sample(EXPORTER_INFO, (__version__,), 1.0)
