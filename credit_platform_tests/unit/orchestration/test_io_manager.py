"""One value, one Delta version; a broken contract, none."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from credit_platform.lakehouse import CommitInfo
from credit_platform.orchestration.io_manager import DeltaIOManager
from credit_platform.orchestration.tables import Table

SPLIT = dg.AssetKey(["german_credit", "models", "split"])
RAW = dg.AssetKey(["german_credit", "raw", "applications"])


@pytest.fixture
def manager(tmp_path: Path) -> DeltaIOManager:
    return DeltaIOManager(root=str(tmp_path))


def store(manager: DeltaIOManager, table: Table, key: dg.AssetKey = SPLIT) -> dict[str, object]:
    """Store a value; returns what the asset page shows."""
    context = dg.build_output_context(asset_key=key, run_id="a-run")
    manager.handle_output(context, table)
    return {name: getattr(value, "value", value) for name, value in context.get_logged_metadata().items()}


def test_a_value_comes_back_with_rows_summary_and_record(manager: DeltaIOManager) -> None:
    info = CommitInfo(portfolio="german_credit", code_version="abc", synthetic=True)
    shown = store(manager, Table(frame=pl.DataFrame({"a": [1, 2]}), summary={"why": "test"}, info=info))
    stored = manager.load_input(dg.build_input_context(asset_key=SPLIT))
    assert stored.frame.collect()["a"].to_list() == [1, 2]
    assert stored.summary == {"why": "test"}
    assert (stored.version.run_id, stored.version.code_version, stored.version.synthetic) == ("a-run", "abc", True)
    assert (shown["dagster/row_count"], shown["version"], shown["unchanged"]) == (2, 0, False)


def test_the_portfolio_is_recorded_without_being_told(manager: DeltaIOManager) -> None:
    store(manager, Table(frame=pl.DataFrame({"a": [1]})))
    latest = manager.lakehouse().latest("german_credit/models/split")
    assert latest is not None
    assert latest.portfolio == "german_credit"


def test_metadata_of_the_asset_is_shown_beside_that_of_the_version(manager: DeltaIOManager) -> None:
    assert store(manager, Table(frame=pl.DataFrame({"a": [1]}), metadata={"auc": 0.8}))["auc"] == 0.8


def test_what_is_unchanged_is_not_written_again(manager: DeltaIOManager) -> None:
    store(manager, Table(frame=pl.DataFrame({"a": [1]})))
    first = manager.lakehouse().read("german_credit/models/split")
    shown = store(manager, Table(frame=first.frame, unchanged=first.version))
    assert (shown["version"], shown["unchanged"]) == (0, True)
    assert len(manager.lakehouse().versions("german_credit/models/split")) == 1


def test_a_finished_file_is_moved_in(manager: DeltaIOManager) -> None:
    from credit_platform.lakehouse import StagedTable  # noqa: PLC0415  # only this test prepares a file

    with manager.lakehouse().staging() as folder:
        pl.DataFrame({"a": [1, 2, 3]}).write_parquet(folder / "ready.parquet")
        staged = StagedTable(folder / "ready.parquet")
        store(manager, Table(frame=pl.scan_parquet(staged.path), staged=staged))
        assert not staged.path.exists()
    assert manager.lakehouse().scan("german_credit/models/split").collect()["a"].to_list() == [1, 2, 3]


def test_a_broken_contract_fails_at_once_and_nothing_is_written(manager: DeltaIOManager) -> None:
    with pytest.raises(dg.Failure) as raised:
        store(manager, Table(frame=pl.DataFrame({"a": [1]})), RAW)
    assert not raised.value.allow_retries
    assert "applications" in (raised.value.description or "")
    assert not manager.lakehouse().exists("german_credit/raw/applications")


def test_a_pin_is_read_instead_of_the_newest(manager: DeltaIOManager, tmp_path: Path) -> None:
    for value in (1, 2):
        store(manager, Table(frame=pl.DataFrame({"a": [value]})))
    pinned = DeltaIOManager(root=str(tmp_path), pins={"german_credit/models/split": 0})
    for reader, expected in ((pinned, 1), (manager, 2)):
        stored = reader.load_input(dg.build_input_context(asset_key=SPLIT))
        assert stored.frame.collect()["a"].to_list() == [expected]


def test_a_missing_input_fails_at_once_and_says_what_to_do(manager: DeltaIOManager) -> None:
    with pytest.raises(dg.Failure) as raised:
        manager.load_input(dg.build_input_context(asset_key=SPLIT))
    assert not raised.value.allow_retries
    assert "Materialise it first" in (raised.value.description or "")
