"""Keys are made once, stored as hashes, and noticed when they change."""

from __future__ import annotations

import json
import logging
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from credit_platform.api_keys import KeyFile, KeyRing, Scope, new_key, new_owner_key, owner_key, parse_keys
from credit_platform.errors import ApiKeyError


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "home" / "api_keys.json")


def test_a_key_has_a_name_for_itself_and_256_random_bits() -> None:
    first, stored = new_key("console", [Scope.SCORE, Scope.EXPLAIN, Scope.SCORE])
    second, _ = new_key("console", [Scope.SCORE])
    assert re.fullmatch(r"cp_[0-9a-f]{8}_[A-Za-z0-9_-]{43}", first)
    assert first != second
    assert stored.id == first.split("_")[1]
    assert stored.scopes == (Scope.EXPLAIN, Scope.SCORE)


def test_the_file_holds_no_key_and_is_for_its_owner_only(file: KeyFile) -> None:
    text, stored = new_key("console", [Scope.SCORE], rate=5)
    file.add(stored)
    content = file.path.read_text()
    assert text.rpartition("_")[2] not in content
    assert text not in content
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.read() == [stored]


def test_only_the_whole_key_is_found(file: KeyFile) -> None:
    text, stored = new_key("console", [Scope.SCORE])
    file.add(stored)
    ring = KeyRing(file)
    assert ring.find(text) == stored
    for wrong in (
        "",
        "cp",
        text[:-1],
        text + "x",
        f"cp_{stored.id}_",
        text.replace("cp_", "xx_"),
        stored.sha256,
        "\ud800",
    ):
        assert ring.find(wrong) is None


def test_expired_and_revoked_keys_are_not_found(file: KeyFile) -> None:
    now = datetime.now(UTC)
    old, expired = new_key("old", [Scope.SCORE], expires_at=now - timedelta(seconds=1))
    later, lasting = new_key("later", [Scope.SCORE], expires_at=now + timedelta(days=1))
    gone, revoked = new_key("gone", [Scope.SCORE])
    for key in (expired, lasting, revoked):
        file.add(key)
    assert file.revoke(revoked.id).revoked_at is not None
    assert file.revoke(revoked.id) == file.revoke(revoked.id)
    ring = KeyRing(file)
    assert ring.find(old) is None
    assert ring.find(gone) is None
    assert ring.find(later) == lasting
    assert ring.has_active
    file.revoke(lasting.id)
    assert not KeyRing(file).has_active


def test_a_change_of_the_file_is_noticed_within_a_second(file: KeyFile) -> None:
    clock = Clock()
    ring = KeyRing(file, clock=clock)
    text, stored = new_key("new", [Scope.SCORE])
    file.add(stored)
    assert ring.find(text) is None
    clock.now = 1.1
    assert ring.find(text) == stored
    file.revoke(stored.id)
    clock.now = 2.2
    assert ring.find(text) is None


def test_a_file_that_is_spoilt_changes_nothing_and_one_that_is_gone_ends_all_keys(
    file: KeyFile, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    text, stored = new_key("new", [Scope.SCORE])
    file.add(stored)
    ring = KeyRing(file, clock=clock)
    file.path.write_text("{ spoilt")
    clock.now = 2.0
    with caplog.at_level(logging.ERROR):
        assert ring.find(text) == stored
    assert "keys stay as they were" in caplog.text
    file.path.unlink()
    clock.now = 4.0
    assert ring.find(text) is None


def test_the_owner_key_needs_no_file(file: KeyFile) -> None:
    text, variable = new_owner_key()
    assert text.rpartition("_")[2] not in variable
    found = KeyRing(file, [owner_key(variable)]).find(text)
    assert found is not None
    assert found.unlimited
    assert set(found.scopes) == set(Scope)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"format": 1}',
        '{"format": 1, "keys": [{"id": "x"}]}',
        json.dumps(
            {"format": 1, "keys": [{"id": "a", "name": "b", "sha256": "c", "scopes": ["fly"], "created_at": ""}]}
        ),
    ],
)
def test_what_is_no_key_file_is_refused_without_quoting_it(content: str) -> None:
    with pytest.raises(ApiKeyError, match="not a file of API keys"):
        parse_keys(content.encode(), "here")


def test_an_expiry_must_say_its_zone_and_a_newer_format_is_refused() -> None:
    _, stored = new_key("x", [Scope.SCORE])
    key = {"id": stored.id, "name": "x", "sha256": "y", "scopes": ["score"], "created_at": "z"}
    with pytest.raises(ApiKeyError, match="not a file"):
        parse_keys(json.dumps({"format": 1, "keys": [{**key, "expires_at": "2030-01-01"}]}).encode(), "here")
    with pytest.raises(ApiKeyError, match="format 2"):
        parse_keys(b'{"format": 2, "keys": []}', "here")


def test_files_and_folders_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    _, stored = new_key("x", [Scope.SCORE])
    with pytest.raises(ApiKeyError, match="cannot be written"):
        KeyFile(tmp_path / "file" / "keys.json").add(stored)
    with pytest.raises(ApiKeyError, match="cannot be read"):
        KeyFile(tmp_path / "folder").read()
    with pytest.raises(ApiKeyError, match="has no key nothing"):
        KeyFile(tmp_path / "keys.json").revoke("nothing")


def test_keys_made_at_the_same_time_are_all_kept(file: KeyFile) -> None:
    threads = [
        threading.Thread(target=file.add, args=(new_key(str(number), [Scope.SCORE])[1],)) for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key.name for key in file.read()} == {str(number) for number in range(12)}


@pytest.mark.parametrize("name", ["", "n" * 65, "a\x00b", " a", "line\nbreak"])
def test_a_name_that_cannot_be_a_client_is_refused(name: str) -> None:
    with pytest.raises(ApiKeyError, match="1 to 64 printable characters"):
        new_key(name, [Scope.SCORE])
    _, stored = new_key("bank 7", [Scope.SCORE])
    assert stored.client == "bank 7"
    assert replace(stored, name=name).client == stored.id  # as an earlier version may have stored it
