"""What every test stands on: no setting of the developer's own, and one finished run for all that only read it."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import ConnectionPoolEntry

from credit_platform.dagster_yaml import DAGSTER_YAML
from credit_platform.logs.places import Lines
from credit_platform.logs.programs import OTHERS, OURS
from credit_platform.settings import Settings
from credit_platform_tests.postgres import postgres
from credit_platform_tests.s3_server import s3, s3_server

if TYPE_CHECKING:
    from credit_platform_tests.finished_run import FinishedRun

__all__ = ["postgres", "s3", "s3_server"]

# What takes longest starts first, so that no worker ends alone with it.
_FIRST = (
    "e2e/test_kill.py",  # makes the run that others wait for
    "e2e/test_object_store_graph.py",
    "integration/test_home_credit.py",
    "e2e/test_up.py",
    "integration/test_stored_histories.py",
    "e2e/",
    "unit/modelling/test_cross_validation.py",
    "integration/",
)
# How quickly examples are made says what else the machine does.
hypothesis_settings.register_profile("no_clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("no_clock")
_HOME = tempfile.TemporaryDirectory(prefix="credit_platform_tests_")


def _leave_the_user_alone() -> None:
    """Forget the settings of whoever runs the tests, and keep what has no home of its own out of their home."""
    for field in Settings.model_fields:
        os.environ.pop(f"CREDIT_PLATFORM_{field.upper()}", None)
    os.environ["CREDIT_PLATFORM_HOME"] = _HOME.name
    os.environ["CREDIT_PLATFORM_ARTEFACT_CACHE"] = str(Path(_HOME.name) / "artefact_cache")
    # Matplotlib makes this folder when it is imported, and looks through all fonts of the machine when it is empty.
    os.environ["MPLCONFIGDIR"] = str(Path(__file__).parents[1] / ".pytest_cache" / "matplotlib")


@event.listens_for(Engine, "connect")
def _do_not_wait_for_the_disk(connection: object, _entry: ConnectionPoolEntry) -> None:
    """No database of a test has to outlive a power cut; what the platform sets for one of its own comes after this."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


def _listen_to_the_terminal() -> None:
    """A shell starts background jobs deaf to Ctrl-C; Dagster then sets SIGTERM to the same, and children inherit it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


# Not in a hook of pytest: before the first, it imports the conftest.py of every folder, and those import Matplotlib.
_leave_the_user_alone()
_listen_to_the_terminal()
gc.disable()  # while everything is imported, of which nothing goes away again


def pytest_collection_finish() -> None:
    """Spare the garbage collector the hundreds of modules that stay anyway; it walks through them at every turn."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def pytest_unconfigure() -> None:
    """Remove that home."""
    _HOME.cleanup()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    return next((rank for rank, part in enumerate(_FIRST) if part in item.nodeid), len(_FIRST))


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """What a program does to the logs of its process ends with the test that called it, not with the worker."""
    hooks = sys.excepthook, threading.excepthook
    loggers = [logging.getLogger(name) for name in (None, OURS, *OTHERS)]
    before = [(one.level, one.propagate, [*one.handlers]) for one in loggers]
    yield
    ours = [place for one in loggers for place in one.handlers if isinstance(place, Lines)]
    if not ours:
        return
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(False)  # the argument has no name to give
    for logger, (level, propagate, handlers) in zip(loggers, before, strict=True):
        # pytest's own handlers come and go with the phases of a test.
        kept = [one for one in logger.handlers if not isinstance(one, Lines)]
        logger.handlers = kept if logger.name == "root" else handlers
        logger.setLevel(level)
        logger.propagate = propagate
    for place in ours:
        place.close()


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> FinishedRun:
    """The whole german_credit graph, run for all workers after three interrupted runs. Read it or copy it."""
    from credit_platform_tests.finished_run import run_or_reuse  # noqa: PLC0415  # Dagster takes seconds to import

    # Every worker has a folder of its own below the one of the test run.
    base = tmp_path_factory.getbasetemp()
    return run_or_reuse((base if worker_id == "master" else base.parent) / "finished")


@pytest.fixture(scope="session")
def dagster_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Dagster instance for all runs whose history is of no interest."""
    home = tmp_path_factory.mktemp("dagster")
    (home / "dagster.yaml").write_text(DAGSTER_YAML, encoding="utf-8")
    return home
