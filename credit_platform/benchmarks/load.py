"""`python -m credit_platform.benchmarks.load`: clients that ask a service as fast as it answers.

What is here: connections that are kept alive, written on bare asyncio: the client must not be the bottleneck.
What must not be here: starting services (`serving.py`).

Prints one JSON object: requests, errors, seconds, and percentiles of the time from the request to the whole answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path

WARM_UP_SECONDS = 0.5
KEY_VARIABLE = "CREDIT_PLATFORM_BENCH_API_KEY"


async def _ask(
    address: tuple[str, int], requests: list[bytes], first: int, times: list[float], until: list[float]
) -> int:
    """Ask until the end; returns the number of answers that were not 200."""
    reader, writer = await asyncio.open_connection(*address)
    errors, turn = 0, first
    try:
        while (started := time.perf_counter()) < until[0]:
            writer.write(requests[turn % len(requests)])
            turn += 1
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            times.append(time.perf_counter() - started)
            errors += not head.startswith(b"HTTP/1.1 200")
    finally:
        writer.close()
    return errors


async def load(host: str, port: int, requests: list[bytes], clients: int, seconds: float) -> dict[str, float]:
    """Ask for some seconds, after a warm-up of at most half a second.

    Args:
        host: of the service.
        port: of the service.
        requests: whole HTTP requests, which the clients send in turn.
        clients: connections, each of which sends its next request when it has its answer.
        seconds: how long.

    Returns:
        Requests, errors, seconds, requests a second, and percentiles of the milliseconds that one took.
    """
    until = [time.perf_counter() + min(WARM_UP_SECONDS, seconds)]
    await asyncio.gather(*(_ask((host, port), requests, n, [], until) for n in range(clients)))
    times: list[float] = []
    started = time.perf_counter()
    until = [started + seconds]
    errors = await asyncio.gather(*(_ask((host, port), requests, n, times, until) for n in range(clients)))
    took = time.perf_counter() - started
    times.sort()
    return {
        "clients": clients,
        "requests": len(times),
        "errors": sum(errors),
        "seconds": took,
        "per_second": len(times) / took,
        **{f"p{share}_ms": 1000 * times[min(len(times) - 1, len(times) * share // 100)] for share in (50, 95, 99)},
    }


def request_bytes(host: str, path: str, body: bytes, key: str | None = None) -> bytes:
    """A whole HTTP request, with an API key where there is one."""
    head = [
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *([] if key is None else [f"Authorization: Bearer {key}"]),
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def main() -> None:
    """Read bodies (one JSON document a line) and load the service; the API key comes in `KEY_VARIABLE`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/predict")
    parser.add_argument("--bodies", type=Path, required=True)
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    host = "127.0.0.1"
    key = os.environ.get(KEY_VARIABLE)
    requests = [request_bytes(host, options.path, line, key) for line in options.bodies.read_bytes().splitlines()]
    result = asyncio.run(load(host, options.port, requests, options.clients, options.seconds))
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()
