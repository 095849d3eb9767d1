"""Scoring services of one portfolio or several, side by side, each following its champion.

What is here: `BlueGreenServices`, for `credit-platform up` (all portfolios), and `following_one`, for
`credit-platform serve`.
What must not be here: how one service changes its process (`blue_green.py`), words of a command.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from credit_platform.errors import CreditPlatformError, ServiceError
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.monitoring.scrape_targets import SERVICE_JOB, ScrapeTargets, Target
from credit_platform.portfolios import portfolio_names
from credit_platform.serving.bento_places import forget_erased
from credit_platform.serving.local.blue_green import BlueGreenService
from credit_platform.serving.local.ports import free_port
from credit_platform.serving.local.reverse_proxy import ReverseProxy
from credit_platform.serving.local.service_notices import ServiceNotices
from credit_platform.serving.local.service_process import RunningService
from credit_platform.serving.promoted import PromotedBento, promoted_bento
from credit_platform.serving.running_services import ServiceAccess, announced
from credit_platform.serving.shadowing import concerns, shadow_scorer
from credit_platform.serving.shared_keys import copy_keys
from credit_platform.settings import Settings

DEFAULT_PORT = 3001
"""Of the first service, if it is free and no other is asked for; else the next free one in steps of ten."""

FORGET_SECONDS = 5.0
"""How often it is asked who was erased on another host."""

WATCH_SECONDS = 1.0
"""How often the lakehouse is asked what is promoted."""

STOP_SECONDS = 10.0
"""How long the end waits for a service that is just being started or exchanged."""


class BlueGreenServices:
    """A context manager: what is promoted is served inside, also what is promoted later, and by whichever champion."""

    def __init__(
        self,
        settings: Settings,
        port: int,
        say: Callable[[str], None],
        *,
        portfolios: Sequence[str] | None = None,
        exact_port: bool = False,
        shadow: Callable[[str, PromotedBento], Path | None] | None = None,
    ) -> None:
        """Nothing is started before the block is entered.

        Args:
            settings: where everything lies.
            port: of the first service, or a free one above it; the others take free ones above.
            say: told of every start, change and failure.
            portfolios: whose services; those of all by default.
            exact_port: take just this port (0: any free one) or fail.
            shadow: which scorer scores along beside a portfolio's Bento; by default what the settings say, where it
                concerns that portfolio.
        """
        self._settings = settings
        self._port = port
        self._say = say
        self._names = tuple(portfolio_names() if portfolios is None else portfolios)
        self._exact_port = exact_port
        self._shadow = shadow or self._shadow_of_settings
        self._services: dict[str, BlueGreenService] = {}
        self._access: list[ServiceAccess] = []
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._keys_untold = False
        self._threads = [
            threading.Thread(target=self._follow, args=[name], name=f"follow-{name}", daemon=True)
            for name in self._names
        ]
        if not settings.keeps_artefacts_at_home:  # else whoever erases reaches every Bento there is
            self._threads.append(threading.Thread(target=self._forget, name="forget", daemon=True))

    @property
    def access(self) -> list[ServiceAccess]:
        """Where the services are, with their keys."""
        return list(self._access)

    def log(self, portfolio: str) -> Path | None:
        """Log of the process that answers for a portfolio."""
        return self._services[portfolio].log

    def __enter__(self) -> Self:
        """Serve what is promoted now, and go on looking.

        Raises:
            CreditPlatformError: what is promoted cannot be read, or no port is free.
        """
        try:
            for name in self._names:
                self._begin(name)
        except BaseException:
            self._close()
            raise
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop all of them, whatever happened."""
        self._over.set()
        for thread in self._threads:
            # One may be starting a process. What comes of it ends with this program.
            thread.join(STOP_SECONDS)
        self._close()

    def _follow(self, name: str) -> None:
        """Look again and again, in a thread of its own: one service that starts must not keep another waiting."""
        told = ""
        while not self._over.wait(WATCH_SECONDS):
            if name == self._names[0]:
                self._copy_keys()
            if name in self._services:
                self._services[name].step()
                continue
            try:
                self._begin(name)
            except CreditPlatformError as error:
                if str(error) != told:  # once, not every second
                    self._tell(name, f"it cannot be served: {error}")
                told = str(error)

    def _forget(self) -> None:
        """Erase here, too, whoever was erased elsewhere, from under the services that run; in a thread of its own."""
        told = dict[str, str]()
        while not self._over.wait(FORGET_SECONDS):
            for name in self._names:
                try:
                    forget_erased(Shelf.of(self._settings), name)
                except (CreditPlatformError, OSError) as error:
                    if told.get(name) != str(error):  # once, not every few seconds
                        self._tell(name, f"whoever was erased on another host may be known here still: {error}")
                    told[name] = str(error)
                else:
                    told.pop(name, None)

    def _copy_keys(self) -> None:
        """Let services know of keys that were made or revoked elsewhere; what keeps it from doing so is told once."""
        try:
            copy_keys(self._settings)
        except CreditPlatformError as error:
            if not self._keys_untold:
                self._say(f"  API keys stay as they were: {error}")
            self._keys_untold = True
        else:
            self._keys_untold = False

    def _begin(self, name: str) -> None:
        """Serve a portfolio, if it has a champion."""
        if promoted_bento(self._settings, name) is None:
            return
        with self._lock:  # two portfolios must not take the same port
            proxy = ReverseProxy(self._free_port())
            service = BlueGreenService(
                proxy,
                partial(promoted_bento, self._settings, name),
                self._settings,
                say=partial(self._tell, name),
                notices=ServiceNotices(self._settings, name, partial(self._tell, name)),
                shadow=partial(self._shadow, name),
                answering=partial(self._scraped, name, ScrapeTargets(self._settings)),
            )
            self._services[name] = service
            access = ServiceAccess(name, proxy.url, service.key)
            self._access.append(access)
            self._stack.enter_context(announced(self._settings, [access]))
        service.step()
        if self._threads[0].is_alive():  # the list of addresses and keys was printed before
            self._tell(name, f"{proxy.url}/docs, API key until it stops: {service.key}")

    def _free_port(self) -> int:
        taken = [int(one.url.rpartition(":")[2]) for one in self._access]
        return self._port if self._exact_port else free_port(self._port, taken)

    def _shadow_of_settings(self, name: str, beside: PromotedBento) -> Path | None:
        wanted = self._settings.shadow_scorer
        if not concerns(self._settings, name, wanted):
            return None
        return shadow_scorer(self._settings, name, beside.digest, wanted)

    def _scraped(self, name: str, targets: ScrapeTargets, service: RunningService | None) -> None:
        """Let Prometheus find the process that answers now; serving goes on where that cannot be written."""
        address = None if service is None else service.metrics
        found = [] if address is None else [Target(SERVICE_JOB, address, {"portfolio": name})]
        try:
            targets.replace(found)
        except OSError as error:
            self._tell(name, f"Prometheus will not find it: {error}")

    def _tell(self, name: str, message: str) -> None:
        self._say(f"  {name}: {message}")

    def _close(self) -> None:
        for service in self._services.values():
            service.stop()
        self._stack.close()


def following_one(
    settings: Settings,
    portfolio: str,
    say: Callable[[str], None],
    *,
    port: int | None = None,
    shadow: str | None = None,
) -> BlueGreenServices:
    """The service of one portfolio, which has a champion now; nothing is started yet.

    Args:
        settings: where everything lies.
        portfolio: its name.
        say: told of every start, change and failure.
        port: just this one; 0 for any free one.
        shadow: who scores along, a folder or `challenger`; by default what the settings say.

    Raises:
        ServiceError: nothing is promoted yet, or there is no such shadow.
        ScorerError: the scorer of the shadow cannot be used.
    """
    bento = promoted_bento(settings, portfolio)
    if bento is None:
        raise ServiceError(
            f"No model of {portfolio} is promoted yet.", f"Run it first: credit-platform run {portfolio}"
        )

    def shadow_of(name: str, beside: PromotedBento) -> Path | None:
        return shadow_scorer(settings, name, beside.digest, shadow or settings.shadow_scorer)

    shadow_of(portfolio, bento)  # what cannot be used is said before anything starts
    return BlueGreenServices(
        settings,
        DEFAULT_PORT if port is None else port,
        say,
        portfolios=[portfolio],
        exact_port=port is not None,
        shadow=shadow_of,
    )
