"""Files broken as a whole are refused with their name, the place and the cure; sound ones are read as they are."""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.errors import RawFileError
from credit_platform.files import csv_bytes
from credit_platform.files.csv_bytes import count_bytes, first_uneven_chunk
from credit_platform.files.csv_text import CsvFile, uneven_line
from credit_platform.lakehouse.csv_files import extract_lines, inspect_csv, scan_csv, scan_csv_text
from credit_platform.portfolios.source_table import Column, ColumnType, SourceTable

TABLE = SourceTable(
    name="loans",
    file_name="loans.csv",
    description="",
    columns=(
        Column(name="id", type=ColumnType.INT32, description=""),
        Column(name="note", type=ColumnType.STRING, description="", nullable=True),
        Column(name="amount", type=ColumnType.FLOAT32, description="", nullable=True),
    ),
)
HEAD = b"id,note,amount\n"
ROWS = [(1, "x", 2.5), (2, None, None)]


def file(folder: Path, content: bytes) -> Path:
    path = folder / "loans.csv"
    path.write_bytes(content)
    return path


def rows(path: Path) -> list[tuple[object, ...]]:
    return scan_csv(inspect_csv(path, TABLE), TABLE).collect().rows()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"id;note;amount\n1;x;2\n", "by semicolon, not by comma", id="semicolon"),
        pytest.param(b"id\tnote\tamount\n1\tx\t2\n", "by tab, not by comma", id="tab"),
        pytest.param(b"id,amount\n1,2\n", r"lacks the column note \(line 1\)", id="missing column"),
        pytest.param(b"id\n1\n", "lacks the columns note, amount", id="missing columns"),
        pytest.param(
            b"id,note,amount,x\n1,x,2,3\n", "has, beside those of its contract, the column x", id="extra column"
        ),
        pytest.param(b"id,note,amount,id\n1,x,2,3\n", "holds twice the column id", id="repeated column"),
        pytest.param(b"1,x,2\n2,y,3\n", r"no header that is known \(line 1 holds 1, x, 2\)", id="no header"),
        pytest.param(b"\n", "has a blank first line", id="blank file"),
        pytest.param(HEAD, "has a header and no rows", id="header only"),
        pytest.param(HEAD + b"1,x,2\n2,y", "was cut off: its last line, 3, has no line end", id="truncated line"),
        pytest.param(HEAD + b"1,x,2\n2,y,12", "was cut off: its last line, 3", id="truncated value"),
        pytest.param(HEAD[:-4], "lacks the column amount", id="truncated header"),
        pytest.param(HEAD + b"1,x,2\n2,caf\xe9,3\n", "not UTF-8 text: line 3, byte 6", id="latin-1"),
        pytest.param(
            HEAD + "1,x,2\n2,é,3\n".encode() + b"4,\xc3", "not UTF-8 text: line 4, byte 3", id="half a letter"
        ),
        pytest.param(b"id,not\xe9,amount\n1,x,2\n", "not UTF-8 text: line 1, byte 7", id="latin-1 header"),
        pytest.param("id,note,amount\n1,x,2\n".encode("utf-16"), "is UTF-16 text", id="utf-16"),
        pytest.param(HEAD + b"1,x,2\n2,\0,3\n", "NUL byte on line 3", id="nul"),
        pytest.param(HEAD + b"1,x,2\n2,y\n3,z,3\n", "has 2 fields on line 3, where its header has 3", id="short line"),
        pytest.param(HEAD + b"1,x,2\n2,y,3,4\n", "has 4 fields on line 3", id="long line"),
        pytest.param(HEAD + b'1,"x\ny",2\n2,y,3,4\n', "has 4 fields on line 4", id="long line after a line break"),
        pytest.param(HEAD + b"1,x,2\n\n2,y,3\n", "has a blank line, 3", id="blank line"),
        pytest.param(HEAD + b'1,"x,2\n2,y,3\n', "double quote that is not closed, probably on line 2", id="open quote"),
        pytest.param(b"id,note,amount\r1,x,2\r", "carriage return only", id="old line ends"),
        pytest.param(HEAD + b'1,x"a,2"\n', "quotes in the middle of unquoted fields", id="stray quotes"),
    ],
)
def test_broken_file_is_named_with_place_and_cure(tmp_path: Path, content: bytes, says: str) -> None:
    path = file(tmp_path, content)
    with pytest.raises(RawFileError, match=says) as raised:
        inspect_csv(path, TABLE)
    assert str(path) in raised.value.what
    assert raised.value.cure


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RawFileError, match=r"nowhere.csv does not exist. Put nowhere.csv there"):
        inspect_csv(tmp_path / "nowhere.csv", TABLE)


def test_long_headers_are_shortened_in_messages(tmp_path: Path) -> None:
    content = ",".join(f"c{i}" for i in range(60)) + "\n"
    with pytest.raises(RawFileError, match=r"c39, … \(60 in all\)"):
        inspect_csv(file(tmp_path, content.encode()), TABLE)


def test_sound_file_is_described(tmp_path: Path) -> None:
    content = HEAD + b'1,"x, ""y""",2.5\n2,,\n'
    raw = inspect_csv(file(tmp_path, content), TABLE)
    assert (raw.rows, raw.bytes, raw.multiline) == (2, len(content), False)
    assert raw.header == ("id", "note", "amount")
    assert raw.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(HEAD + b"1,x,2.5\n2,,\n", id="plain"),
        pytest.param(b"\xef\xbb\xbf" + HEAD + b"1,x,2.5\n2,,\n", id="byte order mark"),
        pytest.param((HEAD + b"1,x,2.5\n2,,\n").replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param(b"amount,id,note\n2.5,1,x\n,2,\n", id="another order of columns"),
        pytest.param(b'"id","note","amount"\n"1","x","2.5"\n"2",,\n', id="quotes everywhere"),
    ],
)
def test_forms_of_the_same_table_read_the_same(tmp_path: Path, content: bytes) -> None:
    assert rows(file(tmp_path, content)) == ROWS


def test_quoted_fields_may_hold_separators_quotes_and_lines(tmp_path: Path) -> None:
    path = file(tmp_path, HEAD + '1,"a, ""b"", é\nc",2\n2,y,3\n'.encode())
    assert inspect_csv(path, TABLE).rows == 2
    assert inspect_csv(path, TABLE).multiline
    assert rows(path) == [(1, 'a, "b", é\nc', 2.0), (2, "y", 3.0)]


def test_types_are_those_of_the_contract_never_inferred(tmp_path: Path) -> None:
    path = file(tmp_path, HEAD + b"1,007,2\n")
    read = scan_csv(inspect_csv(path, TABLE), TABLE).collect()
    assert read.schema == {"id": pl.Int32, "note": pl.String, "amount": pl.Float32}
    assert read["note"].to_list() == ["007"]


def test_every_type_of_a_contract_can_be_read(tmp_path: Path) -> None:
    columns = tuple(Column(name=kind.value, type=kind, description="") for kind in ColumnType)
    table = SourceTable(name="all", file_name="all.csv", description="", columns=columns)
    names = ",".join(table.column_names)
    path = file(tmp_path, f"{names}\n{','.join('7' for _ in columns)}\n".encode())
    read = scan_csv(inspect_csv(path, table), table).collect()
    assert read.row(0) == (7, 7, 7, 7, 7.0, 7.0, "7")


def test_text_knows_its_line_even_after_line_breaks_in_fields(tmp_path: Path) -> None:
    path = file(tmp_path, HEAD + b'1,"a\nb\nc",2\n2,y,3\n3,"d\ne",\n4,,1\n')
    text = scan_csv_text(inspect_csv(path, TABLE), TABLE, "line").collect()
    assert text["line"].to_list() == [2, 5, 6, 8]
    assert text["amount"].to_list() == ["2", "3", None, "1"]


@settings(deadline=None)
@given(
    st.lists(st.text(alphabet='a,"\né\n', max_size=6), min_size=1, max_size=8),
    st.integers(1, 7),
)
def test_counts_do_not_depend_on_where_chunks_end(fields: list[str], chunk: int) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[str(i), field] for i, field in enumerate(fields)])
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = file(Path(folder), text.getvalue().encode())
        patch.setattr(csv_bytes, "_CHUNK", chunk)
        counts = count_bytes(io.BytesIO(path.read_bytes()))
    assert counts.records == counts.separators == len(fields)
    assert counts.not_utf8 is None
    assert counts.bytes == len(text.getvalue().encode())


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(0, 20))
def test_bad_byte_is_placed_wherever_chunks_end(chunk: int, position: int) -> None:
    content = "é,b\nçd,e\nff,é\n".encode() * 2
    # Put the byte between letters, not into one.
    while position and content[position] & 0xC0 == 0x80:
        position -= 1
    bad = content[:position] + b"\xff" + content[position:]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = file(Path(folder), bad)
        patch.setattr(csv_bytes, "_CHUNK", chunk)
        counts = count_bytes(io.BytesIO(path.read_bytes()))
    before = content[:position]
    assert counts.not_utf8 == (before.count(b"\n") + 1, len(before) - before.rfind(b"\n") - 1)


@settings(deadline=None)
@given(
    st.lists(st.text(alphabet="xé", max_size=5), min_size=1, max_size=12),
    st.integers(1, 9),
    st.sampled_from(["\n", "\r\n"]),
    st.data(),
)
def test_lines_are_taken_out_as_they_are_wherever_chunks_end(
    notes: list[str], chunk: int, end: str, data: st.DataObject
) -> None:
    lines = [f"{number},{note},1{end}".encode() for number, note in enumerate(notes)]
    wanted = sorted(data.draw(st.sets(st.integers(0, len(lines) - 1))))
    head = f"id,note,amount{end}".encode()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        raw_file = inspect_csv(file(Path(folder), head + b"".join(lines)), TABLE)
        patch.setattr(csv_bytes, "_CHUNK", chunk)
        few = extract_lines(raw_file, pl.Series([n + 2 for n in wanted], dtype=pl.Int64), Path(folder) / "few.csv")
        assert few.path.read_bytes() == head + b"".join(lines[n] for n in wanted)
    assert (few.rows, few.header) == (len(wanted), TABLE.column_names)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(HEAD + b"1,x,2\n2,y\n3,z,3\n", (3, len(HEAD) + 6), id="short line"),
        pytest.param(HEAD + b"1,x,2\n2,y,3\n3,z,3,4", (4, len(HEAD) + 12), id="long line at the end"),
        pytest.param(HEAD + b'1,"x",2\n2,y\n', (1, 0), id="after a quote"),
        pytest.param(HEAD + b"1,x,2\n", (1, 0), id="even"),
    ],
)
def test_a_line_of_another_width_is_looked_for_where_the_count_is_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, found: tuple[int, int]
) -> None:
    monkeypatch.setattr(csv_bytes, "_CHUNK", 1)
    path = file(tmp_path, content)
    assert first_uneven_chunk(io.BytesIO(path.read_bytes()), separators=2) == found


@pytest.mark.parametrize("chunk", [1, 10, 1 << 20])
def test_the_ragged_line_is_named_wherever_chunks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(csv_bytes, "_CHUNK", chunk)
    plain = file(tmp_path, "\ufeff".encode() + HEAD + b"1,x,2\n2,y,3\n3,z\n4,x,4\n")
    assert "has 2 fields on line 4" in str(uneven_line(CsvFile(plain, plain), 3))
    quoted = file(tmp_path, HEAD + b'1,"x\n,",2\n2,y,3\n3,z\n4,x,4\n')
    assert "has 2 fields on line 5" in str(uneven_line(CsvFile(quoted, quoted), 3))
