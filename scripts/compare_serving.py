"""Is this checkout as fast as an earlier commit where it decides: the writer of the decision log, and the service.

    .venv/bin/python -m scripts.compare_serving 87086c3                        # five minutes; both parts
    .venv/bin/python -m scripts.compare_serving 87086c3 --only service --candidates xgboost --pairs 40 --seconds 0.5

The commit is checked out into a temporary folder and runs in the same environment. Whatever is compared is up at the
same time and works in turn, so that both meet the machine in the same mood; what counts is the median of the ratios of
such pairs. Printed as Markdown, with the load average before and after: beside other work throughput says little, and
processor time more. What a number needs to be quoted is in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from credit_platform.api_keys import new_owner_key
from credit_platform.benchmarks.load import Address, load, request_bytes
from credit_platform.benchmarks.serving_jobs import requests_of
from credit_platform.portfolios import get_portfolio

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
TOGETHER = (1, 4, 16)
_SCORER = (
    "from pathlib import Path; from credit_platform_tests.small_scorer import save_small_scorer; save_small_scorer"
)


@dataclass(frozen=True)
class _Side:
    """One of the two that are compared."""

    name: str
    checkout: Path
    room: Path
    """Folder for what it writes."""

    def environment(self, **more: str) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.checkout), "BENTOML_DO_NOT_TRACK": "true", **more}


@dataclass(frozen=True)
class _Pairs:
    """What was measured in turn, by side: the old one, and the new one."""

    what: str
    old: list[float]
    new: list[float]

    def row(self, digits: int) -> str:
        ratios = sorted(new / old for old, new in zip(self.old, self.new, strict=True))
        cells = (self.what, f"{median(self.old):.{digits}f}", f"{median(self.new):.{digits}f}")
        return " | ".join(("", *cells, f"{median(ratios):.2f}", f"{ratios[0]:.2f} to {ratios[-1]:.2f}", "")).strip()


def main() -> None:
    """Compare, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", help="what to compare with: anything that git understands")
    parser.add_argument("--only", choices=("writer", "service"))
    parser.add_argument("--pairs", type=int, default=20, help="of loads of the service")
    parser.add_argument("--seconds", type=float, default=1.0, help="of each load, after half a second to warm up")
    parser.add_argument("--slices", type=int, default=40, help="of 160 decisions each, of the writer")
    parser.add_argument("--clients", type=int, nargs="+", default=TOGETHER)
    parser.add_argument("--candidates", nargs="+", default=["logistic_regression"], help="models of the small scorers")
    options = parser.parse_args()
    with _two_sides(options.commit) as sides:
        _say(f"load average before: {_load_average()}")
        if options.only != "service":
            _compare_writers(sides, options.clients, options.slices)
        if options.only != "writer":
            for candidate in options.candidates:
                _compare_services(sides, candidate, options.clients, options.pairs, options.seconds)
        _say(f"\nload average after: {_load_average()}")


@contextmanager
def _two_sides(commit: str) -> Iterator[tuple[_Side, _Side]]:
    # Not in a folder of memory: a commit waits for the disk.
    with tempfile.TemporaryDirectory(prefix="compare-serving-") as name:
        room = Path(name)
        for side in ("old", "new"):
            (room / side).mkdir()
        _git("worktree", "add", "--quiet", "--detach", str(room / "checkout"), commit)
        try:
            yield _Side("old", room / "checkout", room / "old"), _Side("new", ROOT, room / "new")
        finally:
            _git("worktree", "remove", "--force", str(room / "checkout"))


def _git(*arguments: str) -> None:
    subprocess.run(["git", "-C", str(ROOT), *arguments], check=True)  # noqa: S603, S607  # of constants and the caller's own commit


# The writer.


def _compare_writers(sides: tuple[_Side, _Side], together: Sequence[int], slices: int) -> None:
    _head("processor microseconds of a decision, writer alone")
    for ids in ("made-up", "client"):
        for count in together:
            with ExitStack() as stack:
                workers = [stack.enter_context(_writing(side, count, ids)) for side in sides]
                found = [[_slice(worker) for worker in workers] for _ in range(slices)]
            whose = "made up by the service" if ids == "made-up" else "random, of the client"
            old, new = ([pair[place] for pair in found] for place in (0, 1))
            _say(_Pairs(f"{count} together, request ids {whose}", old, new).row(0))


@contextmanager
def _writing(side: _Side, together: int, ids: str) -> Iterator[subprocess.Popen[str]]:
    folder = side.room / f"{ids}-{together}"
    command = [sys.executable, str(ROOT / "scripts" / "decision_load.py"), str(together), ids, str(folder)]
    with subprocess.Popen(  # noqa: S603  # the command is made here
        command, env=side.environment(), cwd=side.room, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        _answer(process)
        yield process
        if process.stdin is not None:
            process.stdin.close()


def _slice(process: subprocess.Popen[str]) -> float:
    if process.stdin is None:
        raise RuntimeError("it was started with a pipe")
    process.stdin.write("go\n")
    process.stdin.flush()
    return float(_answer(process))


def _answer(process: subprocess.Popen[str]) -> str:
    line = "" if process.stdout is None else process.stdout.readline()
    if not line:
        raise SystemExit("What writes decisions has ended; its reason stands above.")
    return line


# The service.


@dataclass(frozen=True)
class _Service:
    process: psutil.Process
    port: int


def _compare_services(
    sides: tuple[_Side, _Side], candidate: str, clients: Sequence[int], pairs: int, seconds: float
) -> None:
    key, told = new_owner_key()
    portfolio = get_portfolio("german_credit")
    if portfolio.bundled_raw is None:
        raise RuntimeError("german_credit ships its file")
    bodies = [{"application": body["application"]} for body in requests_of(portfolio, portfolio.bundled_raw, 200)]
    requests = [request_bytes(HOST, "/predict", json.dumps(body).encode(), key) for body in bodies]
    with ExitStack() as stack:
        services = [stack.enter_context(_serving(side, candidate, told)) for side in sides]
        for count in clients:
            found = []
            for turn in range(pairs):
                order = (0, 1) if turn % 2 == 0 else (1, 0)
                by_place = {place: _load(services[place], requests, count, seconds, key) for place in order}
                found.append((by_place[0], by_place[1]))
            _head(f"{candidate}, {count} clients")
            for name, place, digits in (("requests a second", 0, 0), ("processor microseconds of a request", 1, 0)):
                _say(_Pairs(name, [old[place] for old, _ in found], [new[place] for _, new in found]).row(digits))


@contextmanager
def _serving(side: _Side, candidate: str, owner_key: str) -> Iterator[_Service]:
    home = side.room / candidate
    scorer = home / "scorer"
    code = f"{_SCORER}(Path({str(scorer)!r}), {candidate!r})"
    subprocess.run([sys.executable, "-c", code], env=side.environment(), cwd=side.checkout, check=True)  # noqa: S603  # made here
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    environment = side.environment(
        CREDIT_PLATFORM_SCORER=str(scorer),
        CREDIT_PLATFORM_HOME=str(home),
        CREDIT_PLATFORM_AUTHENTICATION="required",
        CREDIT_PLATFORM_OWNER_KEY=owner_key,
    )
    command = [sys.executable, "-m", "bento", "--port", str(port)]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=side.checkout, stdout=log, stderr=log)  # noqa: S603  # as above
    try:
        while process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) == 0:
                    break
            time.sleep(0.05)
        else:
            raise SystemExit(f"The {side.name} service did not start: {(home / 'log').read_text()[-2000:]}")
        yield _Service(psutil.Process(process.pid), port)
    finally:
        process.terminate()
        process.wait(30)


def _load(service: _Service, requests: list[bytes], clients: int, seconds: float, key: str) -> tuple[float, float]:
    """Requests a second, and processor microseconds of each."""
    before = _answered(service, key)
    result = asyncio.run(load(Address(host=HOST, port=service.port), requests, clients, seconds))
    after = _answered(service, key)
    if result["errors"]:
        raise SystemExit(
            f"{result['errors']:.0f} of {result['requests']:.0f} requests were not answered with a decision."
        )
    return result["per_second"], (after[0] - before[0]) / (after[1] - before[1]) * 1e6


def _answered(service: _Service, key: str) -> tuple[float, float]:
    """Processor seconds of the service so far, and decisions."""
    times = service.process.cpu_times()
    return times.user + times.system, _decisions(service.port, key)


def _decisions(port: int, key: str) -> float:
    with socket.create_connection((HOST, port)) as connection:
        head = f"GET /metrics HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        text = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    lines = (line for line in text.splitlines() if line.startswith("credit_platform_decisions_total{"))
    return sum(float(line.rpartition(" ")[2]) for line in lines)


# What is printed.


def _head(what: str) -> None:
    _say(f"\n| {what} | old | new | median of ratios | ratios |\n|---|---:|---:|---:|---|")


def _load_average() -> str:
    return ", ".join(f"{one:.1f}" for one in os.getloadavg())


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
