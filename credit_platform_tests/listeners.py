"""Real receivers of notices on loopback: an HTTP server for webhooks and pagers, and a small SMTP server."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Hook:
    """What a webhook got; `status` is what it answers."""

    url: str = ""
    status: int = 200
    bodies: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def webhook() -> Iterator[Hook]:
    """An HTTP server that takes JSON."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if hook.status < 300:
                hook.bodies.append(body)
            self.send_response(hook.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.url = f"http://127.0.0.1:{server.server_port}/services/T0/s3cret"
    with _running(server):
        yield hook


@dataclass
class Mailbox:
    """What a mail server took; recipients in `refused` are refused."""

    url: str = ""
    messages: list[EmailMessage] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A server that speaks as much SMTP as a message needs, without TLS."""
    box = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 test\r\n")
            while line := self.rfile.readline():
                command = line.decode().strip()
                if command.upper() == "DATA":
                    self.wfile.write(b"354 go on\r\n")
                    box.messages.append(self._message())
                    self.wfile.write(b"250 taken\r\n")
                elif command.upper() == "QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                elif any(f"<{one}>" in command for one in box.refused) and command.upper().startswith("RCPT"):
                    self.wfile.write(b"550 nobody of that name\r\n")
                else:
                    self.wfile.write(b"250 fine\r\n")

        def _message(self) -> EmailMessage:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            read = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(read, EmailMessage)
            return read

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    box.url = f"smtp://127.0.0.1:{server.server_address[1]}"
    with _running(server):
        yield box


@contextmanager
def _running(server: socketserver.TCPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
