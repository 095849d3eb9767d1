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
import yaml

from scripts.monitoring import alertmanager, prometheus
from scripts.monitoring.write import FOLDER, files, write

PROGRAMS: Final = ("prometheus", "promtool", "prometheus-alertmanager", "amtool")
MISSING: Final = tuple(name for name in PROGRAMS if shutil.which(name) is None)
NEEDS_PROMETHEUS: Final = pytest.mark.skipif(
    bool(MISSING) and "CI" not in os.environ, reason=f"no {', '.join(MISSING)}: make install-prometheus"
)
_PATIENCE_SECONDS: Final = 180.0


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

    def __init__(self, folder: Path, places: prometheus.Places, contents: Mapping[str, str]) -> None:
        self.folder = folder
        self.places = places
        self._contents = contents
        self._running: dict[str, subprocess.Popen[bytes]] = {}

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

    def suppressed(self) -> dict[str, set[str]]:
        """Alerts that Alertmanager holds back, and the alerts that are why."""
        alerts = json.loads(fetch(f"http://{self.places.alertmanager}/api/v2/alerts"))
        names = {alert["fingerprint"]: alert["labels"]["alertname"] for alert in alerts}
        return {
            alert["labels"]["alertname"]: {names[one] for one in alert["status"]["inhibitedBy"]}
            for alert in alerts
            if alert["status"]["state"] == "suppressed"
        }

    def wait_for(self, expression: str, seconds: float = _PATIENCE_SECONDS) -> list[dict[str, Any]]:
        """Series of an expression, as soon as there are any."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := self.query(expression):
                return found
            time.sleep(0.2)
        raise TimeoutError(f"{expression} gave nothing; see {self.folder}")

    def wait_times(self, waits: Mapping[str, str]) -> None:
        """Let alerts wait so long, and every other as its rule says; what is pending stays so."""
        rules = yaml.safe_load(self._contents["alerts.yml"])
        for group in rules["groups"]:
            for rule in group["rules"]:
                if rule["alert"] in waits:
                    rule["for"] = waits[rule["alert"]]
        write(self.folder, {"alerts.yml": yaml.safe_dump(rules)})
        if "prometheus" in self._running:
            self._running["prometheus"].send_signal(signal.SIGHUP)

    def start(self) -> None:
        """Start both, and wait until they answer."""
        for name, command in _commands(self.places).items():
            with (self.folder / f"{name}.log").open("wb") as log:
                self._running[name] = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT)
        for address in (self.places.prometheus, self.places.alertmanager):
            _wait_until_ready(f"http://{address}/-/ready", self.folder)

    def stop(self) -> None:
        """End both."""
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            process.wait(30)


def _commands(places: prometheus.Places) -> dict[str, list[str]]:
    return {
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
    waits: Mapping[str, str] | None = None,
    others: str = "[]",
    history: str | None = None,
) -> Iterator[Stack]:
    """Both programs, with our configuration for these targets.

    Args:
        folder: where they work.
        targets: `targets.json` of a home.
        addresses: who is told.
        interval: between two scrapes, and two evaluations of every rule.
        waits: how long alerts wait, where not as their rules say.
        others: what `targets.d` holds.
        history: samples from before, in the format of OpenMetrics.
    """
    folder.mkdir(parents=True, exist_ok=True)
    places = prometheus.Places(
        targets=str(targets),
        prometheus=f"127.0.0.1:{free_port()}",
        alertmanager=f"127.0.0.1:{free_port()}",
        interval=interval,
    )
    contents = files(places, addresses)
    contents["recording.yml"] = contents["recording.yml"].replace("interval: 1m", f"interval: {interval}")
    write(folder, contents)
    shutil.copytree(FOLDER / "templates", folder / "templates")
    write(folder, {"targets.d/others.yml": others})
    if history is not None:
        write(folder, {"history.txt": history})
        made = run(
            "promtool", "tsdb", "create-blocks-from", "openmetrics", "history.txt", "prometheus-data", cwd=folder
        )
        assert made.returncode == 0, made.stderr
    stack = Stack(folder, places, contents)
    stack.wait_times(waits or {})
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


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
