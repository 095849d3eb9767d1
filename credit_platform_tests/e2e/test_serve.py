"""`credit-platform serve` for real: promotion, a bad Bento and a rollback under load, and no process left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import polars as pl
import psutil
import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.scoring.folder import PROMOTION
from credit_platform.scoring.served_source import record_promotion
from credit_platform.serving.bentos import BuiltBento
from credit_platform.settings import Settings
from credit_platform_tests.e2e.conftest import Served
from credit_platform_tests.records import bento_record
from credit_platform_tests.small_scorer import save_small_scorer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
KEY = "german_credit/serving/bento"
CERTIFICATES = httpx.create_ssl_context()
"""For every client: reading them for a new one takes longer than the service does to answer it."""


def promote(settings: Settings, path: Path, digest: str) -> None:
    """What the asset `serving/bento` and a rollback of before keys wrote; the Bento of another home is copied first."""
    here = Shelf.of(settings).left_at(str(path))
    if not here.exists():
        shutil.copytree(path, here)
    row = bento_record(path, digest).to_summary()
    Lakehouse(settings.lakehouse_root).write(KEY, pl.DataFrame(row), summary=row)


@pytest.fixture
def program(served: Served, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    settings = Settings(home=tmp_path / "home")
    promote(settings, served.bento.path, served.bento.scorer_digest)
    command = [sys.executable, "-c", "from credit_platform.cli import main; main()", "serve", "german_credit"]
    environment = {**os.environ, "CREDIT_PLATFORM_HOME": str(settings.home), "COLUMNS": "200", "PYTHONUNBUFFERED": "1"}
    environment.pop("CREDIT_PLATFORM_LAKEHOUSE_URL", None)
    with subprocess.Popen(
        [*command, "--port", "0"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        watchdog = threading.Timer(90, process.kill)
        watchdog.start()
        yield process
        watchdog.cancel()
        process.terminate()
        process.wait(timeout=30)


def read_until(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if text in line:
            return seen
    pytest.fail(f"ended before it said {text!r}:\n{seen}")


class Load:
    """Clients that keep asking, some on kept-alive connections and some on new ones; every answer is kept."""

    def __init__(self, url: str, key: str, body: dict[str, object]) -> None:
        self.answers: list[tuple[int, str]] = []
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(2)
        make = partial(client_of, url, key)
        self._work = [self._pool.submit(self._run, make, body, fresh=fresh) for fresh in (True, False)]

    def _run(self, make: Callable[[], httpx.Client], body: dict[str, object], *, fresh: bool) -> None:
        client = make()
        while not self._over.is_set():
            response = client.post("/predict", json=body)
            content = response.json()
            self.answers.append((response.status_code, content.get("model", content.get("error"))["version"]))
            if fresh:
                client.close()
                client = make()
            time.sleep(0.05 if fresh else 0.02)  # the machine is for the services
        client.close()

    def stop(self) -> None:
        self._over.set()
        for work in self._work:
            work.result()
        self._pool.shutdown()


def client_of(url: str, key: str) -> httpx.Client:
    headers = {"X-API-Key": key}
    return httpx.Client(base_url=url, timeout=20, trust_env=False, verify=CERTIFICATES, headers=headers)


def copy_with(bento: BuiltBento, scorer: Path, target: Path) -> Path:
    """The Bento with another scorer: what building would give, without the wait."""
    shutil.copytree(bento.path, target)
    shutil.rmtree(target / "src" / "scorer")
    shutil.copytree(scorer, target / "src" / "scorer")
    (target / "src" / PROMOTION).unlink()
    record_promotion(target / "src", None)  # as building does
    return target


def test_no_request_is_refused_when_the_champion_changes(
    served: Served, program: subprocess.Popen[str], tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home")
    newer = save_small_scorer(tmp_path / "newer", "lightgbm")
    bento = copy_with(served.bento, tmp_path / "newer", tmp_path / "bentos" / "newer")
    damaged = copy_with(served.bento, tmp_path / "newer", tmp_path / "bentos" / "damaged")
    (damaged / "src" / "scorer" / "scorer.json").write_text("{}")
    said = read_until(program, "API key until it stops")
    url = next(word.rstrip(",") for word in said.split() if word.startswith("http://"))
    key = said.split()[-1]
    children = psutil.Process(program.pid).children(recursive=True)
    load = Load(url, key, {"application": served.scorer.portfolio.examples["refused"]})
    try:
        promote(settings, bento, newer.digest)
        read_until(program, "is stopped.")
        promote(settings, damaged, newer.digest)
        refusal = read_until(program, "is not served")
        promote(settings, served.bento.path, served.bento.scorer_digest)  # the rollback
        read_until(program, "is stopped.")
    finally:
        load.stop()

    assert {status for status, _ in load.answers} == {200}
    versions = [version for _, version in load.answers]
    assert set(versions) == {served.scorer.version, newer.version}
    assert versions[0] == versions[-1] == served.scorer.version
    assert "bentos:damaged was promoted but is not served, bentos:newer stays" in refusal
    assert "bentos:damaged" in (settings.home / "notifications.jsonl").read_text()

    children += psutil.Process(program.pid).children(recursive=True)
    program.send_signal(signal.SIGINT)
    read_until(program, "Stopped.")
    assert program.wait(timeout=30) == 0
    assert [process for process in children if process.is_running()] == []
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{url}/health", trust_env=False)
