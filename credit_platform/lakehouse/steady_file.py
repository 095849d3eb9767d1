"""A file that must not change while it is read: header, digest and rows are then of one and the same file.

What is here: `steady` and `of_a_steady_file`.
What to add here: another sign that a file was changed.
What must not be here: reading it.

A raw file is opened several times: for its header, for its digest, for its rows, for those that break a rule. Which
file a path means, how long it is, and when it was last touched, is looked up before the first and after the last. The
time of the last change of the inode cannot be set back as that of the content can, so that a file that was overwritten
by `cp --preserve` is noticed, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from os import stat_result
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from credit_platform.errors import RawFileError

T = TypeVar("T")
First = TypeVar("First")
P = ParamSpec("P")


@contextmanager
def steady(path: Path) -> Iterator[None]:
    """Guard the readings of `path` in the block; what was wrong with a file that changed meanwhile is not told.

    Raises:
        RawFileError: the file was replaced, overwritten, lengthened, cut off or removed; what was read is of no use.
    """
    before = _status(path)
    try:
        yield
    except Exception as error:
        if before is not None and (changed := _change(before, _status(path))):
            raise _error(path, changed) from error
        raise
    if before is not None and (changed := _change(before, _status(path))):
        raise _error(path, changed)


def of_a_steady_file(
    function: Callable[Concatenate[First, Path, P], T],
) -> Callable[Concatenate[First, Path, P], T]:
    """Make a function whose second argument is a path raise as `steady` does."""

    @wraps(function)
    def guarded(first: First, path: Path, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with steady(path):
            return function(first, path, *args, **kwargs)

    return guarded


def _status(path: Path) -> stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _change(before: stat_result, after: stat_result | None) -> str | None:
    """What happened to a file, as a verb; None when nothing did."""
    if after is None:
        return "removed"
    if (before.st_dev, before.st_ino) != (after.st_dev, after.st_ino):
        return "replaced by another"
    if after.st_size > before.st_size:
        return "lengthened"
    if after.st_size < before.st_size:
        return "cut off"
    touched = (before.st_mtime_ns, before.st_ctime_ns) != (after.st_mtime_ns, after.st_ctime_ns)
    return "overwritten or touched" if touched else None


def _error(path: Path, changed: str) -> RawFileError:
    return RawFileError(
        f"File {path} was {changed} while it was read.",
        "Nothing of it was stored. Let whoever writes it finish, then run again. Writing it under another name and "
        "renaming it when it is complete avoids this.",
    )
