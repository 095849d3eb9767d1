"""A file that changes while it is read is noticed, whatever was done to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from credit_platform.errors import RawFileError
from credit_platform.lakehouse.steady_file import of_a_steady_file, steady

TEXT = "a,b\n1,2\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "loans.csv"
    path.write_text(TEXT, encoding="utf-8")
    return path


def replace(path: Path) -> None:
    """As `cp --preserve other path.tmp; mv path.tmp path` does."""
    fresh = path.with_suffix(".tmp")
    fresh.write_text(TEXT, encoding="utf-8")
    os.utime(fresh, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    fresh.replace(path)


def overwrite(path: Path) -> None:
    """In place, with as many bytes and the old time."""
    before = path.stat()
    with path.open("r+b") as file:
        file.write(b"a,b\n3,4\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def append(path: Path) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("3,4\n")


CHANGES: dict[str, Callable[[Path], object]] = {
    "replaced by another": replace,
    "overwritten or touched": overwrite,
    "lengthened": append,
    "cut off": lambda path: os.truncate(path, 6),
    "removed": Path.unlink,
}


def change(path: Path, by: Callable[[Path], object], *, fails: bool) -> None:
    """Change a file in the middle of its reading, which makes no sense of it afterwards or does not notice."""
    by(path)
    if fails:
        raise ValueError("what was read makes no sense")


@pytest.mark.parametrize("changed", CHANGES)
@pytest.mark.parametrize("fails", [False, True])
def test_a_change_is_named(changed: str, fails: bool, path: Path) -> None:
    with pytest.raises(RawFileError, match=f"File {path} was {changed} while it was read") as raised, steady(path):
        change(path, CHANGES[changed], fails=fails)
    assert "Nothing of it was stored." in raised.value.cure
    assert (type(raised.value.__cause__) is ValueError) == fails


def test_a_file_that_stays_as_it_is_may_be_read_and_be_wrong(path: Path) -> None:
    with steady(path):
        assert path.read_text(encoding="utf-8") == TEXT
    with pytest.raises(ValueError, match="no sense"), steady(path):
        raise ValueError("no sense")


def test_a_missing_file_is_for_the_reader_to_report(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), steady(tmp_path / "none.csv"):
        (tmp_path / "none.csv").read_bytes()


def test_a_function_of_a_path_is_guarded(path: Path) -> None:
    @of_a_steady_file
    def read(what: str, file: Path, *, then: Callable[[Path], object]) -> str:
        then(file)
        return what

    assert read("loans", path, then=Path.read_bytes) == "loans"
    with pytest.raises(RawFileError, match="lengthened"):
        read("loans", path, then=append)
