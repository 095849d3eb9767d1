"""Versions in MLflow of superseded models go after the period, with their files; whatever is named or in use stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import polars as pl
import pytest

from credit_platform.governance.expiry import Remover, expired, removals, remove_expired
from credit_platform.governance.superseded_versions import superseded_versions
from credit_platform.lakehouse import Lakehouse
from credit_platform.modelling.tracking import CHAMPION, Tracking, existing_tracking
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform_tests.records import promoted_model
from credit_platform_tests.small_scorer import save_small_scorer

GERMAN = get_portfolio("german_credit")
NAME = GERMAN.name
LATER = datetime.now(UTC) + timedelta(days=GERMAN.retention.models.days + 1)
REMOVER = Remover(person="K. Auditor", reason="the period is over")
MODELS = tuple(letter * 64 for letter in "abcd")


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scorer") / "scorer"
    save_small_scorer(folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "mes données é")


@pytest.fixture
def tracking(settings: Settings, scorer: Path) -> Tracking:
    """Four versions; their digests are those of made-up models, `d` is the champion."""
    tracking = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, NAME)
    (settings.home / "mlflow").mkdir(parents=True)
    for digest in MODELS:
        version = tracking.register(scorer, NAME)
        tracking.set_version_tags(NAME, version, {"digest": digest})
    tracking.set_alias(NAME, CHAMPION, "4")
    Lakehouse(settings.lakehouse_root).write(
        f"{NAME}/serving/promoted_model",
        pl.DataFrame({"digest": [MODELS[3]]}),
        summary=promoted_model(MODELS[3]).to_summary(),
    )
    return tracking


def files_of(tracking: Tracking, version: str) -> Path:
    return Path(unquote(urlparse(tracking.client.get_model_version(NAME, version).source).path))


def going(settings: Settings, tracking: Tracking, *, now: datetime = LATER, by: str = "") -> list[str]:
    decided = {digest for digest in MODELS if digest[0] in by}
    lakehouse = Lakehouse(settings.lakehouse_root)
    found = superseded_versions(lakehouse, GERMAN, tracking, pins={}, decided_by=decided, now=now)
    return [one.version for one in found]


def test_what_nothing_needs_goes_after_the_period_with_its_files(settings: Settings, tracking: Tracking) -> None:
    assert going(settings, tracking, now=datetime.now(UTC)) == []
    assert going(settings, tracking, by="b") == ["1", "3"]
    lakehouse, files = Lakehouse(settings.lakehouse_root), files_of(tracking, "1")
    kept = files_of(tracking, "4")
    assert (files / "MLmodel").is_file()
    asked: dict[str, Any] = {
        "pins": {},
        "decided_by": set(),
        "registry": existing_tracking(settings, NAME),
        "now": LATER,
    }
    assert len(expired(lakehouse, GERMAN, settings, **asked).registered) == 3
    assert (files / "MLmodel").is_file()
    gone = [remove_expired(lakehouse, GERMAN, settings, REMOVER, **asked) for _ in range(3)]
    assert [len(one.registered) for one in gone] == [3, 0, 0]
    assert [one.version for one in tracking.versions(NAME)] == ["4"]
    assert not files.exists()
    assert (kept / "MLmodel").is_file()
    (record,) = removals(lakehouse, NAME)
    assert record.models == tuple(f"mlflow:{NAME}/{version}" for version in "123")


def test_the_champion_and_what_an_alias_or_a_record_names_stay(settings: Settings, tracking: Tracking) -> None:
    tracking.set_alias(NAME, "shown-to-the-auditor", "1")
    # A record of a promotion names b, which was in production before.
    lakehouse = Lakehouse(settings.lakehouse_root)
    for digest in (MODELS[1], MODELS[3], MODELS[3], MODELS[3]):
        lakehouse.write(
            f"{NAME}/serving/promoted_model",
            pl.DataFrame({"digest": [digest]}),
            summary=promoted_model(digest).to_summary(),
        )
    assert going(settings, tracking) == ["3"]
    assert not tracking.delete_version(NAME, "4")
    assert not tracking.delete_version(NAME, "1")
    assert files_of(tracking, "4").is_dir()


def test_a_removal_that_was_cut_short_is_completed(
    settings: Settings, tracking: Tracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(type(tracking.client), "delete_model_version", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tracking.delete_version(NAME, "1")
    assert going(settings, tracking) == ["1", "2", "3"]
    assert tracking.delete_version(NAME, "1")
    assert going(settings, tracking) == ["2", "3"]


def test_looking_makes_no_registry(settings: Settings) -> None:
    assert existing_tracking(settings, NAME) is None
    assert not settings.home.exists()
