"""Packed files are unpacked as they are, within a bound; damage is named."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from credit_platform.errors import RawFileError
from credit_platform.files import packed
from credit_platform.files.csv_text import check_text, open_csv, read_names
from credit_platform.files.packed import is_packed, unpack

CONTENT = b"id,note\n" + b"".join(b"%d,x\n" % n for n in range(5000))


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def encrypted() -> bytes:
    content = bytearray(zipped(("a.csv", CONTENT)))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flag in both headers
        content[content.index(mark) + offset] |= 1
    return bytes(content)


def huge_zip64() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("a.csv", "w", force_zip64=True) as member:
        member.write(CONTENT)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv.gz", gzip.compress(CONTENT, mtime=0)),
        ("a.csv.gz", gzip.compress(CONTENT[:100], mtime=0) + gzip.compress(CONTENT[100:], mtime=0)),
        ("a.CSV.GZ", gzip.compress(CONTENT, mtime=0)),
        ("a.zip", zipped(("other.csv", CONTENT))),
        ("a.zip", zipped(("../../evil.csv", CONTENT))),
        ("a.zip", zipped(("folder/", b""), ("folder/a.csv", CONTENT), ("__MACOSX/folder/._a.csv", b"x"))),
        ("a.csv.zip", huge_zip64()),
    ],
)
def test_what_was_packed_comes_out_and_stays_in_its_folder(tmp_path: Path, name: str, content: bytes) -> None:
    source, staging = tmp_path / name, tmp_path / "staging"
    source.write_bytes(content)
    assert is_packed(source)
    found = unpack(source, staging)
    assert found.path.read_bytes() == CONTENT
    assert (found.sha256, found.bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    assert found.path.is_relative_to(staging)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "staging"])
    assert source.read_bytes() == content


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv.gz", gzip.compress(CONTENT, mtime=0)[:-20], "is cut off"),
        ("a.csv.gz", gzip.compress(CONTENT, mtime=0)[:-8] + b"\0" * 8, "cannot be unpacked: CRC check failed"),
        ("a.csv.gz", CONTENT, "cannot be unpacked: Not a gzipped file"),
        ("a.zip", zipped(("a.csv", CONTENT))[:-30], "cannot be unpacked: File is not a zip file"),
        ("a.zip", zipped(("a.csv", b"x"), ("b.csv", b"y")), r"an archive of 2 files \(a\.csv, b\.csv\)"),
        ("a.zip", zipped(), r"an archive of 0 files \(nothing\)"),
        ("a.zip", encrypted(), "is encrypted"),
        (
            "a.zip",
            zipped(("a.csv", CONTENT), method=zipfile.ZIP_STORED).replace(b"4999,x", b"4999,y"),
            "cannot be unpacked: Bad CRC-32",
        ),
    ],
)
def test_damage_is_named_with_the_file(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    source = tmp_path / name
    source.write_bytes(content)
    with pytest.raises(RawFileError, match=says) as raised:
        unpack(source, tmp_path / "staging")
    assert str(source) in raised.value.what
    assert source.read_bytes() == content


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped(("a.csv", content))])
def test_a_bomb_is_stopped_while_it_unpacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(packed, "FREE_BYTES", 1 << 20)
    monkeypatch.setattr(packed, "_CHUNK", 1 << 16)
    source = tmp_path / ("a.csv.gz" if pack is gzip.compress else "a.zip")
    source.write_bytes(pack(b"0" * (32 << 20)))
    with pytest.raises(RawFileError, match="unpacking was stopped"):
        unpack(source, tmp_path / "staging")
    written = sum(path.stat().st_size for path in (tmp_path / "staging").rglob("*.csv"))
    assert 0 < written <= max(1 << 20, source.stat().st_size * packed.MOST_TIMES)


def test_the_bound_in_bytes_and_the_room_on_the_disk_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a.csv.gz"
    source.write_bytes(gzip.compress(CONTENT))
    monkeypatch.setattr(packed, "_LEFT_FREE", 1 << 62)
    with pytest.raises(RawFileError, match="no room on the disk"):
        unpack(source, tmp_path / "staging")
    monkeypatch.setattr(packed, "MOST_BYTES", 10)
    with pytest.raises(RawFileError, match="unpacks to more than 10 bytes"):
        unpack(source, tmp_path / "staging")


def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a.csv.gz"
    source.write_bytes(gzip.compress(CONTENT))
    copy = packed._copy

    def change(path: Path, content: io.BytesIO, target: Path, size: int) -> None:
        copy(path, content, target, size)
        path.write_bytes(gzip.compress(CONTENT * 2))

    monkeypatch.setattr(packed, "_copy", change)
    with pytest.raises(RawFileError, match="changed while it was read"):
        unpack(source, tmp_path / "staging")


@pytest.mark.parametrize(("method", "at"), [(zipfile.ZIP_BZIP2, 200), (zipfile.ZIP_LZMA, 60)])
def test_damage_of_any_packing_is_named(tmp_path: Path, method: int, at: int) -> None:
    source = tmp_path / "a.zip"
    content = bytearray(zipped(("a.csv", CONTENT), method=method))
    content[at : at + 8] = b"\xff" * 8
    source.write_bytes(content)
    with pytest.raises(RawFileError, match=r"a\.zip (cannot be unpacked: .{5}|is cut off)"):
        unpack(source, tmp_path / "staging")


@pytest.mark.parametrize(
    ("name", "packed_as"), [("t.csv.gz", gzip.compress), ("t.zip", lambda content: zipped(("d/x.csv", content)))]
)
@pytest.mark.parametrize(
    ("content", "cure"),
    [
        ("a,b\n1,2\n".encode("utf-16"), "Unpack it first. Convert it into another file, .* -t UTF-8 {} > "),
        (b"a,b\nd\xe9j\xe0,2\n", "Unpack it first. Convert it into another file, .* -t UTF-8 {} > "),
        (b"PAR1" * 9, "Unpack it first. Where Parquet is read"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "It is packed twice: unpack it once"),
        (b"a.csv".ljust(257, b"\0") + b"ustar\0" + b"\0" * 99, "is a tar archive. Unpack all of it, and give the CSV"),
    ],
)
def test_no_cure_is_meant_for_the_packed_bytes(
    tmp_path: Path, name: str, packed_as: Callable[[bytes], bytes], content: bytes, cure: str
) -> None:
    (tmp_path / name).write_bytes(packed_as(content))
    file = open_csv(tmp_path / name, tmp_path / "staging")
    inner = "t.csv" if name.endswith(".gz") else "x.csv"
    with pytest.raises(RawFileError, match=cure.format(re.escape(inner))):
        check_text(file, len(read_names(file, ())))
