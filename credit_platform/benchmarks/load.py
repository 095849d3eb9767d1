"""`python -m credit_platform.benchmarks.load`: clients that ask a service as fast as it answers.

What is here: connections that are kept alive, written on bare asyncio: the client must not be the bottleneck.
What must not be here: starting services (`serving.py`), choosing whom to ask (`running.py`).

Prints one JSON object: requests, errors, seconds, and percentiles of the time from the request to the whole answer.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import ssl
import sys
import time
from dataclasses import dataclass
from pathlib import Path

WARM_UP_SECONDS = 0.5
KEY_VARIABLE = "CREDIT_PLATFORM_BENCH_API_KEY"
_PAUSE_SECONDS = 0.1
_CLOSE_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where connections go."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    """Whom to trust; None for a connection in the clear."""
    name: str | None = None
    """Whose certificate is expected, where that is not `host`."""


class _Connection:
    """A connection that is kept alive, and opened again when an answer ended it."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> bool:
        """Whether the answer to a request is 200."""
        if self._open is None:
            to = self._address
            name = (to.name or to.host) if to.tls else None
            self._open = await asyncio.open_connection(to.host, to.port, ssl=to.tls, server_hostname=name)
        reader, writer = self._open
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        told = head.lower()
        if b"transfer-encoding: chunked" in told:
            await _read_chunks(reader)
        else:
            await reader.readexactly(int(told.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        if b"connection: close" in told:
            await self.close()
        return head.startswith(b"HTTP/1.1 200")

    async def close(self) -> None:
        """Close it, if it is open; of TLS that takes an answer, which need not come."""
        if self._open is not None:
            writer, self._open = self._open[1], None
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), _CLOSE_SECONDS)


async def _read_chunks(reader: asyncio.StreamReader) -> None:
    """What a proxy sends that does not know the length beforehand; without trailers, which nobody sends here."""
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        await reader.readexactly(size + 2)
    await reader.readuntil(b"\r\n")


async def _ask(
    address: Address, requests: list[bytes], first: int, times: list[float], until: list[float], *, patient: bool
) -> int:
    """Ask until the end; returns the number of answers that were not 200, and of those that did not come."""
    connection = _Connection(address)
    errors, turn = 0, first
    try:
        while (started := time.perf_counter()) < until[0]:
            turn += 1
            try:
                well = await connection.ask(requests[(turn - 1) % len(requests)])
            except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                if not patient:
                    raise
                await connection.close()
                well = False
                await asyncio.sleep(_PAUSE_SECONDS)  # nobody is asked in a circle while nothing listens
            times.append(time.perf_counter() - started)
            errors += not well
    finally:
        await connection.close()
    return errors


async def load(
    address: Address, requests: list[bytes], clients: int, seconds: float, *, patient: bool = False
) -> dict[str, float]:
    """Ask for some seconds, after a warm-up of at most half a second.

    Args:
        address: of the service.
        requests: whole HTTP requests, which the clients send in turn.
        clients: connections, each of which sends its next request when it has its answer.
        seconds: how long.
        patient: whether an answer that does not come is counted as an error; else it ends the load.

    Returns:
        Requests, errors, seconds, requests a second, and percentiles of the milliseconds that one took.
    """
    until = [time.perf_counter() + min(WARM_UP_SECONDS, seconds)]
    await asyncio.gather(*(_ask(address, requests, n, [], until, patient=patient) for n in range(clients)))
    times: list[float] = []
    started = time.perf_counter()
    until = [started + seconds]
    errors = await asyncio.gather(*(_ask(address, requests, n, times, until, patient=patient) for n in range(clients)))
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
    result = asyncio.run(load(Address(host=host, port=options.port), requests, options.clients, options.seconds))
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()
