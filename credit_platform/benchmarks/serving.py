"""How many requests a second one worker of the service answers, and how long they take.

What is here: `bench_serving`: our service, bare FastAPI with the same scorer and decision log, and a server that only
answers (the ceiling of the client), each loaded from another process.
What to add here: another shape of request.
What must not be here: the clients (`load.py`) and the peers (`serving_peers.py`).
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
from pathlib import Path
from typing import Any

import psutil

import credit_platform
from credit_platform.benchmarks.conditions import conditions
from credit_platform.benchmarks.result import Benchmark, Figure, Measurement, Role
from credit_platform.errors import ServiceError
from credit_platform.scoring import Scorer

CLIENTS = (1, 4, 16, 64)
HOST = "127.0.0.1"
_START_SECONDS = 60.0
_PEERS = "credit_platform.benchmarks.serving_peers"


def bench_serving(
    scorer_folder: Path, *, seconds: float = 5.0, clients: Sequence[int] = CLIENTS, bodies: Sequence[bytes] = ()
) -> Benchmark:
    """Load the service, bare FastAPI and a constant answer in turn.

    Args:
        scorer_folder: the scorer that both serve.
        seconds: length of each load, after a warm-up.
        clients: numbers of connections, each of which sends its next request when it has its answer.
        bodies: bodies of `POST /predict`; the portfolio's examples by default.

    Raises:
        ServiceError: a service does not start.
    """
    taken = conditions(synthetic=True, scale=None, data_bytes=0)
    sent = list(bodies) or _examples(Scorer.load(scorer_folder))
    subjects = (
        ("service", Role.PLATFORM, ["-m", "bento"], "our service: keys off, decision log and metrics on"),
        ("fastapi", Role.PEER, ["-m", _PEERS, "fastapi"], "bare FastAPI, the same scorer and decision log"),
        ("constant", Role.FLOOR, ["-m", _PEERS, "constant"], "a constant answer: the ceiling of the client"),
    )
    measurements, figures = [], []
    with tempfile.TemporaryDirectory(prefix="bench-serving-") as folder:
        file = Path(folder) / "bodies.jsonl"
        file.write_bytes(b"\n".join(sent))
        for name, role, command, what in subjects:
            home = Path(folder) / name
            home.mkdir()
            started = time.perf_counter()
            with _running(command, scorer_folder, home) as (process, port):
                figures.append(
                    Figure(name=f"{name}: ready after", value=(time.perf_counter() - started) * 1000, unit="ms")
                )
                loads = [_load(port, file, count, seconds) for count in clients]
                measurements.append(_measurement(name, role, what, process, loads))
            figures += [figure for load in loads for figure in _figures(name, load)]
    return Benchmark(name="serving", conditions=taken, measurements=tuple(measurements), figures=tuple(figures))


def _examples(scorer: Scorer) -> list[bytes]:
    portfolio = scorer.portfolio
    protected = {c.name for c in portfolio.application_columns if c.protected is not None}
    rows = [{n: v for n, v in row.items() if n not in protected} for row in portfolio.examples.values()]
    return [json.dumps({"application": row}).encode() for row in rows]


@contextmanager
def _running(command: Sequence[str], scorer: Path, home: Path) -> Iterator[tuple[psutil.Process, int]]:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    environment = {
        **os.environ,
        "CREDIT_PLATFORM_SCORER": str(scorer.resolve()),
        "CREDIT_PLATFORM_HOME": str(home.resolve()),
        "CREDIT_PLATFORM_AUTHENTICATION": "disabled",
        "CREDIT_PLATFORM_SERVICE_ACCESS_LOG": "false",
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


def _load(port: int, bodies: Path, clients: int, seconds: float) -> dict[str, Any]:
    options = ["--port", str(port), "--bodies", str(bodies), "--clients", str(clients), "--seconds", str(seconds)]
    done = subprocess.run(  # noqa: S603  # the command is made here, of constants
        [sys.executable, "-m", "credit_platform.benchmarks.load", *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + _START_SECONDS,
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
