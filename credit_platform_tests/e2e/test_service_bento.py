"""The Bento itself: what is in it, that it stands alone, is built once, and runs under BentoML's own command."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from credit_platform.serving.bentos import build_bento
from credit_platform_tests.e2e.conftest import Served
from credit_platform_tests.small_scorer import save_small_scorer

pytestmark = pytest.mark.e2e


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            yield path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8")


def test_it_carries_service_scorer_lock_and_labels(served: Served) -> None:
    bento = served.bento
    inside = {name for name, _ in texts(bento.path)}
    assert {"bento.yaml", "src/bento/service.py", "src/scorer/manifest.json", "src/requirements/serving.txt"} <= inside
    assert not [name for name in inside if name.endswith(".csv")]
    assert not any(f"src/credit_platform/{room}" in name for name in inside for room in ("modelling", "orchestration"))
    manifest = (bento.path / "bento.yaml").read_text()
    for label in ("portfolio: german_credit", f"model_version: {served.scorer.version}", served.scorer.digest):
        assert label in manifest
    assert 100_000 < bento.bytes < 5_000_000


def test_it_names_no_folder_of_this_machine_and_no_package_index(served: Served) -> None:
    forbidden = re.compile(r"index-url|/simple\b|" + "|".join(map(re.escape, (sys.prefix, str(Path.home()) + "/"))))
    found = {name: match.group() for name, text in texts(served.bento.path) if (match := forbidden.search(text))}
    assert found == {}


def test_the_same_scorer_and_code_give_the_bento_that_is_there(served: Served) -> None:
    """It fails, and rightly, if a source file changes between the build of the session's Bento and this one."""
    again = build_bento(served.scorer_folder, served.scorer.portfolio, served.settings)
    assert again.reused
    assert (again.tag, again.path, again.bytes) == (served.bento.tag, served.bento.path, served.bento.bytes)


# What is imported is asked in a new process that sees the Bento's files only. What one scorer's library imports stays
# there while the next is loaded, so the last answer is about all of them.
SCORE = """
import asyncio, json, os, sys
from bento import service
heavy = ("dagster", "mlflow", "pandas", "pandera", "sklearn", "deltalake", "pyarrow", "matplotlib", "httpx2")
for folder in sys.argv[1:]:
    os.environ["CREDIT_PLATFORM_SCORER"] = folder
    service.CreditScoring.inner()
    engine = service.STATE.engine
    body = {"application": engine.portfolio.examples["refused"]}
    decision = asyncio.run(engine.predict(json.dumps(body).encode(), "r")).decision
    print(json.dumps({
        "digest": engine.scorer.digest,
        "probability": decision.probability_of_default,
        "heavy": [name for name in heavy if name in sys.modules],
        "around": [one.cls.__name__ for one in service.CreditScoring.to_asgi(is_main=True).user_middleware],
        "outside": sorted(
            name for name, module in sys.modules.items()
            if name.split(".")[0] in ("bento", "credit_platform") and not module.__file__.startswith(os.getcwd())
        ),
    }))
    service.STATE.close()
"""


def test_it_scores_alone_and_imports_nothing_heavy(served: Served, tmp_path: Path) -> None:
    scorers = {name: save_small_scorer(tmp_path / name, name) for name in ("xgboost", "lightgbm")}
    done = subprocess.run(
        [sys.executable, "-c", SCORE, *(str(tmp_path / name) for name in scorers)],
        cwd=served.bento.path / "src",
        env={
            **os.environ,
            "CREDIT_PLATFORM_HOME": str(tmp_path / "home"),
            "CREDIT_PLATFORM_AUTHENTICATION": "disabled",
            "PYTHONPATH": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"digest"')]
    for scorer, answer in zip(scorers.values(), answers, strict=True):
        assert answer["digest"] == scorer.digest
        assert answer["heavy"] == []
        assert answer["outside"] == []
        # Each costs time at every request; `python -m bento` goes without the timer.
        assert answer["around"] == [
            "OpenTelemetryMiddleware",
            "TimeoutMiddleware",
            "AnswerHeaders",
            "ContextMiddleware",
        ]
        frame = scorer._applicant.build(scorer.portfolio.examples["refused"])
        assert answer["probability"] == scorer.score_features(frame)[0]


@contextmanager
def bentoml_serve(served: Served, port: int, tmp_path: Path) -> Iterator[httpx.Client]:
    log = tmp_path / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bentoml", "serve", str(served.bento.path), "--host", "127.0.0.1", "-p", str(port)],
            env={
                **os.environ,
                "BENTOML_HOME": str(tmp_path / "bentoml"),
                "BENTOML_DO_NOT_TRACK": "true",
                "CREDIT_PLATFORM_HOME": str(tmp_path / "home"),
                "CREDIT_PLATFORM_AUTHENTICATION": "disabled",
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False) as client:
            _wait(client, process, log)
            yield client
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def _wait(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(log.read_text())


def test_bentoml_serve_runs_it_with_metrics_shared_among_workers(
    served: Served, tmp_path: Path, unused_port: int
) -> None:
    """One worker here, for time; metrics go through the files that several would share."""
    example = served.scorer.portfolio.examples["refused"]
    with bentoml_serve(served, unused_port, tmp_path) as client:
        for _ in range(5):
            assert client.post("/predict", json={"application": example}).json()["decision"] == "refused"
        assert client.get("/docs").status_code == 200
        metrics = client.get("/metrics").text
        assert 'credit_platform_decisions_total{decision="refused"} 5.0' in metrics
        _keeps_its_doors(client, unused_port)
        assert "credit_platform_ready 1.0" in metrics


def _keeps_its_doors(client: httpx.Client, port: int) -> None:
    """The limits of a connection, and headers on what BentoML answers itself."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nX-A: " + b"a" * 20_000)
        assert connection.recv(100).startswith(b"HTTP/1.1 431 ")
    for path in ("/livez", "/livez/", "/nothing"):
        headers = client.get(path, headers={"Host": "evil.test", "X-Request-ID": "mine"}).headers
        assert headers["x-request-id"] == "mine"
        assert headers["x-content-type-options"] == "nosniff"
        assert "evil.test" not in headers.get("location", "")
