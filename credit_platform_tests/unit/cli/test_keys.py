"""`credit-platform keys`, as someone types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.api_keys import KeyFile, KeyRing, Scope
from credit_platform.errors import ApiKeyError, SettingError
from credit_platform_tests.unit.cli.conftest import Command, words


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyFile:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    return KeyFile(tmp_path / "api_keys.json")


def test_a_key_is_printed_once_and_works(command: Command, file: KeyFile) -> None:
    result = command("keys", "create", "the console", "--scope", "score", "--scope", "explain", "--rate", "50")
    key = result.stdout.strip()
    found = KeyRing(file).find(key)
    assert found is not None
    assert (found.name, found.scopes, found.rate) == ("the console", (Scope.EXPLAIN, Scope.SCORE), 50)
    assert found.expires_at is None
    assert "not shown again" in result.stderr
    listed = words(command("keys", "list"))
    assert key not in listed
    for part in (found.id, "the console", "explain, score", "active", "requests a second", "50"):
        assert part in listed


def test_a_key_is_revoked_by_its_id(command: Command, file: KeyFile) -> None:
    key = command("keys", "create", "x", "--scope", "score", "--expires", "2w").stdout.strip()
    assert "until 20" in words(command("keys", "list"))
    assert "is revoked" in words(command("keys", "revoke", key.split("_")[1]))
    assert KeyRing(file).find(key) is None
    assert "revoked" in words(command("keys", "list"))
    assert isinstance(command("keys", "revoke", "nothing").exception, ApiKeyError)


def test_a_key_needs_a_scope_and_a_sensible_duration(command: Command, file: KeyFile) -> None:
    assert command("keys", "create", "x").exit_code == 2
    assert command("keys", "create", "x", "--scope", "fly").exit_code == 2
    wrong = command("keys", "create", "x", "--scope", "score", "--expires", "soon")
    assert isinstance(wrong.exception, SettingError)
    assert file.read() == []


def test_the_token_of_the_pages_is_printed_alone_and_renewed(command: Command, file: KeyFile) -> None:
    first = command("keys", "pages")
    token = first.stdout.strip()
    path = file.path.with_name("page_token")
    assert (token, path.stat().st_mode & 0o777) == (path.read_text().strip(), 0o600)
    assert "MLFLOW_TRACKING_TOKEN" in first.stderr
    assert command("keys", "pages").stdout.strip() == token
    renewed = command("keys", "pages", "--renew").stdout.strip()
    assert renewed != token
    assert command("keys", "pages").stdout.strip() == renewed
    path.write_text("short")
    assert isinstance(command("keys", "pages").exception, ApiKeyError)
