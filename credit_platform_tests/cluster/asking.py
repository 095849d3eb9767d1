"""Clients that ask the service through the Ingress, so many a second, and know what became of each request.

What is here: `Asking`, a load that begins and ends, and `ask`, one question.
What must not be here: what became of the decisions in the log.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from credit_platform.benchmarks.load import request_bytes

CLIENTS = 32


@dataclass
class Asking:
    """Requests at an even rate, each of an applicant of its own; answers are counted by status."""

    address: tuple[str, int]
    host: str
    key: str
    application: dict[str, Any]
    per_second: float
    prefix: str = field(default_factory=lambda: f"L-{uuid.uuid4().hex[:10]}-")
    answers: Counter[str] = field(default_factory=Counter)
    _ended: threading.Event = field(default_factory=threading.Event)
    _sent: int = 0

    @contextlib.contextmanager
    def at_work(self) -> Iterator[Asking]:
        """Load the service meanwhile."""
        thread = threading.Thread(target=lambda: asyncio.run(self._all()))
        thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            thread.join()

    async def _all(self) -> None:
        began = time.monotonic()
        await asyncio.gather(*(self._client(began) for _ in range(CLIENTS)))

    async def _client(self, began: float) -> None:
        """Take the next number when it is its time; a connection that ended with an answer is opened again."""
        reader: asyncio.StreamReader | None = None
        while not self._ended.is_set():
            number, self._sent = self._sent, self._sent + 1
            await asyncio.sleep(max(0.0, began + number / self.per_second - time.monotonic()))
            body = json.dumps({"applicant_id": f"{self.prefix}{number}", "application": self.application}).encode()
            try:
                if reader is None:
                    reader, writer = await asyncio.open_connection(*self.address)
                writer.write(request_bytes(self.host, "/predict", body, self.key))
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]))
                self.answers[head.split()[1].decode()] += 1
                if b"connection: close" in head.lower():
                    writer.close()
                    reader = None
            except (OSError, asyncio.IncompleteReadError) as error:
                self.answers[type(error).__name__] += 1
                reader = None
        if reader is not None:
            writer.close()


def ask(address: tuple[str, int], host: str, key: str, path: str, body: object = None) -> httpx.Response:
    """One question through the Ingress: GET, or POST where there is a body."""
    headers = {"Host": host, "X-API-Key": key}
    url = f"http://{address[0]}:{address[1]}{path}"
    method = "GET" if body is None else "POST"
    return httpx.request(method, url, headers=headers, json=body, timeout=30, trust_env=False)
