"""From what was noticed to what people read: write it down, tell what is due, and say so when a way to tell fails.

What is here: `tell`, which command line, daemon and watcher call alike; `trial_notices`, for whoever wants to try.
What must not be here: looking for problems.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from credit_platform.errors import NoticeError
from credit_platform.monitoring.notices.channels import Channel
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import KINDS, Notice, Observation, Problem, Recovery

AT_ONCE = 5
"""Notices to one channel that are still told one by one; more of them become one message where people read it."""
OPERATIONS = "team:operations"
NOT_FOR_IT = "not for this channel"
"""What is noted of a delivery that was settled without sending anything."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came of telling."""

    delivered: tuple[tuple[Channel, Notice], ...]
    faults: tuple[str, ...]
    """Of each way to tell that failed, a sentence."""


def tell(
    book: IncidentBook,
    channels: Sequence[Channel],
    found: Sequence[Observation],
    clock: Callable[[], float] = time.time,
) -> Told:
    """Take note of what was noticed, and tell what is due: what is new, what is over, what could not be told before.

    Nothing is told twice, by whichever process. A way that fails is an incident itself, which the others tell.

    Raises:
        NoticeError: the memory of incidents cannot be used.
    """
    names = [channel.name for channel in channels]
    book.observe(found, names)
    told, faults = _deliver(book, channels, clock)
    of_channels: list[Observation] = [*_of_faults(faults, clock()), *_of_successes(book, told, clock())]
    if of_channels:
        book.observe(of_channels, names)
        more, _ = _deliver(book, channels, clock)
        told += more
    return Told(delivered=tuple(told), faults=tuple(f"{channel.where}: {fault}" for channel, fault in faults))


def _deliver(
    book: IncidentBook, channels: Sequence[Channel], clock: Callable[[], float]
) -> tuple[list[tuple[Channel, Notice]], list[tuple[Channel, str]]]:
    told, faults = list[tuple[Channel, Notice]](), list[tuple[Channel, str]]()
    claimed = book.claim([channel.name for channel in channels], clock())
    for channel in channels:
        failed = ""
        for message in _messages(book, channel, claimed.get(channel.name, []), clock):
            if failed:  # it would have to wait for the same fault again
                book.postpone(message, clock(), failed)
                continue
            try:
                channel.send(message)
            except NoticeError as error:
                failed = str(error)
                book.postpone(message, clock(), failed)
                faults.append((channel, failed))
            else:
                book.settle(message, clock())
                told += [(channel, notice) for notice in message]
    return told, faults


def _messages(
    book: IncidentBook, channel: Channel, notices: Sequence[Notice], clock: Callable[[], float]
) -> Iterator[Sequence[Notice]]:
    """What goes together; what is not for this channel is settled."""
    quiet = [notice for notice in notices if channel.least == "error" and notice.severity != "error"]
    if quiet:
        book.settle(quiet, clock(), NOT_FOR_IT)
    loud = [notice for notice in notices if notice not in quiet]
    if channel.together and len(loud) > AT_ONCE:
        yield loud
        return
    yield from ([notice] for notice in loud)


def _of_faults(faults: Sequence[tuple[Channel, str]], now: float) -> list[Problem]:
    return [
        Problem(
            key=_key(channel),
            title=f"Notices cannot be delivered: {channel.where}",
            message=f"{fault} It is tried again, for two days; the other ways to tell are used meanwhile.",
            at=now,
            link="credit-platform notices test",
            owner=OPERATIONS,
            not_by=channel.name,
        )
        for channel, fault in faults
    ]


def _of_successes(book: IncidentBook, told: Sequence[tuple[Channel, Notice]], now: float) -> list[Recovery]:
    succeeded = {_key(channel): channel for channel, _ in told}
    if not succeeded or not {row.key for row in book.open_incidents()} & set(succeeded):
        return []
    return [
        Recovery(key=key, at=now, message=f"Notices are delivered again: {channel.where}.")
        for key, channel in succeeded.items()
    ]


def _key(channel: Channel) -> str:
    return f"notices:{channel.name}"


def trial_notices(clock: Callable[[], float] = time.time) -> list[Notice]:
    """A problem that is none, and its end: what somebody sends who wants to know whether a way to tell works."""
    now = clock()
    said = {"problem": "Nothing is wrong: somebody tries whether notices arrive.", "resolved": "The trial is over."}
    return [
        Notice(
            delivery=0,
            incident=int(now),
            kind=kind,
            key="trial",
            title="Trial of notices",
            message=said[kind],
            severity="error",
            link="credit-platform notices list",
            owner=OPERATIONS,
            opened=now,
            at=now,
            times=1,
            attempts=0,
        )
        for kind in KINDS
    ]
