"""A service does not start on a decision log that has lost decisions."""

from __future__ import annotations

from pathlib import Path

import pytest

from bento.http.startup import require_log
from bento.runtime.settings import PlatformSettings
from credit_platform.errors import DecisionLogLostError
from credit_platform.monitoring.decision_log import Act, DecisionStore, default_url
from credit_platform_tests.unit.monitoring.decision_log.conftest import make_record


def test_an_emptied_log_is_named_with_its_cure(tmp_path: Path) -> None:
    platform = PlatformSettings(home=tmp_path / "ma société")
    require_log(platform)
    store = DecisionStore(default_url(platform.home))
    store.append([make_record("r1")])
    store.close()
    require_log(platform)
    for file in (platform.home / "decisions").glob("decisions.db*"):
        file.unlink()
    with pytest.raises(DecisionLogLostError, match=r"emptied, cut.*Restore the database.*declare-lost --by NAME"):
        require_log(platform)
    DecisionStore(default_url(platform.home)).declare_lost(Act(person="K.", reason="the disk died"))
    require_log(platform)


def test_a_log_that_cannot_be_reached_does_not_keep_it_from_starting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    require_log(PlatformSettings(home=tmp_path, decision_log_url=f"postgresql://u@/db?host={tmp_path}"))
    assert "not compared with its checkpoints" in caplog.text
