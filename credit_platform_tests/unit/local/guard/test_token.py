"""The token of a home: its file, its sessions, and what ends them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from credit_platform.errors import ApiKeyError
from credit_platform.local.guard.token import TokenFile


def test_it_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "new" / "page_token")
    token = file.read_or_make()
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert TokenFile(file.path).read_or_make() == token
    assert file.is_token(token)
    assert not file.is_token(token[:-1])
    assert not file.is_token("")
    assert not file.is_token("é\udcff")


def test_a_new_token_ends_the_old_one_and_its_sessions(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "page_token")
    old = file.read_or_make()
    session = file.new_session()
    assert file.is_session(session)
    assert file.renew() != old
    assert not file.is_token(old)
    assert not file.is_session(session)


def test_a_session_runs_out_and_cannot_be_made_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = TokenFile(tmp_path / "page_token")
    file.read_or_make()
    session = file.new_session()
    until, _, proof = session.partition(".")
    for forged in (f"{int(until) + 1}.{proof}", until, "", ".", f"{until}.{'0' * 64}", f"{until}.\udcff"):
        assert not file.is_session(forged)
    monkeypatch.setattr(time, "time", lambda: int(until) + 1.0)
    assert not file.is_session(session)


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 40])
def test_a_file_without_a_token_is_an_error_with_a_cure(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page_token"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ApiKeyError, match=r"no token.*keys pages --renew"):
        TokenFile(path).read_or_make()
    TokenFile(path).renew()
    assert TokenFile(path).read()


def test_a_token_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "page_token")
    file.read_or_make()
    file.path.chmod(0o640)
    with pytest.raises(ApiKeyError, match="read by others"):
        file.read_or_make()


def test_a_folder_that_cannot_be_made_is_an_error_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ApiKeyError, match="cannot be written"):
        TokenFile(tmp_path / "file" / "page_token").renew()


def test_two_homes_have_two_cookies(tmp_path: Path) -> None:
    assert TokenFile(tmp_path / "a").cookie_name != TokenFile(tmp_path / "b").cookie_name
