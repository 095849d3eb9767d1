"""The header and the shape of a CSV are judged alike in a file and in a request."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from credit_platform.errors import RawFileError
from credit_platform.files.csv_text import CsvBody, CsvFile, CsvSource, check_text, open_csv, read_names, stray_quotes

KNOWN = ("id", "note", "amount")
HEAD = b"id,note,amount\n"


def judge(source: CsvSource) -> int:
    return check_text(source, len(read_names(source, KNOWN))).records - 1


@pytest.mark.parametrize(
    "content",
    [
        HEAD + b"1,x,2\n",
        HEAD.replace(b"\n", b"\r\n") + b"1,x,2\r\n",
        b"\xef\xbb\xbf" + HEAD + b"1,x,2\n",
        b'"id","note","amount"\n"1","x,\ny","2"\n',
        b"id\n1\n",
    ],
)
def test_a_sound_text_passes_at_both_doors(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content))
    for source in (CsvBody(content), open_csv(tmp_path / "a.csv", None), open_csv(tmp_path / "a.csv.gz", tmp_path)):
        assert judge(source) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n\n", "has a blank first line"),
        (b",,\n1,2,3\n", "has a blank first line"),
        (b",id,note\n0,1,x\n", "has a first column without a name"),
        (b'"","id","note"\n"1","1","x"\n', "has a first column without a name"),
        (b"Unnamed: 0,id\n0,1\n", "has a first column without a name"),
        (b"id,note,\n1,x,\n", "has a column without a name, in place 3"),
        (b"id,Unnamed: 1\n1,x\n", "has a column without a name, in place 2"),
        (b"id,note,id\n1,x,2\n", "holds twice the column"),
        (b"id;note;amount\n1;x;2\n", "by semicolon, not by comma"),
        (b"id;note;amount\n1,x,2\n", "by semicolon, not by comma"),
        (b"id|note\n1|x\n", "by vertical bar"),
        (b'"id"\t"note"\n1\tx\n', "by tab"),
        (HEAD + b"1;x;2\n", "fields of line 2 by semicolon"),
        (b"sep=;\nid;note\n1;x\n", "an instruction for Excel"),
        (b"id,note\r1,x\r", "carriage return only"),
        (HEAD, "a header and no rows"),
        (HEAD + b"1,x\n", "has 2 fields on line 2"),
        (HEAD + b"1,x,2\n1,x,2,\n", "has 4 fields on line 3"),
        (HEAD + b"1,x,2\n\n", "has a blank line, 3"),
        (HEAD + b"1,x,2\r\n\r\n", "has a blank line, 3"),
        (HEAD + b"1,x,2\n2,y,12", "cut off: its last line, 3"),
        (HEAD + b'1,"x,2\n', "double quote that is not closed"),
        (HEAD + b"1,x\0,2\n", "NUL byte on line 2"),
        (HEAD + b"1,\xe9,2\n", "not UTF-8 text: line 2, byte 3"),
    ],
)
def test_a_broken_text_is_named_alike_at_both_doors(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content))
    packed = open_csv(tmp_path / "a.csv.gz", tmp_path)
    for source, named in ((CsvBody(content), "The body"), (CsvFile(path, path), str(path)), (packed, "a.csv.gz")):
        with pytest.raises(RawFileError, match=says) as raised:
            judge(source)
        assert named in raised.value.what
        assert raised.value.cure
        assert "iconv" not in raised.value.cure or source.file_name


def test_what_a_request_holds_is_not_repeated() -> None:
    with pytest.raises(RawFileError) as raised:
        read_names(CsvBody(b"Ada,Ada\n"), KNOWN)
    assert "Ada" not in str(raised.value)
    assert "quotes" in str(stray_quotes(CsvBody(b"")))


def test_a_packed_file_needs_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a folder to unpack it into"):
        open_csv(tmp_path / "a.csv.gz", None)


def test_a_folder_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(RawFileError, match="is a folder"):
        judge(CsvFile(tmp_path, tmp_path))
