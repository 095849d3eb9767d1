"""How many requests a second one worker of the service answers, and how long they take.

What is here: `bench_serving`: one applicant without HTTP; then our service, the same behind the port of
`credit-platform serve`, bare FastAPI with the same scorer and decision log, and a server that only answers (the ceiling
of the client), each loaded from another process.
What to add here: another shape of request.
What must not be here: the clients (`load.py`), the peers (`serving_peers.py`), and who is scored (`serving_jobs.py`).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

import credit_platform
from credit_platform.api_keys import new_owner_key
from credit_platform.benchmarks.conditions import conditions
from credit_platform.benchmarks.load import KEY_VARIABLE
from credit_platform.benchmarks.processes import measure
from credit_platform.benchmarks.result import Benchmark, Figure, Measurement, Role
from credit_platform.benchmarks.serving_jobs import Body, requests_of, score_alone
from credit_platform.errors import ServiceError
from credit_platform.portfolios.portfolio import Portfolio

CLIENTS = (1, 4, 16, 64)
BEHIND_THE_FRONT = (1, 16)
"""Numbers of clients that also ask through the port of `credit-platform serve`."""
APPLICANTS = 200
HOST = "127.0.0.1"
_START_SECONDS = 60.0
_PEERS = "credit_platform.benchmarks.serving_peers"
_FULL = "full histories"


@dataclass(frozen=True)
class _Load:
    """What the clients of all servers have in common."""

    folder: Path
    """Where bodies, logs and decision logs go."""
    scorer: Path
    seconds: float
    clients: Sequence[int]
    key: tuple[str, str]
    """An API key, and what a service must be told of it."""


def bench_serving(
    scorer_folder: Path,
    portfolio: Portfolio,
    raw: Path,
    *,
    synthetic: bool,
    seconds: float = 5.0,
    clients: Sequence[int] = CLIENTS,
    applicants: int = APPLICANTS,
) -> Benchmark:
    """Score single applicants, then load the service, bare FastAPI and a constant answer in turn.

    Args:
        scorer_folder: the scorer that all of them use.
        portfolio: its portfolio.
        raw: folder with raw files, from which applicants are taken.
        synthetic: whether these files were generated.
        seconds: length of each load, after a warm-up.
        clients: numbers of connections, each of which sends its next request when it has its answer.
        applicants: number of different applicants that are sent in turn.

    Raises:
        BenchmarkError: scoring without HTTP failed.
        ServiceError: a service does not start.
    """
    taken = conditions(synthetic=synthetic, scale=None, data_bytes=None)
    bodies = requests_of(portfolio, raw, applicants)
    with tempfile.TemporaryDirectory(prefix="bench-serving-") as name:
        folder = Path(name)
        load = _Load(folder, scorer_folder, seconds, clients, new_owner_key())
        _write(folder / "full", bodies)
        _write(folder / "application", [{"application": body["application"]} for body in bodies])
        parts = (
            _alone(load),
            _service(load, histories=any("histories" in body for body in bodies)),
            _peer(load, "fastapi", Role.PEER, "bare FastAPI, the same scorer and decision log; no keys, no rules"),
            _peer(load, "constant", Role.FLOOR, "a constant answer: the ceiling of the client"),
        )
    return Benchmark(
        name="serving",
        conditions=taken,
        measurements=tuple(measurement for measurement, _ in parts),
        figures=tuple(figure for _, figures in parts for figure in figures),
    )


def _write(file: Path, bodies: Sequence[Body]) -> None:
    file.write_text("\n".join(json.dumps(body) for body in bodies), encoding="utf-8")


def _alone(load: _Load) -> tuple[Measurement, list[Figure]]:
    measurement, found = measure(
        score_alone,
        {"scorer": str(load.scorer.resolve()), "applicants": str(load.folder / "full")},
        name="scorer",
        role=Role.PLATFORM,
        what="One applicant after another without HTTP: features, probability, decision, points and reasons.",
    )
    figures = [
        Figure(name=f"scorer, {way}: {name}", value=value, unit="ms")
        for way, times in found["times"].items()
        for name, value in times.items()
    ]
    rows = [
        Figure(name=f"rows of histories: {name}", value=value, unit="rows") for name, value in found["rows"].items()
    ]
    return measurement, [*figures, *(rows if found["rows"]["most"] else [])]


def _service(load: _Load, *, histories: bool) -> tuple[Measurement, list[Figure]]:
    started = time.perf_counter()
    with _running(["-m", "bento"], load, "service") as (process, port):
        figures = [_ready("service", started)]
        loads = [_load(port, load, count) for count in load.clients]
        what = "our service as it comes: keys, decision log, metrics and a log line for each request"
        measurement = _measurement("service", Role.PLATFORM, what, process, loads)
        figures += [figure for one in loads for figure in _figures("service", one)]
        if histories:
            figures += _figures(f"service, {_FULL}", _load(port, load, 1, bodies="full"))
        with _running(["-m", _PEERS, "front", "--backend", str(port)], load, "front") as (_, front):
            for count in BEHIND_THE_FRONT:
                figures += _figures("service behind serve's port", _load(front, load, count))
    return measurement, figures


def _peer(load: _Load, name: str, role: Role, what: str) -> tuple[Measurement, list[Figure]]:
    started = time.perf_counter()
    with _running(["-m", _PEERS, name], load, name) as (process, port):
        figures = [_ready(name, started)]
        loads = [_load(port, load, count) for count in load.clients]
        measurement = _measurement(name, role, what, process, loads)
    return measurement, [*figures, *(figure for one in loads for figure in _figures(name, one))]


def _ready(name: str, started: float) -> Figure:
    return Figure(name=f"{name}: ready after", value=(time.perf_counter() - started) * 1000, unit="ms")


@contextmanager
def _running(command: Sequence[str], load: _Load, name: str) -> Iterator[tuple[psutil.Process, int]]:
    home = load.folder / name
    home.mkdir()
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    environment = {
        **os.environ,
        "CREDIT_PLATFORM_SCORER": str(load.scorer.resolve()),
        "CREDIT_PLATFORM_HOME": str(home.resolve()),
        "CREDIT_PLATFORM_AUTHENTICATION": "required",
        "CREDIT_PLATFORM_OWNER_KEY": load.key[1],
        "BENTOML_DO_NOT_TRACK": "true",
    }
    checkout = Path(credit_platform.__file__).parent.parent
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  # the command is made here, of constants
            [sys.executable, *command, "--port", str(port)],
            cwd=checkout,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, port, home / "log")
        yield psutil.Process(process.pid), port
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise ServiceError("The service to measure did not start.", log.read_text(errors="replace")[-2000:])


def _load(port: int, load: _Load, clients: int, bodies: str = "application") -> dict[str, Any]:
    options = {"port": port, "bodies": load.folder / bodies, "clients": clients, "seconds": load.seconds}
    done = subprocess.run(  # noqa: S603  the command is made here, of constants
        [
            sys.executable,
            "-m",
            "credit_platform.benchmarks.load",
            *(part for name, value in options.items() for part in (f"--{name}", str(value))),
        ],
        env={**os.environ, KEY_VARIABLE: load.key[0]},
        capture_output=True,
        text=True,
        check=False,
        timeout=load.seconds + _START_SECONDS,
    )
    if done.returncode != 0:
        raise ServiceError("The service stopped answering while it was measured.", done.stderr[-2000:])
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _measurement(
    name: str, role: Role, what: str, process: psutil.Process, loads: Sequence[Mapping[str, Any]]
) -> Measurement:
    times = process.cpu_times()
    return Measurement(
        name=name,
        role=role,
        what=what,
        seconds=sum(load["seconds"] for load in loads),
        cpu_seconds=times.user + times.system,
        peak_bytes=process.memory_info().rss,
    )


def _figures(name: str, load: Mapping[str, Any]) -> list[Figure]:
    prefix = f"{name}, {load['clients']} clients"
    return [
        Figure(name=f"{prefix}: throughput", value=load["per_second"], unit="requests/s"),
        *(Figure(name=f"{prefix}: {p}", value=load[f"{p}_ms"], unit="ms") for p in ("p50", "p95", "p99")),
        Figure(name=f"{prefix}: errors", value=load["errors"], unit="errors"),
    ]
