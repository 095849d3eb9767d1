"""Whoever owns the table of promotions and makes its seals anew is found by the checkpoints outside it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from credit_platform.errors import DecisionLogError, PromotionRefusedError
from credit_platform.monitoring.decision_log import Act
from credit_platform.monitoring.promotion_checkpoints import (
    declare_promotions_lost,
    record_promotion,
    verify_promotions,
)
from credit_platform.settings import Settings

SEALS = {version: f"{version:064x}" for version in range(4)}
NAME = "german_credit"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "ma société")


def checkpoint_file(settings: Settings) -> Path:
    [file] = settings.home.rglob(f"promotions/{NAME}.jsonl")
    return file


def record(settings: Settings) -> None:
    for version, seal in SEALS.items():
        for _ in range(2):
            record_promotion(settings, NAME, version, seal)


def test_what_nobody_touched_is_clean(settings: Settings) -> None:
    found = verify_promotions(settings, NAME, SEALS)
    assert (found.findings, found.covered, found.uncovered) == ((), 0, 4)
    record(settings)
    found = verify_promotions(settings, NAME, {**SEALS, 4: "f" * 64})
    assert (found.findings, found.covered, found.uncovered) == ((), 4, 1)
    assert len(checkpoint_file(settings).read_bytes().splitlines()) == 4
    assert checkpoint_file(settings).stat().st_mode & 0o777 == 0o600
    assert verify_promotions(settings, "home_credit", {}).findings == ()


def test_a_history_made_anew_cut_or_emptied_is_found(settings: Settings) -> None:
    record(settings)
    anew = {**SEALS, 2: "a" * 64, 3: "b" * 64}
    assert [one[:9] for one in verify_promotions(settings, NAME, anew).findings] == ["Version 2", "Version 3"]
    [cut] = verify_promotions(settings, NAME, {v: SEALS[v] for v in (0, 1, 2)}).findings
    assert "Version 3 of german_credit's promotion history is missing" in cut
    assert len(verify_promotions(settings, NAME, {}).findings) == 4
    assert verify_promotions(settings, NAME, {**SEALS, 1: None}).findings != ()


def test_a_history_that_was_cut_takes_no_promotion_until_it_is_declared_lost(settings: Settings) -> None:
    record(settings)
    for _ in range(2):
        with pytest.raises(PromotionRefusedError, match=r"Version 2 .* vouch for versions up to 3"):
            record_promotion(settings, NAME, 2, "c" * 64)
    assert declare_promotions_lost(settings, NAME, Act(person="K.", reason="an older backup")) == 3
    record_promotion(settings, NAME, 2, "c" * 64)
    assert verify_promotions(settings, NAME, {0: SEALS[0], 1: SEALS[1], 2: "c" * 64}).findings == ()
    assert "an older backup" in checkpoint_file(settings).read_text()


def test_a_changed_checkpoint_is_found_and_not_continued(settings: Settings) -> None:
    record(settings)
    file = checkpoint_file(settings)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([lines[0], lines[2], lines[3]]))
    assert "was changed, or a line before it is missing" in verify_promotions(settings, NAME, SEALS).findings[0]
    with pytest.raises(DecisionLogError, match="Keep the folder as evidence"):
        record_promotion(settings, NAME, 4, "d" * 64)


def test_half_a_line_of_a_power_cut_does_not_spoil_the_next(settings: Settings) -> None:
    record(settings)
    file = checkpoint_file(settings)
    file.write_bytes(file.read_bytes()[:-20])
    record_promotion(settings, NAME, 3, SEALS[3])
    found = verify_promotions(settings, NAME, SEALS)
    assert (found.findings, found.covered) == ((), 4)


def test_promotions_at_once_leave_whole_lines(settings: Settings) -> None:
    def promote(version: int) -> None:
        try:
            record_promotion(settings, NAME, version, f"{version:064x}")
        except PromotionRefusedError:
            refused.append(version)

    refused: list[int] = []
    threads = [threading.Thread(target=promote, args=(version,)) for version in range(1, 13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verify_promotions(settings, NAME, {version: f"{version:064x}" for version in range(1, 13)})
    assert (found.findings, found.uncovered) == ((), 0)
    assert len(checkpoint_file(settings).read_bytes().splitlines()) == 12 - len(refused)
