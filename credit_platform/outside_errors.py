"""What disk, databases, object stores and MLflow say when they fail, in one sentence with its cure.

What is here: `explained`, for an exception, and `explained_text`, for one that Dagster kept as text.
What to add here: another fault that lies outside the platform and that a person can mend.
What must not be here: faults of our own making: whatever is not known here keeps its trace.

Libraries are recognised by the names of their exceptions, so that nothing is imported for it. A message may name a
host, a bucket or a file; addresses in it lose their passwords.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from credit_platform.errors import OutsideError

_LIBRARIES: Final = {
    "sqlite3": "a database",
    "sqlalchemy": "a database",
    "psycopg": "a database",
    "psycopg2": "a database",
    "optuna": "the database of the studies",
    "mlflow": "MLflow",
    "deltalake": "a table's folder",
    "_internal": "a table's folder",  # deltalake's Rust half
    "polars": "a file",
    "obstore": "the object store",
    "requests": "a server",
    "urllib3": "a server",
    "httpx": "a server",
}
"""Top module of an exception, to what the library was asked about."""
_LASTING_CODES: Final = frozenset(
    {
        "RESOURCE_DOES_NOT_EXIST",
        "RESOURCE_ALREADY_EXISTS",
        "INVALID_STATE",
        "INVALID_PARAMETER_VALUE",
        "BAD_REQUEST",
        "PERMISSION_DENIED",
        "UNAUTHENTICATED",
    }
)
"""Of MLflow (mlflow.protos.databricks_pb2): trying again changes nothing."""
_OF_SYSTEM: Final = frozenset(
    name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, OSError)
)
_SQLITE: Final = b"SQLite format 3\0"
_NAME: Final = re.compile(r"^\s*([A-Za-z_][\w.]*): (.*)$", re.DOTALL)
_PASSWORD: Final = re.compile(r"(\w+://[^:/@\s]*):[^@/\s]+@")
_PATH: Final = re.compile(r"'(/[^']+)'|(?<![\w:/])(/[^\s:'\",)]+)")
_LONGEST: Final = 300


@dataclass(frozen=True)
class _Fault:
    """A kind of failure: how it is recognised, what to say, and what helps."""

    marks: tuple[str, ...]
    """Parts of messages, in small letters."""
    say: Callable[[str, Path], str]
    """Given what was touched and the home, the sentence."""
    cure: str
    passing: bool = False
    """Whether it may be gone in a moment by itself."""


def _at(what: str) -> Callable[[str, Path], str]:
    return lambda touched, _: what.format(touched=touched)


def _damaged(touched: str, home: Path) -> str:
    found = [str(path) for path in _damaged_databases(home)]
    if len(found) > 1:
        return f"These databases are damaged, what is in them is no database: {', '.join(found)}."
    return f"{found[0] if found else touched} is damaged: what is in it is no database."


_FAULTS: Final = (
    _Fault(
        ("no space left", "disk is full", "disk quota exceeded"),
        _at("There is no space left for {touched}."),
        "Free some, then run it again: what was in force before is still.",
    ),
    _Fault(
        ("read-only file system", "readonly database", "read-only transaction"),
        _at("{touched} cannot be written: it is read-only."),
        "Point CREDIT_PLATFORM_HOME (or the file named) at a place that may be written to.",
    ),
    _Fault(
        ("permission denied", "operation not permitted", "access denied", "accessdenied"),
        _at("This account may not use {touched}."),
        "Give it the right to, or use the account that the home belongs to.",
    ),
    _Fault(
        ("file is not a database", "malformed"),
        _damaged,
        "Put it back from a backup; without one move it aside: an empty one is made, and what it held is lost.",
    ),
    _Fault(
        ("database is locked",),
        _at("Another process has held {touched} for too long."),
        "Wait until it is done, or end it; where several write all the time, use PostgreSQL.",
        passing=True,
    ),
    _Fault(
        ("unable to open database file",),
        _at("{touched} cannot be opened or made."),
        "See that its folder is there and may be written to.",
    ),
    _Fault(
        ("too many open files",),
        _at("This process has too many files open."),
        "Raise the limit: ulimit -n 4096.",
    ),
    _Fault(
        ("i/o error", "input/output error"),
        _at("The device under {touched} does not answer as it should."),
        "Look at disk space (a full disk says this, too) and at the system's log of the device, then run it again.",
    ),
    _Fault(
        ("password authentication failed", "no password supplied", "invalidaccesskeyid", "signaturedoesnotmatch"),
        _at("{touched} does not take the name or password that it was given."),
        "Mend the address or the key in the settings (CREDIT_PLATFORM_…_URL, AWS_…).",
    ),
    _Fault(
        (
            "connection refused",
            "connection reset",
            "could not connect",
            "connection failed",
            "max retries exceeded",
            "failed to establish a new connection",
            "name or service not known",
            "failed to resolve",
            "timed out",
            "server closed the connection",
        ),
        _at("{touched} cannot be reached."),
        "See that it runs and that its address in the settings is right, then run it again.",
        passing=True,
    ),
)


def explained(error: BaseException, home: Path) -> OutsideError | None:
    """`error` as a sentence with its cure; None when it is none of those that lie outside the platform.

    Args:
        error: what was raised; where it says nothing itself, what it was raised from is looked at.
        home: of the platform; named where the message names no file.
    """
    for each in _chain(error):
        if isinstance(each, OSError) and each.strerror:
            path = None if each.filename is None else str(each.filename)
            return _of_system(each.strerror, path, home)
        found = explained_text(f"{type(each).__module__}.{type(each).__qualname__}: {each}", home)
        if found is not None:
            # MLflow says by a code what stays so: nothing of that name, a state that does not allow it, no right to it.
            found.passing = found.passing and getattr(each, "error_code", None) not in _LASTING_CODES
            return found
    return None


def explained_text(text: str, home: Path) -> OutsideError | None:
    """The same for `module.Class: message`, as Dagster keeps an exception of a step."""
    named = _NAME.match(text)
    if named is None:
        return None
    name, message = named.group(1), _PASSWORD.sub(r"\1:…@", named.group(2)).strip()
    if name.rpartition(".")[2] in _OF_SYSTEM:
        path = _PATH.search(message)
        said = re.sub(r"^\[Errno \d+\] ", "", message).partition(": '")[0]
        return _of_system(said, (path.group(1) or path.group(2)) if path else None, home)
    library = name.partition(".")[0]
    if library not in _LIBRARIES:
        return None
    path = _PATH.search(message)
    touched = (path.group(1) or path.group(2)) if path else f"{_LIBRARIES[library]} of the home {home}"
    return _of_fault(message, touched, home) or _unknown(_LIBRARIES[library], message)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, then what it was raised from, down to the first."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__


def _of_system(said: str, path: str | None, home: Path) -> OutsideError:
    """What the operating system says about a file."""
    touched = path or f"the home {home}"
    return _of_fault(said, touched, home) or OutsideError(
        f"{touched}: {said[:1].lower()}{said[1:].rstrip('.')}.", "Mend that, or name another place."
    )


def _of_fault(message: str, touched: str, home: Path) -> OutsideError | None:
    small = message.lower()
    for fault in _FAULTS:
        if any(mark in small for mark in fault.marks):
            sentence = fault.say(touched, home)
            error = OutsideError(f"{sentence[0].upper()}{sentence[1:]}", fault.cure)
            error.passing = fault.passing
            return error
    return None


def _unknown(asked: str, message: str) -> OutsideError:
    first = next(iter(message.splitlines()), "").strip()[:_LONGEST]
    error = OutsideError(
        f"{asked[0].upper()}{asked[1:]} could not be used: {first.rstrip('.')}.",
        "Mend what it says, then run it again.",
    )
    error.known, error.passing = False, True
    return error


def _damaged_databases(home: Path) -> list[Path]:
    """SQLite files of the home that do not begin as one does."""
    return [path for path in sorted(home.glob("*/**/*.db")) if path.is_file() and _begins(path) not in {_SQLITE, b""}]


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_SQLITE))
