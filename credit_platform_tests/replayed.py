"""Recordings of other programs (host, cluster, PostgreSQL) as targets that Prometheus scrapes.

They lie in `unit/alerts/recorded`, whose README says where they are from. Gauges stay as they were recorded, counters
go on as they came: as fast as in the hour before the recording.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from credit_platform_tests.recordings import RECORDED

OTHERS: Final = {"host": "node", "cluster": "kubernetes", "postgres": "postgres"}
"""Recordings of programs that do not run here, and the job that each is scraped as."""
_HOUR: Final = 3600.0


def text_after(recording: str, seconds: float) -> str:
    """The recording, so many seconds later."""
    kinds: dict[str, str] = {}
    lines = []
    for line in recording.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            kinds[name] = kind
        elif kinds[line.partition("{")[0].partition(" ")[0]] == "counter":
            series, _, value = line.rpartition(" ")
            lines.append(f"{series} {float(value) * (1 + seconds / _HOUR)!r}")
            continue
        lines.append(line)
    return "\n".join(lines) + "\n"


@contextmanager
def replayed(file: Path) -> Iterator[str]:
    """Serve a recording; host and port."""
    recording, began = file.read_text(encoding="utf-8"), time.monotonic()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = text_after(recording, time.monotonic() - began).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def replayed_targets(others: Mapping[str, str] = OTHERS) -> Iterator[str]:
    """Serve these recordings; what `targets.d` has to hold."""
    with ExitStack() as stack:
        entries = [
            {"targets": [stack.enter_context(replayed(RECORDED / f"{name}.prom"))], "labels": {"job": job}}
            for name, job in others.items()
        ]
        yield json.dumps(entries)
