"""A scoring service on this machine: start it, wait until it is ready, stop it.

What is here: `start_service` and `RunningService`; it is asked by its `client` (`service_client.py`).
What to add here: what whoever runs a local service needs (demo, tests, `up`, deployment).
What must not be here: bentoml, dagster, and finding processes by name: a service is stopped by its process id.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from credit_platform.api_keys import new_owner_key
from credit_platform.errors import ServiceError
from credit_platform.files.process_logs import RotatingLog
from credit_platform.logs.foreign import log_printed, readable
from credit_platform.logs.programs import FILE_VARIABLE
from credit_platform.monitoring.decision_log.checkpoints import place_of
from credit_platform.scoring.served_source import check_source
from credit_platform.serving.bentos import BuiltBento
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.serving.service_client import ServiceClient
from credit_platform.serving.service_problems import NoAnswerError, Problem
from credit_platform.serving.shared_keys import copy_keys
from credit_platform.settings import Settings

LOGGER = logging.getLogger("credit_platform.serving")
HOST = "127.0.0.1"
_POLL_SECONDS = 0.05
_ANSWER_SECONDS = 10.0
_HEALTH_SECONDS = 2.0
_NOT_YET = (Problem.DOWN, Problem.SLOW, Problem.CUT)
"""What a service that is still starting may look like."""
_STOP_SECONDS = 10.0
_LAST_WORDS_SECONDS = 2.0
"""How long the last words of a process that has ended are waited for: what it left behind may still print."""
_TAIL = 2000


class RunningService:
    """A service that answers; a context manager that stops it."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        url: str,
        log: Path,
        key: str | None = None,
        printing: threading.Thread | None = None,
        *,
        log_begins: int = 0,
        metrics: str | None = None,
    ) -> None:
        """Hold a started process, the key of its owner, who writes its log, and where in that it begins."""
        self._printing = printing
        self.log_begins = log_begins
        self.metrics = metrics
        """Host and port with its metrics alone, which ask no key."""
        self.process = process
        self.url = url
        self.log = log
        self.key = key
        self.client = ServiceClient(ServiceAccess("", url, key), timeout=_ANSWER_SECONDS, log=log)
        """Asks it as its owner."""

    @property
    def headers(self) -> dict[str, str]:
        """Headers that show the owner's key."""
        return ServiceAccess("", self.url, self.key).headers

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its process group."""
        return self.process.pid

    def stop(self) -> None:
        """Let the service finish what it is answering, then end it and whatever it started. Safe to call twice."""
        self.client.close()
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self.process.wait()
        self.hear_last_words()
        if self.process.stdin is not None:
            self.process.stdin.close()

    def hear_last_words(self) -> None:
        """Let what a process that has ended printed be written to its log."""
        if self._printing is not None:
            self._printing.join(_LAST_WORDS_SECONDS)

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
        ScorerError: the code of the Bento is not the one that was promoted.
        ServiceError: the port is taken, the process died, a scorer cannot be used, or it was not ready in time.
            The message ends with the tail of the log.
    """
    source = (bento.path if isinstance(bento, BuiltBento) else bento).resolve() / "src"
    if not (source / "bento" / "__main__.py").is_file():
        raise ServiceError(f"{source.parent} is not a Bento of the scoring service.", "Build one: build_bento.")
    check_source(source)
    copy_keys(settings)
    chosen = _usable_port(port)
    log = settings.home.resolve() / "logs" / f"{log_name or f'service-{chosen}'}.log"
    key, variable = owner or new_owner_key()
    metrics_port = _usable_port(None)
    environment = {
        **_environment(settings),
        "CREDIT_PLATFORM_OWNER_KEY": variable,
        # Its own, whatever the environment says: two processes that take each other's place run side by side.
        "CREDIT_PLATFORM_SERVICE_METRICS_PORT": str(metrics_port),
        "CREDIT_PLATFORM_SERVICE_METRICS_HOST": HOST,
        # Its own lines go there; what else it prints is taken here.
        FILE_VARIABLE: str(log),
    }
    if shadow is not None:
        environment["CREDIT_PLATFORM_SHADOW_SCORER"] = str(shadow.resolve())
    begins = log.stat().st_size if log.is_file() else 0
    process, printing = _launch(source, chosen, log, environment)
    metrics = f"{HOST}:{metrics_port}"
    service = RunningService(process, f"http://{HOST}:{chosen}", log, key, printing, log_begins=begins, metrics=metrics)
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
    dropped = (
        *("PYTHONPATH", "PYTHONSAFEPATH", "CREDIT_PLATFORM_SCORER", "CREDIT_PLATFORM_SHADOW_SCORER"),
        # The proxy before it has switched when it is stopped: there is nobody to wait for.
        "CREDIT_PLATFORM_SERVICE_DRAIN_SECONDS",
    )
    checkpoints = settings.decision_checkpoints
    return {
        **{name: value for name, value in os.environ.items() if name not in dropped},
        "BENTOML_HOME": str((settings.home / "bentos").resolve()),
        "BENTOML_DO_NOT_TRACK": "true",
        "PYTHONUNBUFFERED": "1",
        "CREDIT_PLATFORM_HOME": str(settings.home.resolve()),
        "CREDIT_PLATFORM_DECISION_LOG_URL": settings.decision_log,
        "CREDIT_PLATFORM_API_KEYS": str(settings.api_keys_file.resolve()),
        **({} if checkpoints is None else {"CREDIT_PLATFORM_DECISION_CHECKPOINTS": str(place_of(checkpoints))}),
    }


def _launch(
    source: Path, port: int, log: Path, environment: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], threading.Thread]:
    printed, end = os.pipe()
    try:
        process = subprocess.Popen(  # noqa: S603  # the command is made here, of constants
            # The pipe to its standard input closes when this process ends, and the service with it.
            [sys.executable, "-m", "bento", "--host", HOST, "--port", str(port), "--until-stdin-closes"],
            cwd=source,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=end,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError:
        os.close(printed)
        raise
    finally:
        os.close(end)
    return process, _take(log, printed)


def _take(log: Path, printed: int) -> threading.Thread:
    """Write what a service prints to its log; where that cannot be written, a service goes on without."""
    file = RotatingLog(log)
    file.touch()
    if file.fault is not None:
        LOGGER.warning("%s cannot be written (%s): the service goes on without a log.", log, file.fault.strerror)
    pump = threading.Thread(target=log_printed, args=(log.stem, file, printed), name=f"log {log.stem}", daemon=True)
    pump.start()
    return pump


def _wait_until_ready(service: RunningService, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    with ServiceClient(ServiceAccess("", service.url), timeout=_HEALTH_SECONDS, log=service.log) as client:
        while time.monotonic() < deadline:
            if service.process.poll() is not None:
                service.hear_last_words()
                raise ServiceError(f"The service ended with code {service.process.returncode}.", _tail(service))
            try:
                health = client.health()
            except NoAnswerError as error:
                if error.kind not in _NOT_YET:
                    raise
                time.sleep(_POLL_SECONDS)
                continue
            if health["ready"]:
                return
            # The scorer is loaded before the first answer, so waiting longer changes nothing.
            raise ServiceError(f"The service is not ready: {health['reason']}", _tail(service))
    raise ServiceError(f"The service was not ready within {timeout:.0f} s.", _tail(service))


def _tail(service: RunningService) -> str:
    try:
        content = service.log.read_bytes()
    except OSError as error:
        return f"Its log, {service.log}, cannot be read ({error.strerror})."
    # Smaller than before: it was put aside, and this process began a new one.
    said = content[service.log_begins if len(content) >= service.log_begins else 0 :]
    lines = said[-_TAIL:].decode(errors="replace").strip().splitlines()
    return "\n".join([f"Its log, {service.log}, ends with:", *map(readable, lines)])
