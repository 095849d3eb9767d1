"""One service for all tests that talk HTTP: a small scorer, its Bento, and the process that serves it."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from credit_platform.portfolios import get_portfolio
from credit_platform.scoring import Scorer
from credit_platform.serving.bentos import BuiltBento, build_bento
from credit_platform.serving.local.service_process import RunningService, start_service
from credit_platform.settings import Settings
from credit_platform_tests.small_scorer import save_small_scorer

HOME = ".credit_platform"
"""Hidden, like the default: BentoML minds in places."""


@dataclass(frozen=True)
class Served:
    """A running service and what it was made of."""

    scorer: Scorer
    scorer_folder: Path
    bento: BuiltBento
    service: RunningService
    settings: Settings


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Served]:
    """Start once; every test asks the same process."""
    # Every worker has a folder of its own below the one of the test run.
    base = tmp_path_factory.getbasetemp()
    built = _build_or_reuse((base if worker_id == "master" else base.parent) / "built")
    folder = Path(shutil.copytree(built, tmp_path_factory.mktemp("service") / "copy"))
    settings = Settings(home=folder / HOME)
    scorer = Scorer.load(folder / "scorer", verify=True)
    bento = build_bento(folder / "scorer", scorer.portfolio, settings)  # the one that is there
    with start_service(bento, settings=settings) as service:
        yield Served(scorer, folder / "scorer", bento, service, settings)


def _build_or_reuse(folder: Path) -> Path:
    """A scorer and a home with its Bento, unless another worker has made them; meanwhile that worker is waited for."""
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            unfinished = folder.with_suffix(".new")
            save_small_scorer(unfinished / "scorer")
            build_bento(unfinished / "scorer", get_portfolio("german_credit"), Settings(home=unfinished / HOME))
            unfinished.rename(folder)
    return folder


@pytest.fixture
def unused_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
