"""One service for all tests that talk HTTP: a small scorer, its Bento, and the process that serves it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from credit_platform.orchestration.bentos import BuiltBento, build_bento
from credit_platform.orchestration.service_process import RunningService, start_service
from credit_platform.scoring import Scorer
from credit_platform.settings import Settings
from credit_platform_tests.small_scorer import save_small_scorer


@dataclass(frozen=True)
class Served:
    """A running service and what it was made of."""

    scorer: Scorer
    scorer_folder: Path
    bento: BuiltBento
    service: RunningService
    settings: Settings


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Build and start once; every test asks the same process."""
    folder = tmp_path_factory.mktemp("service")
    settings = Settings(home=folder / ".credit_platform")  # hidden, like the default: BentoML minds in places
    scorer = save_small_scorer(folder / "scorer")
    bento = build_bento(folder / "scorer", scorer.portfolio, settings)
    with start_service(bento, settings=settings) as service:
        yield Served(scorer, folder / "scorer", bento, service, settings)


@pytest.fixture
def unused_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
