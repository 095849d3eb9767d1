"""Folders for sockets: of this user alone, short enough, gone at the end."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from credit_platform.errors import EnvironmentSetupError
from credit_platform.local.sockets import private_folder, sockets_folder


def test_only_its_user_can_open_it_and_it_is_gone_at_the_end() -> None:
    with sockets_folder("cp-test-") as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()
    folder = private_folder("cp-test-")
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()


def test_a_path_that_no_socket_can_have_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 80)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with pytest.raises(EnvironmentSetupError, match="TMPDIR"), sockets_folder("cp-test-"):
        pytest.fail("too long")
    with pytest.raises(EnvironmentSetupError, match="TMPDIR"):
        private_folder("cp-test-")
    assert list(long.iterdir()) == []
