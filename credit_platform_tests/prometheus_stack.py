"""Debian's Prometheus and Alertmanager for tests, with the configuration that `scripts/monitoring` builds.

Where they are not installed, tests are skipped and say how to install them; on CI (`CI=true`) that is a failure.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from scripts.monitoring import alertmanager, prometheus
from scripts.monitoring.write import FOLDER, files, write

PROGRAMS: Final = ("prometheus", "promtool", "prometheus-alertmanager", "amtool")
MISSING: Final = tuple(name for name in PROGRAMS if shutil.which(name) is None)
NEEDS_PROMETHEUS: Final = pytest.mark.skipif(
    bool(MISSING) and "CI" not in os.environ, reason=f"no {', '.join(MISSING)}: make install-prometheus"
)
_PATIENCE_SECONDS: Final = 60.0


def run(*command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a tool of Prometheus to its end; its output, whether it succeeded or not."""
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=cwd, timeout=200)


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Stack:
    """A running Prometheus and Alertmanager, asked over HTTP."""

    def __init__(self, folder: Path, places: prometheus.Places) -> None:
        self.folder = folder
        self.places = places

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Series that an expression gives now."""
        text = urllib.parse.urlencode({"query": expression})
        answer = json.loads(fetch(f"http://{self.places.prometheus}/api/v1/query?{text}"))
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    def federated(self) -> str:
        """Every series that was scraped or recorded, in the text format, with the labels that Prometheus gave it."""
        match = urllib.parse.urlencode({"match[]": '{__name__!=""}'})
        return fetch(f"http://{self.places.prometheus}/federate?{match}")

    def wait_for(self, expression: str, seconds: float = _PATIENCE_SECONDS) -> list[dict[str, Any]]:
        """Series of an expression, as soon as there are any."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := self.query(expression):
                return found
            time.sleep(0.2)
        raise TimeoutError(f"{expression} gave nothing; see {self.folder}")


def fetch(url: str) -> str:
    """The body that an address of this machine answers."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10) as answer:
        text: str = answer.read().decode()
        return text


@contextmanager
def started(
    folder: Path,
    targets: Path,
    addresses: alertmanager.Addresses,
    *,
    interval: str = "1s",
    changes: Mapping[str, str] | None = None,
    node: str | None = None,
) -> Iterator[Stack]:
    """Both programs, with our configuration for these targets; `changes` replaces texts in the alert rules."""
    folder.mkdir(parents=True, exist_ok=True)
    places = prometheus.Places(
        targets=str(targets),
        prometheus=f"127.0.0.1:{free_port()}",
        alertmanager=f"127.0.0.1:{free_port()}",
        interval=interval,
    )
    contents = files(places, addresses)
    for old, new in (changes or {}).items():
        assert old in contents["alerts.yml"], old
        contents["alerts.yml"] = contents["alerts.yml"].replace(old, new)
    write(folder, contents)
    shutil.copytree(FOLDER / "templates", folder / "templates")
    (folder / "targets.d").mkdir()
    if node:
        (folder / "targets.d" / "node.yml").write_text(json.dumps([{"targets": [node], "labels": {"job": "node"}}]))
    commands = {
        "alertmanager": [
            "prometheus-alertmanager",
            "--config.file=alertmanager.yml",
            "--storage.path=alertmanager-data",
            "--cluster.listen-address=",
            f"--web.listen-address={places.alertmanager}",
        ],
        "prometheus": [
            "prometheus",
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=prometheus-data",
            f"--web.listen-address={places.prometheus}",
        ],
    }
    running: list[subprocess.Popen[bytes]] = []
    try:
        for name, command in commands.items():
            with (folder / f"{name}.log").open("wb") as log:
                running.append(subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT))
        for address in (places.prometheus, places.alertmanager):
            _wait_until_ready(f"http://{address}/-/ready", folder)
        yield Stack(folder, places)
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(30)


def _wait_until_ready(url: str, folder: Path) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            fetch(url)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"{url} does not answer; see the logs in {folder}")
