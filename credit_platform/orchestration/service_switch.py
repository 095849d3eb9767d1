"""One scoring service that follows the champion: start the new process, check it, switch, stop the old one.

What is here: `FollowingService`, and `promoted_bento`, which says what should be served.
What to add here: another check that a new process must pass before clients reach it.
What must not be here: sockets (`front.py`), processes (`service_process.py`), and who decides what is promoted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from credit_platform.api_keys import new_owner_key
from credit_platform.errors import CreditPlatformError, ServiceError
from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.front import Front
from credit_platform.orchestration.notifiers import Notification, Notifier
from credit_platform.orchestration.service_process import RunningService, start_service
from credit_platform.settings import Settings

DRAIN_SECONDS = 10.0
"""Longest time that the old process gets to answer what it was asked."""
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
_OUTCOMES = ("accepted", "refused", "review")


@dataclass(frozen=True, kw_only=True)
class PromotedBento:
    """A version of the table `serving/bento`."""

    version: int
    """Version of the table; a promotion and a rollback each write one."""
    path: Path
    """Folder of the Bento."""
    digest: str
    """Digest of the scorer inside."""


def promoted_bento(settings: Settings, portfolio: str) -> PromotedBento | None:
    """What should be served now; None before the first promotion."""
    lakehouse, key = Lakehouse(settings.lakehouse_root), f"{portfolio}/serving/bento"
    if not lakehouse.exists(key):
        return None
    stored = lakehouse.read(key)
    path, digest = Path(stored.summary["path"]), str(stored.summary["digest"])
    return PromotedBento(version=stored.version.version, path=path, digest=digest)


@dataclass(frozen=True)
class _Serving:
    """A process and what it serves."""

    bento: PromotedBento
    service: RunningService

    @property
    def port(self) -> int:
        return int(self.service.url.rpartition(":")[2])

    @property
    def is_alive(self) -> bool:
        return self.service.process.poll() is None


class FollowingService:
    """A service at one address and with one key, whatever the process behind it."""

    def __init__(
        self,
        front: Front,
        find: Callable[[], PromotedBento | None],
        settings: Settings,
        *,
        say: Callable[[str], None],
        notifier: Notifier,
        shadow: Callable[[PromotedBento], Path | None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Serve behind `front` what `find` names; nothing is started before `step`.

        Args:
            front: the public port.
            find: what should be served now.
            settings: of the services.
            say: told of every change, and why one did not happen.
            notifier: told of what did not happen.
            shadow: which scorer scores along beside a Bento, asked whenever a process is started. One that cannot be
                used keeps the first process from starting; later it must not stand in the way of a promotion.
            clock: seconds that never go back.
        """
        self._front = front
        self._find = find
        self._settings = settings
        self._say = say
        self._notifier = notifier
        self._shadow = shadow
        self._clock = clock
        self._owner = new_owner_key()
        self._serving: _Serving | None = None
        self._proven: PromotedBento | None = None
        self._refused: PromotedBento | None = None
        self._blind = False
        self._starts = 0
        self._pause = _FIRST_PAUSE_SECONDS
        self._not_before = 0.0

    @property
    def key(self) -> str:
        """The owner's API key; the same for every process, and stored nowhere."""
        return self._owner[0]

    @property
    def bento(self) -> PromotedBento | None:
        """What is served now; None while nothing is."""
        return None if self._serving is None else self._serving.bento

    @property
    def log(self) -> Path | None:
        """Log of the process that answers now; None while there is none."""
        return None if self._serving is None else self._serving.service.log

    def step(self) -> None:
        """Look once: serve what was promoted since, and start again what has died. Failures are told, not raised."""
        wanted = self._wanted()
        if self._serving is not None and not self._serving.is_alive:
            self._bury(self._serving)
        if wanted is None:
            return
        if self._serving is None:
            self._begin(wanted)
        elif wanted != self._serving.bento:
            self._follow(wanted, self._serving)

    def stop(self) -> None:
        """Close the port, then end the process. Safe to call twice."""
        self._front.stop()
        if self._serving is not None:
            self._serving.service.stop()
            self._serving = None

    def _wanted(self) -> PromotedBento | None:
        """What should be served: what is promoted, unless it failed or cannot be known now."""
        try:
            wanted = self._find()
        except CreditPlatformError as error:
            if not self._blind:  # told once, not every second
                self._tell(f"What is promoted cannot be read, nothing changes: {error}")
            self._blind = True
            return self._proven
        self._blind = False
        return self._proven if wanted is None or wanted == self._refused else wanted

    def _bury(self, dead: _Serving) -> None:
        self._front.switch(None)
        self._serving = None
        dead.service.stop()
        code, log = dead.service.process.returncode, dead.service.log
        self._tell(f"{_name(dead.bento)} ended by itself with code {code}, see {log}; it is started again.")

    def _begin(self, wanted: PromotedBento) -> None:
        """Start where nothing runs; after a failure go back to what worked before, else try again, later and later."""
        if self._clock() < self._not_before:
            return
        try:
            self._serve(self._start(wanted))
        except ServiceError as error:
            if self._proven not in (None, wanted):
                self._refuse(wanted, error)
                return
            self._not_before = self._clock() + self._pause
            self._tell(f"{_name(wanted)} does not start; tried again in {self._pause:.0f} s. {error}")
            self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
        else:
            self._say(f"{_name(wanted)} answers.")

    def _follow(self, wanted: PromotedBento, old: _Serving) -> None:
        """Put the process of `wanted` in the place of `old`, or say why not."""
        if (wanted.path, wanted.digest) == (old.bento.path, old.bento.digest):
            self._serving, self._proven = _Serving(wanted, old.service), wanted
            return
        self._say(f"{_name(wanted)} was promoted; it is started beside {_name(old.bento)}.")
        try:
            new = self._start(wanted)
        except ServiceError as error:
            self._refuse(wanted, error)
            return
        self._front.switch(new.port)
        drained = self._front.drain(old.port, DRAIN_SECONDS)
        try:
            check_service(new.service, wanted)  # again, now that clients use it, and while the old one could go on
        except ServiceError as error:
            self._front.switch(old.port)
            new.service.stop()
            self._refuse(wanted, error)
            return
        self._serve(new)
        old.service.stop()
        unanswered = "" if drained else f" It left requests unanswered after {DRAIN_SECONDS:.0f} s."
        self._say(f"{_name(wanted)} answers now; {_name(old.bento)} is stopped.{unanswered}")

    def _serve(self, new: _Serving) -> None:
        self._front.switch(new.port)
        self._serving, self._proven = new, new.bento
        self._pause = _FIRST_PAUSE_SECONDS

    def _start(self, bento: PromotedBento) -> _Serving:
        """Start a process and check it; where one has served before, rather without its shadow than not at all.

        Raises:
            ServiceError: it did not start, or failed the check; it is stopped.
        """
        shadow, problem = self._shadow_of(bento)
        if shadow is not None:
            try:
                served = self._start_beside(bento, shadow)
            except ServiceError as error:
                if self._proven is None:
                    raise
                problem = error
            else:
                self._say(f"Scores along and answers nobody: {shadow}")
                return served
        served = self._start_beside(bento, None)
        if problem is not None:
            self._tell(f"{_name(bento)} is served without a shadow: {problem}")
        return served

    def _shadow_of(self, bento: PromotedBento) -> tuple[Path | None, CreditPlatformError | None]:
        """The scorer that scores along, or why there is none although one was asked for."""
        try:
            return self._shadow(bento), None
        except CreditPlatformError as error:
            if self._proven is None:
                raise ServiceError(error.what, error.cure) from error
            return None, error

    def _start_beside(self, bento: PromotedBento, shadow: Path | None) -> _Serving:
        self._starts += 1
        # Two logs in turn for each address: that of the process before is there to be read.
        log_name = f"serve-{self._front.port}-{self._starts % 2}"
        service = start_service(
            bento.path, settings=self._settings, owner=self._owner, log_name=log_name, shadow=shadow
        )
        try:
            check_service(service, bento)
        except BaseException:
            service.stop()
            raise
        return _Serving(bento, service)

    def _refuse(self, bento: PromotedBento, error: ServiceError) -> None:
        self._refused = bento
        stays = "nothing" if self._proven is None else _name(self._proven)
        self._tell(f"{_name(bento)} was promoted but is not served, {stays} stays: {error}")

    def _tell(self, message: str) -> None:
        """Say it here, and tell whoever is told of failures."""
        self._say(message)
        try:
            self._notifier.send(
                Notification(title="Scoring service", message=message, job="serve", run_id=str(self._front.port))
            )
        except (httpx.HTTPError, OSError) as error:
            self._say(f"The notifier could not be reached: {error}")


def check_service(service: RunningService, bento: PromotedBento) -> None:
    """Ask a process for what it will be asked, with the examples that it publishes itself; nothing is logged.

    Raises:
        ServiceError: it serves another model, or an example gets no valid decision.
    """
    digest = service.get("/model-info")["digest"]
    if digest != bento.digest:
        raise ServiceError(
            f"{bento.path} serves the scorer {str(digest)[:12]}, not {bento.digest[:12]}.", "Build the Bento again."
        )
    content = service.get("/openapi.json")["paths"]["/predict"]["post"]["requestBody"]["content"]
    for name, example in content["application/json"]["examples"].items():
        answer = service.ask("/explain", example["value"])
        valid = 0 <= answer["probability_of_default"] <= 1 and answer["decision"] in _OUTCOMES and answer["reasons"]
        if not valid:
            raise ServiceError(f"The example {name!r} gets no valid decision.", f"Look at {service.log}.")


def _name(bento: PromotedBento) -> str:
    return f"{bento.path.parent.name}:{bento.path.name}"
