"""A whole german_credit home, restored elsewhere with the original gone: verified, and its model answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from credit_platform.local.backup.finding import find_backup
from credit_platform.local.backup.making import make_backup
from credit_platform.local.backup.restoring import restore_backup
from credit_platform.serving.verification import verify_home
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import FinishedRun


@pytest.fixture
def restored(finished: FinishedRun, tmp_path: Path) -> Settings:
    """A copy of the finished home, backed up and removed."""
    original = tmp_path / "original"
    shutil.copytree(finished.settings.home, original)
    settings = finished.settings.model_copy(update={"home": original})
    made = make_backup(settings, tmp_path / "backups")
    shutil.rmtree(original)
    other = settings.model_copy(update={"home": tmp_path / "ein Haus é"})
    restore_backup(find_backup(made.folder), other)
    return other


def test_everything_is_as_it_was_written(restored: Settings) -> None:
    found = list(verify_home(restored, every_version=True))
    assert len(found) > 40
    assert [one for one in found if one.state == "damaged"] == []
