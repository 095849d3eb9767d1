"""With an MLflow server and no artefact root of one's own, artefacts go into the server's store."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from credit_platform.modelling.tracking import Tracking
from credit_platform.scoring import Scorer
from credit_platform.settings import Settings
from credit_platform_tests.registry import downloaded
from credit_platform_tests.small_scorer import save_small_scorer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Address of a server that keeps artefacts in `tmp_path / "store"`."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = str(one.getsockname()[1])
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", port, "--workers", "1"]
    store = ["--backend-store-uri", f"sqlite:///{tmp_path}/server.db", "--artifacts-destination", f"{tmp_path}/store"]
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen([*command, *store], env=environment, stdout=log, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process, tmp_path / "server.log")
        yield address
    finally:
        os.killpg(process.pid, 15)
        process.wait()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"{address}/health", timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text())


def test_artefacts_are_in_the_servers_store(server: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", mlflow_tracking_uri=server)
    tracking = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, "german_credit")
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "model_card.md").write_text("# Card")
    with tracking.run("one") as run:
        run.log_folder(tmp_path / "papers", "documents")
    stored = list((tmp_path / "store").rglob("model_card.md"))
    assert [path.read_text() for path in stored] == ["# Card"]
    assert not (tmp_path / "home").exists()
    assert [one.path for one in tracking.client.list_artifacts(run.run_id, "documents")] == ["documents/model_card.md"]


def test_a_registered_scorer_is_in_the_servers_store_and_comes_back(server: str, tmp_path: Path) -> None:
    """From another home, too: nothing of it lies on the machine that registered it."""
    settings = Settings(home=tmp_path / "home", mlflow_tracking_uri=server)
    tracking = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, "german_credit")
    scorer = save_small_scorer(tmp_path / "scorer")
    version = tracking.register(tmp_path / "scorer", "german_credit")
    assert list((tmp_path / "store").rglob("scorer.json"))
    assert not (tmp_path / "home").exists()
    elsewhere = Settings(home=tmp_path / "another", mlflow_tracking_uri=server)
    other = Tracking(elsewhere.mlflow_uri, elsewhere.mlflow_artifacts, "german_credit")
    fetched = downloaded(other, "german_credit", version, tmp_path / "fetched")
    assert Scorer.load(fetched).digest == scorer.digest
