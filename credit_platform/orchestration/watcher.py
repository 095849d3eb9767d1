"""Look at what Dagster knows, and tell people: once for a command that ends, again and again for a watcher.

What is here: `tell_of_run`, for a run of the command line; `Watcher`, which `credit-platform notices watch` runs.
What must not be here: what counts as wrong (`observed_runs.py`, `watching.py`), ways to tell (`monitoring/notices`).

The daemon looks, too (the sensor `tell_of_problems`), and all of them share the memory of the home. A watcher is a
process of its own because a daemon that is dead, or a code location that does not load, cannot say so.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg

from credit_platform.errors import NoticeError
from credit_platform.monitoring.notices.channels import Channel
from credit_platform.monitoring.notices.chosen import channels_of
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import Observation
from credit_platform.monitoring.notices.receiver import watchdog_observations
from credit_platform.monitoring.notices.telling import Told, tell
from credit_platform.orchestration.instance import open_instance
from credit_platform.orchestration.observed_runs import run_observations
from credit_platform.orchestration.watching import (
    daemon_observations,
    location_observations,
    observations_of_instance,
    without_contradiction,
)
from credit_platform.outside_errors import explained
from credit_platform.settings import Settings

LOOK_SECONDS = 15.0
DAEMON_SILENCE_SECONDS = 150.0
"""Five of the daemon's heartbeats."""
_LOGGER = logging.getLogger(__name__)


def tell_of_run(settings: Settings, run_id: str) -> Told:
    """Tell of a run that this process executed, and of whatever else nobody has told of yet.

    Raises:
        NoticeError: the memory of incidents cannot be used.
        SettingError: a way to tell is set in half.
    """
    book, channels = IncidentBook.of(settings), channels_of(settings)
    with open_instance() as instance:
        own = run_observations(instance, run_id, settings.home, settings.pages_url)
        others = observations_of_instance(instance, book, settings.home, settings.pages_url, time.time())
    # The own run may be among the others: seen twice at the same time, it is seen once.
    return tell(book, channels, [*own, *others])


@dataclass(kw_only=True)
class Watcher:
    """Looks at everything that Dagster knows, and at Dagster itself."""

    settings: Settings
    book: IncidentBook
    instance: dg.DagsterInstance
    web_server: str | None = None
    """Address of Dagster's web server, which knows of code locations; None where there is none to ask."""
    socket: Path | None = None
    """The Unix socket where it listens, if it does."""
    silence: float = DAEMON_SILENCE_SECONDS
    clock: Callable[[], float] = time.time
    _started: float = field(init=False)
    _channels: Sequence[Channel] = field(init=False)

    def __post_init__(self) -> None:
        """Begin to watch: what was silent before is none of its business."""
        self._started = self.clock()
        self._channels = channels_of(self.settings)

    def look(self) -> Told:
        """Look once, and tell what is new."""
        return tell(self.book, self._channels, self._found(), self.clock)

    def watch(self, stop: threading.Event, seconds: float = LOOK_SECONDS) -> None:
        """Look until asked to stop. A database that is away for a while is no reason to end; a fault of our own is."""
        while not stop.is_set():
            try:
                told = self.look()
            except Exception as error:  # of others, which have no class in common; what is not known is raised again
                outside = error if isinstance(error, NoticeError) else explained(error, self.settings.home)
                if outside is None:
                    raise
                _LOGGER.error("%s", outside)  # noqa: TRY400  # one sentence, and no trace
            else:
                for channel, notice in told.delivered:
                    _LOGGER.info("%s: %s", channel.where, notice.heading)
                for fault in told.faults:
                    _LOGGER.error("%s", fault)
            stop.wait(seconds)

    def _found(self) -> list[Observation]:
        now, pages = self.clock(), self.settings.pages_url
        found = observations_of_instance(self.instance, self.book, self.settings.home, pages, now)
        if self.web_server is not None:
            broken = location_observations(self.web_server, self.socket, pages, now)
            found = without_contradiction(found, broken)
        found += daemon_observations(self.instance, self._started, self.silence, now)
        return [*found, *watchdog_observations(self.book, self._started, now)]
