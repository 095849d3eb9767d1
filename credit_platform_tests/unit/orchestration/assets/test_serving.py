"""Nothing is promoted that the gate refused, or never judged, also when the asset is materialised by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from credit_platform.governance.decision import Contender, GateCheck, PromotionDecision
from credit_platform.governance.records import RegisteredModel
from credit_platform.lakehouse import Record, StoredTable, TableVersion
from credit_platform.orchestration.assets.serving import build_serving_assets
from credit_platform.orchestration.failures import tell_failures
from credit_platform.orchestration.resources import build_resources
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform_tests.records import scorer_record


def stored(record: Record) -> StoredTable:
    version = TableVersion(
        key="a/b/c", version=0, timestamp=datetime.now(UTC), rows=1, bytes=1, columns=1, content_hash="0"
    )
    return StoredTable(frame=pl.LazyFrame({"a": [1]}), summary=record.to_summary(), version=version)


def decided(digest: str, *, passed: bool) -> PromotionDecision:
    check = GateCheck(
        name="auc", passed=passed, blocking=True, value=0.6, bound=0.65, message="AUC 0.60 is below 0.65."
    )
    return PromotionDecision(
        portfolio="german_credit",
        challenger=Contender(name="xgboost", version="1", digest=digest),
        champion=None,
        checks=(check,),
        decided_by="test",
        decided_at=datetime.now(UTC),
        run_id="r",
    )


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        (decided("d1", passed=False), "AUC 0.60 is below 0.65"),
        (decided("another", passed=True), "The gate judged scorer another, not d1"),
    ],
    ids=["refused", "never judged"],
)
def test_a_model_without_the_consent_of_the_gate_is_not_promoted(
    decision: PromotionDecision, said: str, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path)
    promoted_model = build_serving_assets(get_portfolio("german_credit"), settings)[0]
    tell_failures([promoted_model], tmp_path)
    resources = build_resources(settings)
    used = {name: resources[name] for name in ("clock", "tracking", "lakehouse")}
    with dg.build_asset_context(resources=used) as context, pytest.raises(dg.Failure) as raised:
        promoted_model(
            context,
            scorer=stored(scorer_record("d1")),
            registered_model=stored(RegisteredModel(model="german_credit", version="1", digest="d1")),
            promotion_decision=stored(decision),
        )
    assert said in (raised.value.description or "")
    assert not raised.value.allow_retries
    assert not (tmp_path / "mlflow").exists()
