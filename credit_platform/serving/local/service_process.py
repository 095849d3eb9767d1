"""A scoring service on this machine: start it, wait until it is ready, ask it, stop it.

What is here: `start_service` and `RunningService`. Standard library and httpx only.
What to add here: what whoever runs a local service needs (demo, tests, `up`, deployment).
What must not be here: bentoml, dagster, and finding processes by name: a service is stopped by its process id.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from credit_platform.api_keys import new_owner_key
from credit_platform.errors import ServiceError
from credit_platform.serving.bentos import BuiltBento
from credit_platform.serving.certificates import certificates
from credit_platform.settings import Settings

HOST = "127.0.0.1"
_POLL_SECONDS = 0.05
_STOP_SECONDS = 10.0
_TAIL = 2000


class RunningService:
    """A service that answers; a context manager that stops it."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, log: Path, key: str | None = None) -> None:
        """Hold a started process and the API key of its owner; `start_service` makes these."""
        self.process = process
        self.url = url
        self.log = log
        self.key = key
        # No proxy from the environment may come between us and our own machine.
        self._client = httpx.Client(
            base_url=url, timeout=10.0, trust_env=False, verify=certificates(), headers=self.headers
        )

    @property
    def headers(self) -> dict[str, str]:
        """Headers that show the owner's key."""
        return {} if self.key is None else {"Authorization": f"Bearer {self.key}"}

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its process group."""
        return self.process.pid

    def predict(
        self,
        application: Mapping[str, object],
        *,
        applicant_id: str | None = None,
        histories: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
        language: str = "en",
    ) -> dict[str, Any]:
        """Score one applicant; returns the decision as the service answers it.

        Raises:
            ServiceError: the service refused the request (the message is the service's) or cannot be reached.
        """
        body: dict[str, object] = {"application": dict(application), "language": language}
        if applicant_id is not None:
            body["applicant_id"] = applicant_id
        if histories is not None:
            body["histories"] = histories
        return self._answer("POST", "/predict", body)

    def ask(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Answer of a POST route that speaks JSON, such as `/explain`.

        Raises:
            ServiceError: the service answered with an error or cannot be reached.
        """
        return self._answer("POST", path, body)

    def get(self, path: str) -> dict[str, Any]:
        """Answer of a GET route that speaks JSON, such as `/model-info`.

        Raises:
            ServiceError: the service answered with an error or cannot be reached.
        """
        return self._answer("GET", path, None)

    def _answer(self, method: str, path: str, body: object) -> dict[str, Any]:
        try:
            response = self._client.request(method, path, json=body)
        except httpx.TransportError as error:
            raise ServiceError(f"The service at {self.url} does not answer.", f"Look at {self.log}.") from error
        content: dict[str, Any] = response.json()
        if response.is_error:
            reason = content.get("error", content)
            raise ServiceError(f"{method} {path} was answered with {response.status_code}: {reason}", "See /docs.")
        return content

    def stop(self) -> None:
        """Let the service finish what it is answering, then end it and whatever it started. Safe to call twice."""
        self._client.close()
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()

    def _signal(self, number: signal.Signals) -> None:
        # Once it is waited for, the id may be another process's.
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def __enter__(self) -> Self:
        """The service itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the service, whatever happened."""
        self.stop()


def start_service(
    bento: BuiltBento | Path,
    *,
    port: int | None = None,
    settings: Settings,
    timeout: float = 60.0,
    owner: tuple[str, str] | None = None,
    log_name: str | None = None,
    shadow: Path | None = None,
) -> RunningService:
    """Start the service of a Bento on the loopback interface and wait until it is ready.

    The service ends by itself when this process does, however that happens. It takes the keys in the platform's key
    file, and one more with all scopes that is made here, lives as long as the service, and is stored nowhere:
    `RunningService.key`.

    Args:
        bento: the Bento, or its folder.
        port: port to listen on; a free one by default.
        settings: the log goes to `<home>/logs/service-<port>.log`.
        timeout: longest time to wait for readiness, in seconds.
        owner: what `new_owner_key` gave, for services that take each other's place; by default a key of its own.
        log_name: name of the log without `.log`, where the port does not say whose it is.
        shadow: folder of a challenger's scorer that scores along; none by default, whatever the environment says.

    Raises:
        ServiceError: the port is taken, the process died, a scorer cannot be used, or it was not ready in time.
            The message ends with the tail of the log.
    """
    source = (bento.path if isinstance(bento, BuiltBento) else bento).resolve() / "src"
    if not (source / "bento" / "__main__.py").is_file():
        raise ServiceError(f"{source.parent} is not a Bento of the scoring service.", "Build one: build_bento.")
    chosen = _usable_port(port)
    log = settings.home.resolve() / "logs" / f"{log_name or f'service-{chosen}'}.log"
    key, variable = owner or new_owner_key()
    environment = {**_environment(settings), "CREDIT_PLATFORM_OWNER_KEY": variable}
    if shadow is not None:
        environment["CREDIT_PLATFORM_SHADOW_SCORER"] = str(shadow.resolve())
    service = RunningService(_launch(source, chosen, log, environment), f"http://{HOST}:{chosen}", log, key)
    try:
        _wait_until_ready(service, timeout)
    except BaseException:
        service.stop()
        raise
    return service


def _usable_port(port: int | None) -> int:
    """`port` if it is free, or a free one: another service there would answer in place of ours."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port or 0))
        except OSError as error:
            raise ServiceError(f"Port {port} is taken.", "Stop what listens there, or name another port.") from error
        free: int = probe.getsockname()[1]
        return free


def _environment(settings: Settings) -> dict[str, str]:
    """Variables of the service: those of this process, and what the settings say, in absolute terms."""
    dropped = ("PYTHONPATH", "PYTHONSAFEPATH", "CREDIT_PLATFORM_SCORER", "CREDIT_PLATFORM_SHADOW_SCORER")
    checkpoints = settings.decision_checkpoints
    return {
        **{name: value for name, value in os.environ.items() if name not in dropped},
        "BENTOML_HOME": str((settings.home / "bentos").resolve()),
        "BENTOML_DO_NOT_TRACK": "true",
        "PYTHONUNBUFFERED": "1",
        "CREDIT_PLATFORM_HOME": str(settings.home.resolve()),
        "CREDIT_PLATFORM_DECISION_LOG_URL": settings.decision_log,
        "CREDIT_PLATFORM_API_KEYS": str(settings.api_keys_file.resolve()),
        **({} if checkpoints is None else {"CREDIT_PLATFORM_DECISION_CHECKPOINTS": str(checkpoints.resolve())}),
    }


def _launch(source: Path, port: int, log: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603  # the command is made here, of constants
            # The pipe to its standard input closes when this process ends, and the service with it.
            [sys.executable, "-m", "bento", "--host", HOST, "--port", str(port), "--until-stdin-closes"],
            cwd=source,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait_until_ready(service: RunningService, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    with httpx.Client(base_url=service.url, timeout=2.0, trust_env=False, verify=certificates()) as client:
        while time.monotonic() < deadline:
            if service.process.poll() is not None:
                raise ServiceError(f"The service ended with code {service.process.returncode}.", _tail(service.log))
            try:
                health = client.get("/health").json()
            except httpx.TransportError:
                time.sleep(_POLL_SECONDS)
                continue
            if health["ready"]:
                return
            # The scorer is loaded before the first answer, so waiting longer changes nothing.
            raise ServiceError(f"The service is not ready: {health['reason']}", _tail(service.log))
    raise ServiceError(f"The service was not ready within {timeout:.0f} s.", _tail(service.log))


def _tail(log: Path) -> str:
    return f"Its log, {log}, ends with:\n{log.read_text(errors='replace')[-_TAIL:].strip()}"
