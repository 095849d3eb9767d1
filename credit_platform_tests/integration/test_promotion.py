"""A person approves, overrides and rolls back; each act is in the history, in MLflow and among the materialisations."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from bento.runtime.engine import load_engine
from credit_platform.cli.app import app
from credit_platform.errors import PromotionRefusedError
from credit_platform.governance.decision import PromotionDecision
from credit_platform.governance.promotion_history import history, newest, promoted_since
from credit_platform.lakehouse import Lakehouse
from credit_platform.modelling.tracking import Tracking
from credit_platform.orchestration.promotion import approve
from credit_platform.orchestration.rollback import roll_back
from credit_platform.portfolios.keys import champion_key, decision_key
from credit_platform.serving.records import BentoRecord
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import FinishedRun, tool_environment
from credit_platform_tests.second_champion import promote_another

NAME = "german_credit"


@pytest.fixture
def home(finished: FinishedRun, tmp_path: Path, dagster_home: Path) -> Iterator[Settings]:
    """A copy of the finished home."""
    settings = Settings(home=tmp_path / "home", tuning_trials=1)
    for name in ("lakehouse", "mlflow", "bentos", "artefacts"):
        shutil.copytree(finished.settings.home / name, settings.home / name)
    with tool_environment(settings, dagster_home):
        yield settings


def tracking_of(settings: Settings) -> Tracking:
    return Tracking(settings.mlflow_uri, settings.mlflow_artifacts, NAME)


def waiting(settings: Settings, *failed: str) -> PromotionDecision:
    """Make the newest decision one in which `failed` checks failed."""
    lakehouse = Lakehouse(settings.lakehouse_root)
    decision = newest(lakehouse, NAME)
    checks = tuple(replace(check, passed=check.name not in failed, blocking=True) for check in decision.checks)
    refused = replace(decision, checks=checks, event="decision", person=None, comment=None)
    lakehouse.write(decision_key(NAME), refused.to_frame(), summary=refused.to_summary())
    return refused


def test_the_service_tells_when_and_from_what_its_model_was_made(finished: FinishedRun) -> None:
    stored = finished.lakehouse.read(f"{NAME}/serving/bento")
    bento = stored.summary
    info = json.loads(load_engine(BentoRecord.of(stored).folder(finished.shelf) / "src" / "scorer").model_info)
    champion = finished.lakehouse.read(champion_key(NAME))
    assert abs(datetime.fromisoformat(info["promoted_at"]) - champion.version.timestamp) < timedelta(minutes=10)
    assert (info["digest"], info["threshold"]) == (bento["digest"], champion.summary["threshold"])
    assert 0.5 < info["training_metrics"]["auc"] < 1
    ((table, version),) = info["data_versions"].items()
    assert finished.lakehouse.read(table, version).version.number_of_features


def test_the_date_of_promotion_lasts_as_long_as_the_champion(home: Settings) -> None:
    lakehouse = Lakehouse(home.lakehouse_root)
    champion = lakehouse.read(champion_key(NAME)).summary
    now = datetime.now(UTC) + timedelta(days=1)
    assert promoted_since(lakehouse, NAME, champion["digest"], now) == champion["promoted_at"]
    assert promoted_since(lakehouse, NAME, "another", now) > champion["promoted_at"]
    assert promoted_since(lakehouse, "another", champion["digest"], now) > champion["promoted_at"]


def test_rollback_restores_the_champion_before_everywhere(home: Settings, finished: FinishedRun) -> None:
    lakehouse, tracking = Lakehouse(home.lakehouse_root), tracking_of(home)
    first = lakehouse.read(champion_key(NAME)).summary
    second = promote_another(home)
    assert tracking.champion(NAME) == "2"

    done = roll_back(finished.portfolio, home, by="grace", reason="too many refusals")

    champion = lakehouse.read(champion_key(NAME))
    assert champion.summary["digest"] == first["digest"]
    assert tracking.champion(NAME) == "1"
    assert tracking.version_tags(NAME, "1")["stage"] == "production"
    assert tracking.version_tags(NAME, "2")["stage"] == "archived"
    assert lakehouse.read(f"{NAME}/serving/bento").summary["digest"] == first["digest"]
    assert done.bento == lakehouse.read(f"{NAME}/serving/bento").summary["tag"]
    assert champion.summary["promoted_at"] > first["promoted_at"]
    record = history(lakehouse, NAME)[0].decision
    assert (record.event, record.person, record.comment) == ("rollback", "grace", "too many refusals")
    assert record.digests == {"restored": first["digest"], "replaced": second}
    assert record.reason.startswith("grace restored ")
    with dg.DagsterInstance.get() as instance:
        for layer, asset in (("governance", "promotion_decision"), ("serving", "promoted_model")):
            event = instance.get_latest_materialization_event(dg.AssetKey([NAME, layer, asset]))
            assert event is not None
            assert event.asset_materialization is not None
            assert "too many refusals" in str(event.asset_materialization.metadata["reason"].value)
    with pytest.raises(PromotionRefusedError, match="no model before"):
        roll_back(finished.portfolio, home, by="grace", reason="again")
    with pytest.raises(PromotionRefusedError, match="name or a reason"):
        roll_back(finished.portfolio, home, by=" ", reason="x")


def test_a_model_that_waits_is_promoted_when_a_person_approves(home: Settings) -> None:
    """Through the command line: approve, and what it prints; then the history."""
    waiting(home, "approval")
    lakehouse = Lakehouse(home.lakehouse_root)
    before = lakehouse.latest(champion_key(NAME))
    environment = {"CREDIT_PLATFORM_HOME": str(home.home)}

    said = CliRunner().invoke(app, ["approve", NAME, "--by", "ada", "--reason", "reviewed"], env=environment)

    assert said.exit_code == 0, said.output
    assert "approved by ada: reviewed" in " ".join(said.output.split())
    record = newest(lakehouse, NAME)
    assert (record.event, record.person, record.promoted) == ("approval", "ada", True)
    after = lakehouse.latest(champion_key(NAME))
    assert before is not None
    assert after is not None
    assert after.version == before.version + 1
    shown = CliRunner().invoke(app, ["promotions", NAME], env={**environment, "COLUMNS": "200"})
    assert shown.exit_code == 0
    assert shown.output.index("approval") < shown.output.index("decision")
    assert "ada" in shown.output


def test_what_failed_needs_an_override_and_what_is_wrong_cannot_be_overridden(
    home: Settings, finished: FinishedRun
) -> None:
    lakehouse = Lakehouse(home.lakehouse_root)
    with pytest.raises(PromotionRefusedError, match="was promoted already"):
        approve(finished.portfolio, home, by="ada", reason="why not")
    waiting(home, "auc_floor", "approval")
    with pytest.raises(PromotionRefusedError, match="approving does not mend that"):
        approve(finished.portfolio, home, by="ada", reason="why not")
    with pytest.raises(PromotionRefusedError, match="name or a reason"):
        approve(finished.portfolio, home, by="", reason="why not", override=True)

    decision = approve(finished.portfolio, home, by="ada", reason="pilot on ten loans", override=True)

    assert decision.promoted
    record = newest(lakehouse, NAME)
    assert record == decision
    assert record.reason == f"ada overrode auc_floor, approval for {record.challenger}: pilot on ten loans"
    assert [check.name for check in record.failed] == ["auc_floor", "approval"]
    waiting(home, "scorer_parity")
    with pytest.raises(PromotionRefusedError, match="scorer_parity cannot be overridden"):
        approve(finished.portfolio, home, by="ada", reason="it is fine", override=True)


def test_nothing_can_be_approved_or_rolled_back_before_there_is_anything(finished: FinishedRun, tmp_path: Path) -> None:
    empty = Settings(home=tmp_path / "empty")
    with pytest.raises(PromotionRefusedError, match="Nothing was decided yet"):
        approve(finished.portfolio, empty, by="ada", reason="x")
    with pytest.raises(PromotionRefusedError, match="No model of german_credit is in production"):
        roll_back(finished.portfolio, empty, by="ada", reason="x")
    shown = CliRunner().invoke(app, ["promotions", NAME], env={"CREDIT_PLATFORM_HOME": str(empty.home)})
    assert "Nothing was decided yet" in shown.output
