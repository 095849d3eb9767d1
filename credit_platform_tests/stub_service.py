"""A program on loopback that answers as a scoring service does, well or badly, as a test says."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "a-key-of-nobody"
DIGEST = "5" * 64
EXAMPLE = {"application": {"amount": 1500}, "language": "en"}


@dataclass
class Stub:
    """How it answers, and what it was asked."""

    url: str = ""
    ready: bool = True
    digest: str = DIGEST
    probability: float = 0.2
    status: int = 200
    """Of decisions."""
    slow_seconds: float = 0.0
    """Of decisions."""
    closes: bool = False
    """Whether a connection ends with its answer."""
    chunked: bool = False
    asked: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def answer(self, path: str) -> tuple[int, dict[str, Any]]:
        """Status and document."""
        if path == "/health":
            return 200, {"ready": self.ready, "reason": None if self.ready else "no scorer"}
        if path == "/model-info":
            return 200, {"portfolio": "german_credit", "digest": self.digest}
        if path == "/openapi.json":
            content = {"application/json": {"examples": {"accepted": {"value": EXAMPLE}}}}
            return 200, {"paths": {"/predict": {"post": {"requestBody": {"content": content}}}}}
        time.sleep(self.slow_seconds)
        decision = {"probability_of_default": self.probability, "decision": "accepted", "reasons": [{"text": "why"}]}
        return self.status, decision if self.status == 200 else {"error": {"message": "not now", "code": "no"}}


@contextmanager
def stub_service(tls: ssl.SSLContext | None = None) -> Iterator[Stub]:
    """One that answers while the block lasts; by https where `tls` has a certificate."""
    stub = Stub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer()

        def _answer(self) -> None:
            stub.asked.append(self.path)
            stub.hosts.add(self.headers["Host"])
            known = self.headers["Authorization"] == f"Bearer {KEY}"
            status, document = stub.answer(self.path) if known else (401, {"error": {"message": "who?", "code": "key"}})
            body = json.dumps(document).encode()
            self.send_response(status)
            if stub.closes:
                self.send_header("Connection", "close")
            if stub.chunked:
                self.send_header("Transfer-Encoding", "chunked")
                body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:])) + b"0\r\n\r\n"
            else:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    stub.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
