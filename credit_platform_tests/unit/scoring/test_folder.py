from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from credit_platform.errors import ScorerError
from credit_platform.scoring.folder import (
    MANIFEST,
    PROVENANCE,
    canonical_json,
    digest_of,
    read_manifest,
    verify_files,
    write_folder,
)

FILES = {"a.json": b"1", "b.bin": b"\x00"}


def test_canonical_json_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical_json({"b": 1, "a": "é"}) == canonical_json({"a": "é", "b": 1}) == '{"a":"é","b":1}'.encode()
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical_json(float("nan"))


def test_the_manifest_lists_every_file_and_the_digest_depends_on_content_only(tmp_path: Path) -> None:
    write_folder(tmp_path / "one", FILES, b"{}")
    write_folder(tmp_path / "two", dict(reversed(FILES.items())), b'{"when": "later"}')
    one, digest = read_manifest(tmp_path / "one")
    two, again = read_manifest(tmp_path / "two")
    assert digest == again == digest_of(FILES)
    assert one["a.json"] == hashlib.sha256(b"1").hexdigest()
    assert set(one) == {*FILES, PROVENANCE}
    assert one[PROVENANCE] != two[PROVENANCE]
    assert digest_of({**FILES, "b.bin": b"\x01"}) != digest
    verify_files(tmp_path / "one", one)


@pytest.mark.parametrize("name", ["a.json", "b.bin", PROVENANCE])
def test_an_altered_or_missing_file_is_named(tmp_path: Path, name: str) -> None:
    write_folder(tmp_path / "s", FILES, b"{}")
    listed, _ = read_manifest(tmp_path / "s")
    (tmp_path / "s" / name).write_bytes(b"other")
    with pytest.raises(ScorerError, match=f"{name} was altered"):
        verify_files(tmp_path / "s", listed)
    (tmp_path / "s" / name).unlink()
    with pytest.raises(ScorerError, match=f"{name} is missing"):
        verify_files(tmp_path / "s", listed)


def test_a_scorer_is_replaced_and_nothing_is_left_behind(tmp_path: Path) -> None:
    write_folder(tmp_path / "s", FILES, b"{}")
    write_folder(tmp_path / "s", {"c.json": b"3"}, b"{}")
    assert [path.name for path in tmp_path.iterdir()] == ["s"]
    assert {path.name for path in (tmp_path / "s").iterdir()} == {"c.json", MANIFEST, PROVENANCE}


def test_a_foreign_folder_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ScorerError, match="is not a scorer"):
        write_folder(tmp_path, FILES, b"{}")
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_failed_write_keeps_what_was_there(tmp_path: Path) -> None:
    write_folder(tmp_path / "s", FILES, b"{}")
    with pytest.raises(FileNotFoundError):
        write_folder(tmp_path / "s", {"no/such/folder": b""}, b"{}")
    verify_files(tmp_path / "s", read_manifest(tmp_path / "s")[0])
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "manifest.json is missing"),
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        (json.dumps({"format_version": 1}), "cannot be read"),
        (json.dumps({"format_version": 99, "files": {}, "provenance": ""}), "format version 99"),
    ],
)
def test_an_unusable_manifest_is_explained(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(ScorerError, match=message):
        read_manifest(tmp_path)


def test_a_folder_that_is_gone_is_not_said_to_be_none_of_a_scorer(tmp_path: Path) -> None:
    with pytest.raises(ScorerError, match="moved is not there") as raised:
        read_manifest(tmp_path / "moved")
    assert "--from models/scorer" in raised.value.cure
