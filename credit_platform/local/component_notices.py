"""Who is told when a program of `make up` dies, and when all of them run again.

What must not be here: watching them (`supervisor.py`), who is told of what Dagster knows (`orchestration/watcher.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from credit_platform.errors import NoticeError
from credit_platform.local.supervisor import Component, RunningComponent
from credit_platform.monitoring.notices.chosen import channels_of
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import Observation, Problem, Recovery
from credit_platform.monitoring.notices.telling import OPERATIONS, tell
from credit_platform.settings import Settings


def tell_of_death(settings: Settings, one: RunningComponent, say: Callable[[str], None]) -> None:
    """Tell that a program died or never answered; says so where nobody can be told."""
    name, code = one.component.name, one.exit_code
    how = "did not answer in time" if code is None else f"stopped by itself with exit code {code}"
    problem = Problem(
        key=_key(one.component),
        title=f"{name} of `credit-platform up` is down",
        message=f"{name} {how}, and all that ran beside it was stopped. Read {one.component.log}, then start again.",
        at=time.time(),
        link="credit-platform up",
        owner=OPERATIONS,
    )
    _tell(settings, [problem], say)


def tell_of_start(settings: Settings, components: Sequence[Component], say: Callable[[str], None]) -> None:
    """Tell that programs answer, of which people were told that they were down."""
    now = time.time()
    _tell(settings, [Recovery(key=_key(one), at=now, message=f"{one.name} answers again.") for one in components], say)


def _tell(settings: Settings, found: Sequence[Observation], say: Callable[[str], None]) -> None:
    try:
        told = tell(IncidentBook.of(settings), channels_of(settings), found)
    except NoticeError as error:
        say(f"Nobody is told: {error}")
        return
    for channel, notice in told.delivered:
        say(f"Told: {notice.heading} ({channel.where})")
    for fault in told.faults:
        say(f"Not told by {fault}")


def _key(component: Component) -> str:
    return f"program:{component.name}"
