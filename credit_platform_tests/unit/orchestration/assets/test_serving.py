"""Nothing is promoted that the gate refused, or never judged, also when the asset is materialised by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from credit_platform.lakehouse import StoredTable, TableVersion
from credit_platform.orchestration.assets.serving import build_serving_assets
from credit_platform.orchestration.resources import build_resources
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings


def stored(**summary: Any) -> StoredTable:
    version = TableVersion(
        key="a/b/c", version=0, timestamp=datetime.now(UTC), rows=1, bytes=1, columns=1, content_hash="0"
    )
    return StoredTable(frame=pl.LazyFrame({"a": [1]}), summary=summary, version=version)


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        ({"digest": "d1", "promoted": False, "reason": "AUC 0.60 is below 0.65."}, "AUC 0.60 is below 0.65"),
        ({"digest": "another", "promoted": True, "reason": ""}, "The gate judged scorer another, not d1"),
    ],
    ids=["refused", "never judged"],
)
def test_a_model_without_the_consent_of_the_gate_is_not_promoted(
    decision: dict[str, object], said: str, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path)
    promoted_model = build_serving_assets(get_portfolio("german_credit"), settings)[0]
    resources = build_resources(settings)
    context = dg.build_asset_context(resources={name: resources[name] for name in ("tracking", "lakehouse")})
    with pytest.raises(dg.Failure) as raised:
        promoted_model(
            context,
            scorer=stored(digest="d1"),
            registered_model=stored(model="german_credit", version="1"),
            promotion_decision=stored(**decision),
        )
    assert said in (raised.value.description or "")
    assert not raised.value.allow_retries
    assert not (tmp_path / "mlflow").exists()
