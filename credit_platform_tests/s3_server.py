"""A real S3 server for tests: SeaweedFS, one for each process of the test run, a new bucket for each test.

It enforces conditional puts, as S3 does, and so lets two writers of a Delta table find out about each other.
"""

from __future__ import annotations

import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
import pytest
from obstore.store import S3Store

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config

ACCESS_KEY = "tester"
SECRET = "never-print-this-secret"
READER = "reader"
READER_SECRET = "nor-this-secret-of-the-reader"
_PORTS = ("master", "volume", "filer", "s3")
_PATIENCE_SECONDS = 60
_HTTP: ClientConfig = {"allow_http": True}
_SIGNED_FOR = timedelta(minutes=1)


class S3Server:
    """A server on a port of its own that can be stopped and started; what it stores survives that."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = _free_ports(2 * len(_PORTS) + 1)
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "data").mkdir()
        (folder / "identities.json").write_text(json.dumps({"identities": [_identity(), _reader()]}))

    @property
    def endpoint(self) -> str:
        """Address of the S3 API."""
        return f"http://127.0.0.1:{self._ports[2 * _PORTS.index('s3')]}"

    def environment(self, key: str = ACCESS_KEY, secret: str = SECRET) -> dict[str, str]:
        """The variables that tell every S3 client of this server."""
        return {
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ALLOW_HTTP": "true",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def new_bucket(self) -> str:
        """Name of a bucket that is empty."""
        name = f"test-{uuid.uuid4().hex}"
        self._try_until_it_works(name)
        return name

    def start(self) -> None:
        """Start the server and wait until it stores something."""
        self._run()
        try:
            self._try_until_it_works("probe")
        except (OSError, obstore.exceptions.BaseError) as error:
            log = (self._folder / "server.log").read_text(errors="replace")
            raise RuntimeError(f"The S3 server did not start: {log[-3000:]}") from error

    def _run(self) -> None:
        flags = [f for i, n in enumerate(_PORTS) for f in self._port_flags(i, n)]
        command = [
            str(Path(sys.executable).with_name("weed")),
            "server",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            f"-dir={self._folder / 'data'}",
            "-filer",
            f"-filer.localSocket={self._folder / 'filer.sock'}",
            "-s3",
            f"-s3.config={self._folder / 'identities.json'}",
            f"-s3.localSocket={self._folder / 's3.sock'}",
            "-s3.iam=false",
            # Their ports are fixed ones otherwise, which two servers cannot have.
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            # No bucket comes into being by a slip of the pen, as on S3.
            "-s3.autoCreateBucket=false",
            "-master.telemetry=false",
            "-master.volumeSizeLimitMB=64",
            "-volume.max=2000",
            # By default a disk that is 99 % full takes no volume.
            "-volume.minFreeSpace=100MiB",
            f"-metricsPort={self._ports[-1]}",
            *flags,
        ]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder)

    def stop(self) -> None:
        """End the server at once, as a power cut would; it takes half a minute to end by itself."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _port_flags(self, number: int, name: str) -> list[str]:
        http, grpc = self._ports[2 * number : 2 * number + 2]
        return [f"-{name}.port={http}", f"-{name}.port.grpc={grpc}"]

    def _try_until_it_works(self, bucket: str) -> None:
        """The server lists before it can store; a bucket is there when an object in it is."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        store = S3Store(
            bucket, config=_config(self.environment()), client_options=_HTTP, retry_config={"max_retries": 0}
        )
        while True:
            try:
                self._make(bucket)
                obstore.put(store, "probe", b"x")
                obstore.delete(store, "probe")
            except (OSError, obstore.exceptions.BaseError):
                if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def _make(self, bucket: str) -> None:
        store = S3Store(bucket, config=_config(self.environment()), client_options=_HTTP)
        # An object of no name in a bucket is the bucket itself.
        address = obstore.sign(store, "PUT", "", _SIGNED_FOR)
        request = urllib.request.Request(address, method="PUT")
        try:
            urllib.request.urlopen(request, timeout=10).close()
        except urllib.error.HTTPError as error:
            with error:
                if error.code != 409:  # it is there
                    raise


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """The server; starts in seconds, when the first test wants it."""
    # Its sockets have names that are too long below pytest's folders.
    with tempfile.TemporaryDirectory(prefix="cp_s3_", ignore_cleanup_errors=True) as folder:
        server = S3Server(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture
def s3(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The same, with this process's variables pointing at it."""
    for name, value in s3_server.environment().items():
        monkeypatch.setenv(name, value)
    return s3_server


def _config(environment: dict[str, str]) -> S3Config:
    return {
        "access_key_id": environment["AWS_ACCESS_KEY_ID"],
        "secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
        "endpoint": environment["AWS_ENDPOINT_URL"],
        "region": environment["AWS_REGION"],
    }


def _identity() -> dict[str, object]:
    return {
        "name": ACCESS_KEY,
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }


def _reader() -> dict[str, object]:
    return {
        "name": READER,
        "credentials": [{"accessKey": READER, "secretKey": READER_SECRET}],
        "actions": ["Read", "List"],
    }


def _free_ports(number: int) -> list[int]:
    """Ports below those that the system hands to clients: none of them takes one while the server is away."""
    found: list[int] = []
    for port in random.sample(range(11_000, 29_000), 2_000):
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == number:
            return found
    raise RuntimeError("There are not enough free ports for an S3 server.")
