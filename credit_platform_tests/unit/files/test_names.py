"""What lies under a name, or in its place, is said without opening it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from credit_platform.errors import RawFileError
from credit_platform.files.names import (
    find_raw_file,
    name_fault,
    present_names,
    require_file,
    similar_names,
    unreadable,
)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.csv.zip", "a.zip"])
def test_a_raw_file_is_found_under_each_of_its_names(tmp_path: Path, name: str) -> None:
    assert find_raw_file(tmp_path, "a.csv") == tmp_path / "a.csv"
    (tmp_path / name).touch()
    assert find_raw_file(tmp_path, "a.csv") == tmp_path / name
    assert present_names(tmp_path, "a.csv") == [tmp_path / name]


def test_a_raw_file_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    for name in ("a.csv", "a.csv.gz"):
        (tmp_path / name).touch()
    with pytest.raises(RawFileError, match=r"holds a\.csv and a\.csv\.gz: the same file twice"):
        find_raw_file(tmp_path, "a.csv")


def test_what_is_no_file_is_named_and_never_opened(tmp_path: Path) -> None:
    folder, pipe, link, plug = (tmp_path / name for name in ("folder", "pipe", "link", "plug"))
    folder.mkdir()
    os.mkfifo(pipe)
    link.symlink_to("nowhere")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(tmp_path)  # addresses of sockets are short
        server.bind(plug.name)
        os.chdir(here)
        for path, says in (
            (folder, "is a folder, where a file must be"),
            (pipe, "is a pipe"),
            (plug, "is a socket"),
            (Path("/dev/null"), "is a device"),
            (link, "is a link to nowhere, which does not exist"),
            (tmp_path / "none" / "a.csv", "nor does its folder"),
            (tmp_path / "a.csv", "does not exist. Put a.csv there"),
            (Path("/dev/null") / "a.csv", "nor does its folder"),
        ):
            with pytest.raises(RawFileError, match=says) as raised:
                require_file(path)
            assert str(path) in raised.value.what
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(RawFileError, match="cannot be read"):
        require_file(loop)
    assert "Permission denied" in str(unreadable(folder, PermissionError(13, "Permission denied")))


@pytest.mark.parametrize(
    ("there", "is_similar"),
    [
        ("German_Credit.csv", True),
        ("german_credit.CSV", True),
        ("german_credit (1).csv", True),
        ("german_credit.csv.bz2", True),
        ("german_credit.xlsx", True),
        ("german_credit.csv.txt", True),
        ("german_credit_balance.csv", False),
        ("german.csv", False),
        ("other.csv", False),
    ],
)
def test_a_name_that_may_be_meant_is_shown(tmp_path: Path, there: str, is_similar: bool) -> None:  # a table
    (tmp_path / there).touch()
    wanted = tmp_path / "german_credit.csv"
    assert similar_names(wanted) == ([there] if is_similar else [])
    with pytest.raises(RawFileError) as raised:
        require_file(wanted)
    assert (there in str(raised.value)) == is_similar


def test_accents_that_are_written_in_two_ways_are_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "donne\u0301es.csv").touch()
    assert similar_names(tmp_path / "donn\u00e9es.csv") == ["donne\u0301es.csv"]


@pytest.mark.parametrize("name", ["a?b", "a\\b", "a%20b", "a%E9", "a\nb", "a\x7f"])
def test_names_that_no_home_can_have_are_known(name: str) -> None:
    assert name_fault(f"/data/{name}")


@pytest.mark.parametrize("name", ["a b", "é", "#1", "100%", "a%zz", "[x]", "*", "日本", "'", '"', "~", "x=1", "a:b"])
def test_other_names_are_held(name: str) -> None:
    assert name_fault(f"/data/{name}") is None
