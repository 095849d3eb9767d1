"""A home with a blank and an accent in its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.settings import Settings
from credit_platform_tests.unit.local.backup.homes import fill


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with something of each kind in it."""
    settings = Settings(home=tmp_path / "un été")
    fill(settings)
    return settings
