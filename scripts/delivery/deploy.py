"""Bring the images of a tag to an environment, and take them back when they do not pass: `scripts/deploy ENV TAG`.

What is here: the order of things, and the command. Used by hand, by CD and by tests, as it stands.
What to add here: a gate, in `GATES`.
What must not be here: how Helm, kubectl and services are asked (`release.py`, `gates.py`).

1. Whether it may begin: environment, digests of the tag, approval, what stands there. Else 3, and nothing is changed.
2. What is to be gone back to is noted in the cluster; Helm upgrades, and waits.
3. The gates. Else back, once, to what was noted: 1.
4. It is noted that the images serve: 0. Called again then, it only looks whether they still do.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn

from scripts.chart.helm import ROOT
from scripts.delivery.approvals import Record, require_approval
from scripts.delivery.environments import FOLDER, Environment, read_environment
from scripts.delivery.gates import load_all, models_of, smoke_test_all
from scripts.delivery.images import TagImages, chart_version, read_images
from scripts.delivery.outcome import Exit, FailedError, RefusedError
from scripts.delivery.release import Note, Release, Standing
from scripts.delivery.reports import tell

KEY: Final = "CREDIT_PLATFORM_DELIVERY_KEY"
RECORDS: Final = ROOT / ".credit_platform" / "deliveries"
_PENDING: Final = "pending"
_CHART: Final = "credit-platform"

GATES: Final[tuple[tuple[str, Callable[[Environment, str, dict[str, str]], None]], ...]] = (
    ("smoke test", smoke_test_all),
    ("load", lambda environment, key, _: load_all(environment, key)),
)
"""What a release must pass, in this order."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be delivered where, by whose word."""

    environment: Environment
    images: TagImages
    key: str
    approved_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Begun:
    """What was found, and what is gone back to."""

    note: Note
    there: bool
    """Whether the release is already what is wanted."""
    proven: bool
    """Whether it has passed its gates before."""


@dataclass(frozen=True)
class Ended:
    """What came of it."""

    status: Exit
    verdict: str
    """`done`, `taken back`, or `does not answer`: what passed before, and was left as it is."""
    message: str
    """For people."""
    news: bool = True
    """Whether they are to be told."""


def deliver(order: Order, say: Callable[[str], None]) -> Ended:
    """Carry it out, and say what came of it.

    Raises:
        RefusedError: nothing was begun.
    """
    release = Release(order.environment)
    begun = _begin(order, release, say)
    return _looked_after(order) if begun.proven else _carried_out(order, release, begun, say)


def _looked_after(order: Order) -> Ended:
    """These images have passed here, and nothing has changed since."""
    tag, where = order.images.tag, order.environment.name
    try:
        smoke_test_all(order.environment, order.key, {})
    except FailedError as error:
        said = f"{tag} passed in {where} before, and does not answer now: {error} Nothing was changed."
        return Ended(Exit.TAKEN_BACK, "does not answer", said)
    return Ended(Exit.DONE, "done", f"{tag} serves in {where} already; nothing was changed.", news=False)


def _carried_out(order: Order, release: Release, begun: _Begun, say: Callable[[str], None]) -> Ended:
    tag, note = order.images.tag, begun.note
    try:
        release.write_note(note)
    except FailedError as error:
        raise RefusedError(f"{error} Look whether the account may write ConfigMaps.") from None
    try:
        if not begun.there:
            say(f"{tag}: {release} is upgraded; revision {note.before} is what it would go back to.")
            release.upgrade(order.images.file, tag)
        for name, gate in GATES:
            say(f"{tag}: {name}.")
            gate(order.environment, order.key, note.models)
    except FailedError as error:
        return Ended(Exit.TAKEN_BACK, "taken back", _taken_back(order, release, note, error, say))
    passed = f"{tag} serves in {order.environment.name}: it passed {' and '.join(name for name, _ in GATES)}."
    try:
        release.write_note(replace(note, verdict="done"))
    except FailedError as error:  # it is well; the next call looks again
        return Ended(Exit.DONE, "done", f"{passed} {error}")
    return Ended(Exit.DONE, "done", passed)


def _begin(order: Order, release: Release, say: Callable[[str], None]) -> _Begun:
    """Look what stands there, and what another call left.

    Raises:
        RefusedError: it may not begin.
    """
    wanted = order.environment.merged_values(order.images.values)
    if (wanted.get("service") or {}).get("enabled") is not True:
        raise RefusedError(
            f"The values of {order.environment.name} do not enable the service, so an upgrade would take it away. "
            "Set service.enabled: true in them."
        )
    standing, noted = release.standing(), release.note()
    under_way = noted is not None and noted.verdict == "under way"
    if standing.status.startswith(_PENDING):
        standing = _freed(release, standing, noted if under_way else None, say)
    same = standing.status == "deployed" and standing.chart == f"{_CHART}-{chart_version()}"
    there = same and release.values() == wanted
    if noted is not None and under_way:
        say(f"A delivery of {noted.tag} was interrupted; what goes before it is revision {noted.before}.")
        return _Begun(note=replace(noted, tag=order.images.tag), there=there, proven=False)
    before = standing.deployed
    if before is None:
        raise RefusedError(f"No revision of {release} is in force. Install it, or go back: helm rollback.")
    note = Note(
        tag=order.images.tag, verdict="under way", before=before, models=models_of(order.environment, order.key)
    )
    proven = there and noted is not None and (noted.tag, noted.verdict) == (order.images.tag, "done")
    return _Begun(note=note, there=there, proven=proven)


def _freed(release: Release, standing: Standing, noted: Note | None, say: Callable[[str], None]) -> Standing:
    """Take back an upgrade that was killed within Helm, if it was ours.

    Raises:
        RefusedError: it was not, or it cannot be taken back.
    """
    if noted is None:
        raise RefusedError(
            f"Somebody else is at work at {release} ({standing.status}). Wait; if nobody is, helm rollback to the last "
            "revision that helm history calls deployed."
        )
    say(f"A delivery of {noted.tag} was killed within Helm; {release} goes back to revision {noted.before} first.")
    try:
        release.go_back(noted.before)
    except FailedError as error:
        raise RefusedError(f"{error} Look at its pods, and helm rollback by hand.") from None
    return release.standing()


def _taken_back(order: Order, release: Release, note: Note, why: FailedError, say: Callable[[str], None]) -> str:
    """Go back, once, and see that what was there answers."""
    tag, where = order.images.tag, order.environment.name
    say(f"{tag} does not pass: {why} Back to revision {note.before}.")
    try:
        release.go_back(note.before)
        smoke_test_all(order.environment, order.key, note.models)
    except FailedError as error:
        return f"{tag} did not pass in {where}: {why} And what was there before is not back: {error} Look at it now."
    said = f"{tag} did not pass in {where}: {why} What was there before, revision {note.before}, answers."
    try:
        release.write_note(replace(note, verdict="taken back"))
    except FailedError as error:  # the next call finds it under way, and goes back to the same
        return f"{said} {error}"
    return said


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """A call that cannot be read begins nothing."""
        self.exit(Exit.REFUSED, f"{message}. See scripts/deploy --help.\n")


def main(arguments: Sequence[str]) -> int:
    """Read the command and carry it out; exit status for the shell."""
    parser = _Parser(prog="scripts/deploy", description="Bring the images of a tag to an environment.")
    parser.add_argument("environment", metavar="ENV", help="staging, production, or another of delivery/environments")
    parser.add_argument("tag", metavar="TAG", help="as v0.2.0")
    parser.add_argument("--approved-by", metavar="NAME", help="who said yes, where somebody has to")
    parser.add_argument(
        "--digests", type=Path, metavar="FILE", help="the tag's images (records/TAG/values-digests.yaml)"
    )
    parser.add_argument(
        "--environments", type=Path, default=FOLDER, metavar="FOLDER", help="of the environments' files"
    )
    parser.add_argument("--records", type=Path, default=RECORDS, metavar="FOLDER", help="of what came of deliveries")
    options = parser.parse_args(arguments)
    try:
        environment = read_environment(options.environment, options.environments)
        images = read_images(options.tag, options.digests or options.records / options.tag / "values-digests.yaml")
        require_approval(environment, images, options.approved_by, options.records)
        order = Order(environment=environment, images=images, key=_key(), approved_by=options.approved_by)
        ended = deliver(order, _say)
    except RefusedError as error:
        _say(f"Refused, and nothing was changed: {error}")
        return Exit.REFUSED
    return _concluded(order, ended, options.records)


def _concluded(order: Order, ended: Ended, records: Path) -> int:
    """Say it, write it down, tell people."""
    _say(ended.message)
    record = Record(
        environment=order.environment.name,
        tag=order.images.tag,
        digests=order.images.digests,
        verdict=ended.verdict,
        message=ended.message,
        approved_by=order.approved_by,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    try:
        record.write(records)
    except OSError as error:
        _say(f"What came of it cannot be written to {records}: {error.strerror}. The next environment will ask for it.")
    for sentence in tell(record) if ended.news else ():
        _say(sentence)
    return ended.status


def _key() -> str:
    key = os.environ.get(KEY, "").strip()
    if not key:
        raise RefusedError(
            f"{KEY} names no API key, so nobody can try what is delivered. Give it one of the scopes score and explain."
        )
    return key


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
