"""A file is told by its first bytes, and no cure destroys it."""

from __future__ import annotations

import gzip
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import polars as pl
import pytest

from credit_platform.files.kinds import HEAD_BYTES, convert, foreign_kind

TEXT = "id,note\n1,é\n2,x\n"


def parquet() -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame({"id": [1]}).write_parquet(buffer)
    return buffer.getvalue()


def workbook() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/workbook.xml", "<x/>")
    return buffer.getvalue()


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("a.csv", TEXT)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (TEXT.encode("utf-16"), "is UTF-16 text"),
        (TEXT.encode("utf-16-le"), "is UTF-16 text"),
        (TEXT.encode("utf-16-be"), "is UTF-16 text"),
        (TEXT.encode("utf-32"), "is UTF-32 text"),
        (workbook(), "is an Excel workbook"),
        (archive(), "is a zip archive"),
        (gzip.compress(TEXT.encode(), mtime=0), "is packed with gzip"),
        (parquet(), "is a Parquet file"),
        (b"<!DOCTYPE html><html>", "is an HTML page"),
        (b"\n  <HTML lang='en'>", "is an HTML page"),
        (b"<?xml version='1.0'?>", "is XML"),
        (b'{"id": 1}', "is JSON"),
        (b'[{"id": 1}]', "is JSON"),
        (b"%PDF-1.7", "is a PDF document"),
        (b"BZh91AY", "is packed with bzip2"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a workbook of an old Excel"),
    ],
)
def test_what_is_no_csv_is_told_by_its_first_bytes(content: bytes, what: str) -> None:
    for name in ("a.csv", None):
        kind = foreign_kind(content[:HEAD_BYTES], name)
        assert kind is not None
        assert what in kind.what
        assert kind.cure.endswith((".", "csv"))
        assert name is not None or "iconv" not in kind.cure


@pytest.mark.parametrize("content", [TEXT, "\ufeff" + TEXT, "[a],{b}\n", "{x},y\n1,2\n", "a", "<a>,b\n", "日本,x\n"])
def test_a_csv_is_no_other_kind(content: str) -> None:
    assert foreign_kind(content.encode(), "a.csv") is None


@pytest.mark.skipif(shutil.which("iconv") is None, reason="iconv is part of the C library's programs")
@pytest.mark.parametrize("name", ["a.csv", "my file é.csv", "-a.csv", "a'b $(x).csv", "noending"])
@pytest.mark.parametrize("encoding", ["UTF-16", "WINDOWS-1252"])
def test_the_command_of_the_cure_makes_another_file_that_can_be_read(tmp_path: Path, name: str, encoding: str) -> None:
    before = TEXT.encode("utf-16" if encoding == "UTF-16" else "cp1252")
    (tmp_path / name).write_bytes(before)
    command = convert(encoding, name).partition(": ")[2]
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)  # what a user would paste
    (other,) = [path for path in tmp_path.iterdir() if path.name != name]
    assert other.read_text(encoding="utf-8") == TEXT
    assert (tmp_path / name).read_bytes() == before


def test_no_cure_writes_to_the_file_it_reads() -> None:
    for name in ("a.csv", "a b.csv"):
        source, target = re.findall(r"UTF-8 (.+) > (.+)", convert("UTF-16", name))[0]
        assert source != target
