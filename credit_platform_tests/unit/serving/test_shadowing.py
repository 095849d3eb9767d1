"""Which challenger scores along: by folder, or the last that was not promoted."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import ScorerError, ServiceError
from credit_platform.governance.decision import Contender, GateCheck, PromotionDecision
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios.keys import champion_key, decision_key
from credit_platform.scoring.folder import read_manifest, write_folder
from credit_platform.scoring.parts import SCORER_FILE
from credit_platform.serving.shadowing import concerns, shadow_scorer, waiting_challenger
from credit_platform.settings import Settings
from credit_platform_tests.records import promoted_model, scorer_record

NAME = "german_credit"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def scorer(folder: Path, portfolio: str = NAME) -> str:
    """A folder that looks like a scorer's; returns its digest."""
    write_folder(folder, {SCORER_FILE: f'{{"portfolio": "{portfolio}", "name": "{folder.name}"}}'.encode()}, b"{}")
    return read_manifest(folder)[1]


def decided(settings: Settings, folder: Path, *, passed: bool) -> str:
    """Store a scorer and what the gate said of it; one that passed is the champion then."""
    digest, lakehouse = scorer(folder), Lakehouse(settings.lakehouse_root)
    summary = promoted_model(digest, folder).to_summary()
    lakehouse.write(f"{NAME}/models/scorer", pl.DataFrame({"a": [1]}), summary=summary)
    decision = PromotionDecision(
        portfolio=NAME,
        challenger=Contender(name="lightgbm", version="1", digest=digest),
        champion=None,
        checks=(GateCheck(name="c", passed=passed, blocking=True, value=None, bound=None, message="m"),),
        decided_by="test",
        decided_at=datetime(2026, 11, 21, tzinfo=UTC),
        run_id="r",
    )
    lakehouse.write(decision_key(NAME), decision.to_frame(), summary=decision.to_summary())
    if passed:
        lakehouse.write(champion_key(NAME), pl.DataFrame({"a": [1]}), summary=summary)
    return digest


def test_without_a_wish_there_is_none(settings: Settings) -> None:
    assert shadow_scorer(settings, NAME, "champion", None) is None
    assert shadow_scorer(settings, NAME, "champion", "") is None


def test_the_challenger_is_the_last_that_was_not_promoted(settings: Settings, tmp_path: Path) -> None:
    assert waiting_challenger(settings, NAME) is None
    champion = decided(settings, tmp_path / "first", passed=True)
    with pytest.raises(ServiceError, match=r"No challenger of german_credit.*credit-platform promotions"):
        shadow_scorer(settings, NAME, champion, "challenger")
    decided(settings, tmp_path / "second", passed=False)
    decided(settings, tmp_path / "third", passed=False)
    assert shadow_scorer(settings, NAME, champion, "challenger") == tmp_path / "third"
    decided(settings, tmp_path / "third", passed=True)
    assert waiting_challenger(settings, NAME) == tmp_path / "second"


def test_a_challenger_whose_scorer_is_not_known_any_more_is_none(settings: Settings, tmp_path: Path) -> None:
    decided(settings, tmp_path / "one", passed=False)
    lakehouse = Lakehouse(settings.lakehouse_root)
    lakehouse.write(f"{NAME}/models/scorer", pl.DataFrame({"a": [2]}), summary=scorer_record("x").to_summary())
    assert waiting_challenger(settings, NAME) == tmp_path / "one"
    shutil.rmtree(Path(settings.lakehouse_root) / NAME / "models")
    assert waiting_challenger(settings, NAME) is None


def test_a_folder_must_hold_another_scorer_of_the_portfolio_unaltered(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = scorer(tmp_path / "good")
    scorer(tmp_path / "foreign", "home_credit")
    scorer(tmp_path / "altered")
    (tmp_path / "altered" / SCORER_FILE).write_text("{}")
    monkeypatch.chdir(tmp_path)
    assert shadow_scorer(settings, NAME, "champion", "good") == tmp_path / "good"
    with pytest.raises(ServiceError, match="is the champion itself"):
        shadow_scorer(settings, NAME, digest, "good")
    with pytest.raises(ServiceError, match="is of home_credit, not of german_credit"):
        shadow_scorer(settings, NAME, "champion", "foreign")
    with pytest.raises(ScorerError, match="was altered"):
        shadow_scorer(settings, NAME, "champion", "altered")
    with pytest.raises(ScorerError, match="is not there"):
        shadow_scorer(settings, NAME, "champion", "nowhere")


def test_a_folder_concerns_its_portfolio_and_the_word_those_with_a_challenger(
    settings: Settings, tmp_path: Path
) -> None:
    scorer(tmp_path / "good")
    assert concerns(settings, NAME, str(tmp_path / "good"))
    assert not concerns(settings, "home_credit", str(tmp_path / "good"))
    assert not concerns(settings, NAME, None)
    assert concerns(settings, NAME, str(tmp_path / "nowhere"))  # refused later, by name
    assert not concerns(settings, NAME, "challenger")
    decided(settings, tmp_path / "refused", passed=False)
    assert concerns(settings, NAME, "challenger")
    assert not concerns(settings, "home_credit", "challenger")
