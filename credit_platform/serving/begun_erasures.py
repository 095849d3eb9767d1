"""An erasure is noted before anything goes, so that one that was cut short is ended by whoever comes next.

What is here: `begun`, around an erasure; `end_begun`, for the next command and the nightly job.
What to add here: another place that an erasure reaches; it must bear being reached twice.
What must not be here: the list of those who were erased, and carrying it out again (`erasures.py`).

A note lies in `<home>/erasures_begun`: who and when, as marks, which name nobody, and by whom and why. It goes when all
of the erasure is done. What is decided about the person after it was noted is a new application, and stays.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from credit_platform.environment import BEGUN_ERASURES
from credit_platform.errors import CreditPlatformError, DecisionLogError
from credit_platform.files.durable import make_folder, sync_folder, write_synced
from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.decision_log import Act
from credit_platform.monitoring.decisions.forgetting import forget
from credit_platform.monitoring.decisions.logs import every_store, open_logs
from credit_platform.portfolios import portfolio_names
from credit_platform.processes import ProcessIdentity
from credit_platform.serving.erasures import erase_again
from credit_platform.serving.shipped_histories import marks_of, remember_marks
from credit_platform.settings import Settings


@dataclass(frozen=True, kw_only=True)
class _Note:
    """An erasure that began."""

    marks: Mapping[str, str]
    """Of the person, by portfolio."""
    at: datetime
    act: Act
    process: ProcessIdentity

    @classmethod
    def read(cls, path: Path) -> Self:
        """What a note says.

        Raises:
            ValueError: it is none.
        """
        try:
            said = json.loads(path.read_bytes())
            act = Act(person=said["person"], reason=said["reason"], account=said["account"])
            at, process = datetime.fromisoformat(said["at"]), ProcessIdentity.parse(said["process"])
            return cls(marks=dict(said["marks"]), at=at, act=act, process=process)
        except (KeyError, TypeError) as error:
            raise ValueError("not a note") from error

    def document(self) -> bytes:
        """As it is written."""
        act = {"person": self.act.person, "reason": self.act.reason, "account": self.act.account}
        said = {"marks": dict(self.marks), "at": self.at.isoformat(), **act, "process": self.process.document()}
        return json.dumps(said).encode()


@contextmanager
def begun(settings: Settings, applicant: str, act: Act) -> Iterator[None]:
    """Note that a person is being erased, until all inside the block is done.

    Raises:
        DecisionLogError: it cannot be noted; nothing was erased then.
    """
    folder = settings.home / BEGUN_ERASURES
    note = _Note(marks=marks_of(applicant), at=datetime.now(UTC), act=act, process=ProcessIdentity.own())
    path = folder / f"{uuid.uuid4().hex}.json"
    try:
        make_folder(folder, 0o700)
        write_synced(path, note.document(), mode=0o600)
    except OSError as error:
        raise DecisionLogError(
            f"{folder} cannot be written to ({error.strerror}): an erasure is noted there first. Nothing was erased.",
            "Make room there, or let this account write.",
        ) from error
    yield
    _done(path)


def end_begun(settings: Settings, say: Callable[[str], None]) -> None:
    """End the erasures of this home that were cut short; one that is at work now is left to its process."""
    for path in sorted((settings.home / BEGUN_ERASURES).glob("*.json")):
        try:
            note = _Note.read(path)
        except FileNotFoundError:  # it is done
            continue
        except (OSError, ValueError) as error:
            say(f"{path}, the note of an erasure, cannot be read ({error}): erase the applicant again and delete it.")
            continue
        if note.process.state() == "alive":
            continue
        begin = f"The erasure that {note.act.person} began at {note.at:%Y-%m-%d %H:%M:%S} UTC and that was cut short"
        try:
            decisions, histories = _carry_out(settings, note)
        except (CreditPlatformError, OSError) as error:
            say(f"{begin} could not be ended; the next command tries again. {error}")
            continue
        _done(path)
        say(f"{begin} is ended now: {decisions} more decisions and {histories} stored histories were removed.")


def _carry_out(settings: Settings, note: _Note) -> tuple[int, int]:
    remember_marks(settings, note.marks, note.at)
    marks = dict.fromkeys(note.marks.values(), note.at)
    histories = erase_again(settings, None, marks, (), note.act, before={}).histories
    decisions = 0
    for store in every_store(settings):
        with closing(store):
            decisions += erase_again(settings, store, marks, (), note.act, before={}).decisions
    lakehouse, logs = Lakehouse(settings.lakehouse_root), open_logs(settings)
    for portfolio in portfolio_names():
        forget(lakehouse, portfolio, logs, erased=True)
    return decisions, histories


def _done(path: Path) -> None:
    path.unlink(missing_ok=True)
    sync_folder(path.parent)
