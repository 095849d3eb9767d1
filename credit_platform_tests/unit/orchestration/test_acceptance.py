"""What a person puts in force is seen on its asset page."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from credit_platform.errors import AcceptanceError
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.orchestration.acceptance import accept
from credit_platform.tables.before_writing import write_checks
from credit_platform.tables.judging import judge, refuse, submitted
from credit_platform.tables.table import Table

KEY = "german_credit/models/logistic_regression"


def materialisation() -> dg.AssetMaterialization | None:
    with dg.DagsterInstance.get() as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(KEY.split("/")))
    return event.asset_materialization if event else None


def test_the_asset_page_says_who_put_it_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    lakehouse = Lakehouse(str(tmp_path / "lakehouse"))
    table = Table(frame=pl.DataFrame({"target": [0, 1] * 20, "probability": [0.9, 0.1] * 20}))
    judged = judge(submitted(KEY, table), write_checks(KEY), lakehouse)
    refuse(lakehouse, KEY, table, judged, CommitInfo(portfolio="german_credit"))
    with pytest.raises(AcceptanceError):
        accept(lakehouse, KEY, by="", reason="a trial")
    assert materialisation() is None
    version = accept(lakehouse, KEY, by="Ana", reason="a trial")
    told = materialisation()
    assert told is not None
    assert "Accepted by Ana" in (told.description or "")
    assert told.metadata["version"].value == version.version
    assert told.metadata["accepted_exception"].value == version.exception
