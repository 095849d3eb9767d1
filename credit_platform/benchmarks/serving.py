"""How many requests a second one worker of the service answers, and how long they take.

What is here: `bench_serving`: one applicant without HTTP; then our service, the same behind the port of
`credit-platform serve`, bare FastAPI with the same scorer and decision log, and a server that only answers (the ceiling
of the client), each loaded from another process.
What to add here: another server in `_servers`, another shape of request.
What must not be here: the clients (`load.py`), the peers (`serving_peers.py`), and who is scored (`serving_jobs.py`).

**Rounds.** A shared machine changes its speed within seconds. All servers are up at the same time, and each number of
clients asks one after the other, in several rounds; what is reported is the median of the rounds and the worst one.
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
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

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
from credit_platform.scoring import Scorer

CLIENTS = (1, 4, 16, 64)
A_FEW = (1, 16)
"""Numbers of clients that ask what is our service again: behind the port of `credit-platform serve`, with a shadow."""
APPLICANTS = 200
ROUNDS = 3
HOST = "127.0.0.1"
_START_SECONDS = 60.0
_PEERS = "credit_platform.benchmarks.serving_peers"
_FULL = "full histories"


@dataclass(frozen=True)
class _Setting:
    """What all servers and their clients have in common."""

    folder: Path
    """Where bodies, logs and decision logs go."""
    scorer: Path
    seconds: float
    key: tuple[str, str]
    """An API key, and what a service must be told of it."""


@dataclass(frozen=True)
class _Server:
    """One that is up, and how long that took."""

    name: str
    role: Role
    what: str
    process: psutil.Process
    port: int
    ready_ms: float
    again: bool = False
    """Whether it is our service once more, so that `A_FEW` numbers of clients are enough."""


@dataclass(frozen=True)
class _Load:
    """Clients that ask one server; `results` has what each round found."""

    name: str
    server: _Server
    clients: int
    bodies: str = "application"
    results: list[Mapping[str, float]] = field(default_factory=list)


def bench_serving(
    scorer_folder: Path,
    portfolio: Portfolio,
    raw: Path,
    *,
    synthetic: bool,
    seconds: float = 2.0,
    rounds: int = ROUNDS,
    clients: Sequence[int] | None = None,
    applicants: int = APPLICANTS,
    shadow: Path | None = None,
) -> Benchmark:
    """Score single applicants, then load the service, bare FastAPI and a constant answer in turn.

    Args:
        scorer_folder: the scorer that all of them use.
        portfolio: its portfolio.
        raw: folder with raw files, from which applicants are taken.
        synthetic: whether these files were generated.
        seconds: length of each load, after a warm-up.
        rounds: how often each load is repeated.
        clients: numbers of connections, each of which sends its next request when it has its answer; by default
            `CLIENTS`.
        applicants: number of different applicants that are sent in turn.
        shadow: folder of a challenger's scorer; where given, the service is also measured with it in its shadow.

    Raises:
        ScorerError: a scorer is incomplete, altered, or made for other feature definitions.
        BenchmarkError: scoring without HTTP failed.
        ServiceError: a service does not start, or answers with errors only.
    """
    for folder in filter(None, (scorer_folder, shadow)):
        Scorer.load(folder)  # what is wrong with it is said here, and not in the trace of a process that is measured
    taken = conditions(synthetic=synthetic, scale=None, data_bytes=None)
    bodies = requests_of(portfolio, raw, applicants)
    with tempfile.TemporaryDirectory(prefix="bench-serving-") as name:
        setting = _Setting(Path(name), scorer_folder, seconds, new_owner_key())
        _write(setting.folder / "full", bodies)
        _write(setting.folder / "application", [{"application": body["application"]} for body in bodies])
        alone, figures = _alone(setting)
        with ExitStack() as stack:
            servers = _servers(setting, stack, shadow)
            loads = _loads(servers, clients or CLIENTS, histories=any("histories" in body for body in bodies))
            for _ in range(rounds):
                for load in loads:
                    load.results.append(_ask(load, setting))
            measured = [_measurement(server, loads) for server in servers]
    return Benchmark(
        name="serving",
        conditions=taken,
        measurements=(alone, *measured),
        figures=(
            *figures,
            *(Figure(name=f"{server.name}: ready after", value=server.ready_ms, unit="ms") for server in servers),
            *(figure for load in loads for figure in _figures(load)),
        ),
    )


def _servers(setting: _Setting, stack: ExitStack, shadow: Path | None) -> list[_Server]:
    """Start all of them; `stack` stops them."""

    def start(
        name: str, role: Role, what: str, command: Sequence[str], *, again: bool = False, **environment: str
    ) -> _Server:
        started = time.perf_counter()
        process, port = stack.enter_context(_running(command, setting, name, environment))
        return _Server(name, role, what, process, port, (time.perf_counter() - started) * 1000, again)

    what = "our service as it comes: keys, decision log, metrics and a log line for each request"
    ours = start("service", Role.PLATFORM, what, ["-m", "bento"])
    front = ["-m", _PEERS, "front", "--backend", str(ours.port)]
    servers = [
        ours,
        start(
            "service behind serve's port", Role.PLATFORM, "what forwards connections to the service", front, again=True
        ),
        start(
            "fastapi",
            Role.PEER,
            "bare FastAPI, the same scorer and decision log; no keys, no rules",
            ["-m", _PEERS, "fastapi"],
        ),
        start("constant", Role.FLOOR, "a constant answer: the ceiling of the client", ["-m", _PEERS, "constant"]),
    ]
    if shadow is not None:
        challenger = {"CREDIT_PLATFORM_SHADOW_SCORER": str(shadow.resolve())}
        what = "our service while a challenger scores along"
        servers.append(start("service with a shadow", Role.PLATFORM, what, ["-m", "bento"], again=True, **challenger))
    return servers


def _loads(servers: Sequence[_Server], clients: Sequence[int], *, histories: bool) -> list[_Load]:
    """What is asked in each round: the same number of clients of one server after the other."""
    loads = [
        _Load(f"{server.name}, {count} clients", server, count)
        for count in clients
        for server in servers
        if count in A_FEW or not server.again
    ]
    if histories:
        loads.append(_Load(f"service, {_FULL}, 1 clients", servers[0], 1, bodies="full"))
    return loads


def _write(file: Path, bodies: Sequence[Body]) -> None:
    file.write_text("\n".join(json.dumps(body) for body in bodies), encoding="utf-8")


def _alone(setting: _Setting) -> tuple[Measurement, list[Figure]]:
    measurement, found = measure(
        score_alone,
        {"scorer": str(setting.scorer.resolve()), "applicants": str(setting.folder / "full")},
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


@contextmanager
def _running(
    command: Sequence[str], setting: _Setting, name: str, environment: Mapping[str, str]
) -> Iterator[tuple[psutil.Process, int]]:
    home = setting.folder / name
    home.mkdir()
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    surroundings = {
        **os.environ,
        "CREDIT_PLATFORM_SCORER": str(setting.scorer.resolve()),
        "CREDIT_PLATFORM_HOME": str(home.resolve()),
        "CREDIT_PLATFORM_AUTHENTICATION": "required",
        "CREDIT_PLATFORM_OWNER_KEY": setting.key[1],
        "BENTOML_DO_NOT_TRACK": "true",
        **environment,
    }
    checkout = Path(credit_platform.__file__).parent.parent
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  # the command is made here, of constants
            [sys.executable, *command, "--port", str(port)],
            cwd=checkout,
            env=surroundings,
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


def _ask(load: _Load, setting: _Setting) -> dict[str, float]:
    options = {
        "port": load.server.port,
        "bodies": setting.folder / load.bodies,
        "clients": load.clients,
        "seconds": setting.seconds,
    }
    done = subprocess.run(  # noqa: S603  # the command is made here, of constants
        [
            sys.executable,
            "-m",
            "credit_platform.benchmarks.load",
            *(part for name, value in options.items() for part in (f"--{name}", str(value))),
        ],
        env={**os.environ, KEY_VARIABLE: setting.key[0]},
        capture_output=True,
        text=True,
        check=False,
        timeout=setting.seconds + _START_SECONDS,
    )
    if done.returncode != 0:
        raise ServiceError("The service stopped answering while it was measured.", done.stderr[-2000:])
    result: dict[str, float] = json.loads(done.stdout)
    if result["errors"] == result["requests"]:  # refusals are quick: no speed to report
        log = (setting.folder / load.server.name / "log").read_text(errors="replace")
        raise ServiceError(f"{load.name}: no request was answered with a decision.", f"It says: {log[:2000]}")
    return result


def _measurement(server: _Server, loads: Sequence[_Load]) -> Measurement:
    times = server.process.cpu_times()
    return Measurement(
        name=server.name,
        role=server.role,
        what=server.what,
        seconds=sum(result["seconds"] for load in loads if load.server is server for result in load.results),
        cpu_seconds=times.user + times.system,
        peak_bytes=server.process.memory_info().rss,
    )


def _figures(load: _Load) -> list[Figure]:
    found = {name: sorted(result[name] for result in load.results) for name in load.results[0]}
    throughput = found["per_second"]
    return [
        Figure(name=f"{load.name}: throughput", value=median(throughput), unit="requests/s"),
        Figure(name=f"{load.name}: lowest throughput", value=throughput[0], unit="requests/s"),
        *(Figure(name=f"{load.name}: {p}", value=median(found[f"{p}_ms"]), unit="ms") for p in ("p50", "p95", "p99")),
        Figure(name=f"{load.name}: highest p99", value=found["p99_ms"][-1], unit="ms"),
        Figure(name=f"{load.name}: errors", value=sum(found["errors"]), unit="errors"),
    ]
