"""Who is told when a scoring service is not as it should be, and when it is again.

What must not be here: deciding what is served (`blue_green.py`), ways to tell (`monitoring/notices`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from credit_platform.errors import NoticeError, SettingError
from credit_platform.monitoring.notices.chosen import channels_of
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import Observation, Problem, Recovery
from credit_platform.monitoring.notices.telling import OPERATIONS, tell
from credit_platform.settings import Settings

What = Literal["ended", "start", "refused", "reading", "shadow"]
"""It ended by itself; it does not start; what was promoted is not served; what is promoted cannot be read; it has no
shadow although one is wanted."""


class ServiceListener(Protocol):
    """Whoever is told of a service."""

    def wrong(self, what: What, message: str) -> None:
        """Something is not as it should be."""
        ...

    def well(self, what: Sequence[What], message: str) -> None:
        """These are as they should be."""
        ...


def key_of(portfolio: str, what: What) -> str:
    """What the incident is known by."""
    return f"service:{portfolio}:{what}"


@dataclass(frozen=True)
class ServiceNotices:
    """Tells whom the settings name; a failure to tell stops no service."""

    settings: Settings
    portfolio: str
    say: Callable[[str], None]

    def wrong(self, what: What, message: str) -> None:
        """Tell once while it lasts."""
        title = f"Scoring service of {self.portfolio}: {_TITLES[what]}"
        self._tell([Problem(key=self._key(what), title=title, message=message, at=time.time(), owner=OPERATIONS)])

    def well(self, what: Sequence[What], message: str) -> None:
        """Tell the end of what was told."""
        self._tell([Recovery(key=self._key(each), at=time.time(), message=message) for each in what])

    def _key(self, what: What) -> str:
        return key_of(self.portfolio, what)

    def _tell(self, found: Sequence[Observation]) -> None:
        try:
            told = tell(IncidentBook.of(self.settings), channels_of(self.settings), found)
        except (NoticeError, SettingError) as error:
            self.say(f"Nobody could be told: {error}")
            return
        for fault in told.faults:
            self.say(f"Not told by {fault}")


_TITLES: dict[What, str] = {
    "ended": "ended by itself",
    "start": "does not start",
    "refused": "what was promoted is not served",
    "reading": "what is promoted cannot be read",
    "shadow": "runs without its shadow",
}
