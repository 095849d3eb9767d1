"""One scoring service that follows the champion: start the new process, check it, switch, stop the old one.

What is here: `BlueGreenService`, the `Deployer` of this machine.
What to add here: nothing that a single service does not need (`following.py` serves several).
What must not be here: checks of a new process (`smoke_test.py`), sockets (`reverse_proxy.py`), processes
(`service_process.py`), and who decides what is promoted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from credit_platform.api_keys import new_owner_key
from credit_platform.errors import ArtefactError, CreditPlatformError, ScorerError, ServiceError
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.scoring.served_source import check_source
from credit_platform.serving.deployer import Deployer, Deployment, Verdict
from credit_platform.serving.local.reverse_proxy import ReverseProxy
from credit_platform.serving.local.service_notices import ServiceListener, What
from credit_platform.serving.local.service_process import RunningService, start_service
from credit_platform.serving.promoted import PromotedBento
from credit_platform.serving.smoke_test import smoke_test
from credit_platform.settings import Settings

DRAIN_SECONDS = 10.0
"""Longest time that the old process gets to answer what it was asked."""
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0


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


class BlueGreenService(Deployer):
    """A service at one address and with one key, whatever the process behind it."""

    def __init__(
        self,
        proxy: ReverseProxy,
        find: Callable[[], PromotedBento | None],
        settings: Settings,
        *,
        say: Callable[[str], None],
        notices: ServiceListener,
        shadow: Callable[[PromotedBento], Path | None] = lambda _: None,
        answering: Callable[[RunningService | None], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Serve behind `proxy` what `find` names; nothing is started before `step`.

        Args:
            proxy: the public port.
            find: what should be served now.
            settings: of the services.
            say: told of every change, and why one did not happen.
            notices: told of what did not happen, and when it is well again.
            shadow: which scorer scores along beside a Bento, asked whenever a process is started. One that cannot be
                used keeps the first process from starting; later it must not stand in the way of a promotion.
            answering: told which process answers from now on, None for none.
            clock: seconds that never go back.
        """
        self._answering = answering
        self._proxy = proxy
        self._find = find
        self._settings = settings
        self._say = say
        self._notices = notices
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
        if self._serving is None or wanted != self._serving.bento:
            self.deploy(wanted)

    def deploy(self, bento: PromotedBento) -> Deployment:
        """Serve `bento`: in the place of what answers now, or as the first; failures are told, not raised."""
        return self._begin(bento) if self._serving is None else self._follow(bento, self._serving)

    def stop(self) -> None:
        """Close the port, then end the process. Safe to call twice."""
        self._proxy.stop()
        if self._serving is not None:
            self._serving.service.stop()
            self._serving = None
        self._answering(None)

    def _wanted(self) -> PromotedBento | None:
        """What should be served: what is promoted, unless it failed or cannot be known now."""
        try:
            wanted = self._find()
        except CreditPlatformError as error:
            if not self._blind:  # told once, not every second
                self._tell("reading", f"What is promoted cannot be read, nothing changes: {error}")
            self._blind = True
            return self._proven
        if self._blind:
            self._notices.well(["reading"], "What is promoted can be read again.")
        self._blind = False
        return self._proven if wanted is None or wanted == self._refused else wanted

    def _bury(self, dead: _Serving) -> None:
        self._proxy.switch(None)
        self._serving = None
        self._answering(None)
        dead.service.stop()
        code, log = dead.service.process.returncode, dead.service.log
        self._tell("ended", f"{dead.bento.name} ended by itself with code {code}, see {log}; it is started again.")

    def _begin(self, wanted: PromotedBento) -> Deployment:
        """Start where nothing runs; after a failure go back to what worked before, else try again, later and later."""
        if (left := self._not_before - self._clock()) > 0:
            return _inconclusive(wanted, f"{wanted.name} did not start; it is tried again in {left:.0f} s.")
        try:
            self._serve(self._start(wanted))
        except ServiceError as error:
            if self._proven not in (None, wanted):
                return self._refuse(wanted, error)
            self._not_before = self._clock() + self._pause
            message = f"{wanted.name} does not start; tried again in {self._pause:.0f} s. {error}"
            self._tell("start", message)
            self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
            return _inconclusive(wanted, message)
        return self._succeed(wanted, f"{wanted.name} answers.")

    def _follow(self, wanted: PromotedBento, old: _Serving) -> Deployment:
        """Put the process of `wanted` in the place of `old`, or say why not."""
        if (wanted.path, wanted.digest) == (old.bento.path, old.bento.digest):
            self._serving, self._proven = _Serving(wanted, old.service), wanted
            return Deployment(bento=wanted, verdict=Verdict.SUCCEEDED, message=f"{wanted.name} answers already.")
        self._say(f"{wanted.name} was promoted; it is started beside {old.bento.name}.")
        try:
            new = self._start(wanted)
        except ServiceError as error:
            return self._refuse(wanted, error)
        self._proxy.switch(new.port)
        drained = self._proxy.drain(old.port, DRAIN_SECONDS)
        try:
            # Again, now that clients use it, and while the old one could go on.
            smoke_test(new.service.client, wanted, log=str(new.service.log))
        except ServiceError as error:
            self._proxy.switch(old.port)
            new.service.stop()
            return self._refuse(wanted, error)
        self._serve(new)
        old.service.stop()
        unanswered = "" if drained else f" It left requests unanswered after {DRAIN_SECONDS:.0f} s."
        return self._succeed(wanted, f"{wanted.name} answers now; {old.bento.name} is stopped.{unanswered}")

    def _serve(self, new: _Serving) -> None:
        self._proxy.switch(new.port)
        self._serving, self._proven = new, new.bento
        self._answering(new.service)
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
                self._notices.well(["shadow"], f"{bento.name} has its shadow.")
                return served
        served = self._start_beside(bento, None)
        if problem is not None:
            self._tell("shadow", f"{bento.name} is served without a shadow: {problem}")
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
        log_name = f"serve-{self._proxy.port}-{self._starts % 2}"
        try:
            folder = bento.brought(Shelf.of(self._settings))
            check_source(folder / "src", bento.source_digest)
            service = start_service(
                folder, settings=self._settings, owner=self._owner, log_name=log_name, shadow=shadow
            )
        except (ArtefactError, ScorerError) as error:  # gone, or not what was promoted: refused like any other
            raise ServiceError(error.what, error.cure) from error
        try:
            smoke_test(service.client, bento, log=str(service.log))
        except BaseException:
            service.stop()
            raise
        return _Serving(bento, service)

    def _succeed(self, bento: PromotedBento, message: str) -> Deployment:
        self._say(message)
        # What was refused is so until something else is promoted, also while the one before goes on.
        mended: list[What] = ["ended", "start"] if self._refused is not None else ["ended", "start", "refused"]
        self._notices.well(mended, message)
        return Deployment(bento=bento, verdict=Verdict.SUCCEEDED, message=message)

    def _refuse(self, bento: PromotedBento, error: ServiceError) -> Deployment:
        self._refused = bento
        stays = "nothing" if self._proven is None else self._proven.name
        message = f"{bento.name} was promoted but is not served, {stays} stays: {error}"
        self._tell("refused", message)
        return Deployment(bento=bento, verdict=Verdict.FAILED, message=message)

    def _tell(self, what: What, message: str) -> None:
        """Say it here, and tell whoever is told of failures."""
        self._say(message)
        self._notices.wrong(what, message)


def _inconclusive(bento: PromotedBento, message: str) -> Deployment:
    return Deployment(bento=bento, verdict=Verdict.INCONCLUSIVE, message=message)
