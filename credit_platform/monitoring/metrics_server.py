"""Metrics over HTTP on a port of their own, for Prometheus.

What is here: `MetricsServer`, of the exporter and of a scoring service, which carries this module.
What to add here: nothing but answers that need no key: the port is on loopback or inside a cluster.
What must not be here: measuring.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from credit_platform.http_limits import SECURITY_HEADERS

_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PATIENCE_SECONDS = 10.0
"""For a client that sends its request slowly."""


class MetricsServer:
    """Answers `/metrics` and `/health`, from `start` to `stop` or inside of its context."""

    def __init__(self, exposition: Callable[[], bytes], host: str, port: int) -> None:
        """Take the port.

        Args:
            exposition: metrics in Prometheus' text format, asked for each request.
            host: address to listen at.
            port: 0 for any free one.

        Raises:
            OSError: it is taken, or the host is not one of this machine's.
        """
        self._server = _Server((host, port), _handler(exposition))
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics server", daemon=True)

    @property
    def address(self) -> str:
        """Host and port, as Prometheus names a target."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        """Answer inside."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the port."""
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


def _handler(exposition: Callable[[], bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE_SECONDS
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # Python's server calls it so
            path = self.path.partition("?")[0]
            if path == "/metrics":
                self._answer(HTTPStatus.OK, exposition(), _CONTENT_TYPE)
            elif path == "/health":
                self._answer(HTTPStatus.OK, b'{"live": true}', "application/json")
            else:
                self._answer(HTTPStatus.NOT_FOUND, b"There is /metrics and /health.\n", "text/plain")

        do_HEAD = do_GET  # noqa: N815  # the same

        def _answer(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            for name, value in SECURITY_HEADERS.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its parameter's name
            """Nothing: a line for every scrape is of no use."""

    return Handler
