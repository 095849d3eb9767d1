"""One value, one Delta version; a refused one, none that anybody reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest
from deltalake import DeltaTable

from credit_platform.lakehouse import CommitInfo
from credit_platform.orchestration.io_manager import DeltaIOManager
from credit_platform.portfolios import get_portfolio
from credit_platform.tables.table import Table
from credit_platform_tests.records import bento_record, scorer_record

EVIDENCE = dg.AssetKey(["german_credit", "governance", "explanations"])
RAW = dg.AssetKey(["german_credit", "raw", "applications"])


@pytest.fixture
def manager(tmp_path: Path) -> DeltaIOManager:
    return DeltaIOManager(root=str(tmp_path))


def store(manager: DeltaIOManager, table: Table, key: dg.AssetKey = EVIDENCE) -> dict[str, object]:
    """Store a value; returns what the asset page shows."""
    with dg.build_output_context(asset_key=key, run_id="a-run") as context:
        assert not list(manager.handle_output(context, table))
        return {name: getattr(value, "value", value) for name, value in context.get_logged_metadata().items()}


def load(manager: DeltaIOManager, key: dg.AssetKey) -> Any:
    """Read a value as an asset that names `key` as its input does."""
    with dg.build_input_context(asset_key=key) as context:
        return manager.load_input(context)


def test_a_value_comes_back_with_rows_summary_and_record(manager: DeltaIOManager) -> None:
    info = CommitInfo(portfolio="german_credit", code_version="abc", synthetic=True)
    shown = store(manager, Table(frame=pl.DataFrame({"a": [1, 2]}), summary={"why": "test"}, info=info))
    stored = load(manager, EVIDENCE)
    assert stored.frame.collect()["a"].to_list() == [1, 2]
    assert stored.summary == {"why": "test"}
    assert (stored.version.run_id, stored.version.code_version, stored.version.synthetic) == ("a-run", "abc", True)
    assert (shown["dagster/row_count"], shown["version"], shown["unchanged"]) == (2, 0, False)


def test_the_portfolio_is_recorded_without_being_told(manager: DeltaIOManager) -> None:
    store(manager, Table(frame=pl.DataFrame({"a": [1]})))
    latest = manager.lakehouse().latest("german_credit/governance/explanations")
    assert latest is not None
    assert latest.portfolio == "german_credit"


def test_metadata_of_the_asset_is_shown_beside_that_of_the_version(manager: DeltaIOManager) -> None:
    assert store(manager, Table(frame=pl.DataFrame({"a": [1]}), metadata={"auc": 0.8}))["auc"] == 0.8


def test_what_is_unchanged_is_not_written_again(manager: DeltaIOManager) -> None:
    store(manager, Table(frame=pl.DataFrame({"a": [1]})))
    first = manager.lakehouse().read("german_credit/governance/explanations")
    shown = store(manager, Table(frame=first.frame, unchanged=first.version))
    assert (shown["version"], shown["unchanged"]) == (0, True)
    assert len(manager.lakehouse().versions("german_credit/governance/explanations")) == 1


def test_a_finished_file_is_moved_in(manager: DeltaIOManager) -> None:
    from credit_platform.lakehouse import StagedTable  # noqa: PLC0415  # only this test prepares a file

    with manager.lakehouse().staging() as folder:
        pl.DataFrame({"a": [1, 2, 3]}).write_parquet(folder / "ready.parquet")
        staged = StagedTable(folder / "ready.parquet")
        store(manager, Table(frame=pl.scan_parquet(staged.path), staged=staged))
        assert not staged.path.exists()
    assert manager.lakehouse().scan("german_credit/governance/explanations").collect()["a"].to_list() == [1, 2, 3]


@pytest.fixture
def in_a_run(monkeypatch: pytest.MonkeyPatch) -> list[dg.AssetCheckEvaluation]:
    """Lets a table be refused outside of a run; what a run would record is in the list."""
    evaluations: list[dg.AssetCheckEvaluation] = []
    monkeypatch.setattr(dg.OutputContext, "step_context", None)
    monkeypatch.setattr(dg.DagsterEvent, "asset_check_evaluation", lambda _, evaluation: evaluations.append(evaluation))
    return evaluations


def refused(manager: DeltaIOManager, table: Table, key: dg.AssetKey) -> str:
    """What a refused table says."""
    with dg.build_output_context(asset_key=key, run_id="a-run") as context, pytest.raises(dg.Failure) as raised:
        list(manager.handle_output(context, table))
    assert not raised.value.allow_retries
    return raised.value.description or ""


def test_a_refused_table_is_kept_aside_and_its_check_has_failed(
    manager: DeltaIOManager, in_a_run: list[dg.AssetCheckEvaluation], tmp_path: Path
) -> None:
    told = refused(manager, Table(frame=pl.LazyFrame({"a": [1]})), RAW)
    assert "german_credit/raw/applications was refused and not put in force. Check contract: Table applications" in told
    assert "No version of german_credit/raw/applications is in force yet." in told
    assert "contract cannot be answered for by hand" in told
    assert [(e.check_name, e.passed, e.blocking) for e in in_a_run] == [("contract", False, True)]
    assert not manager.lakehouse().exists("german_credit/raw/applications")
    assert not (tmp_path / "german_credit" / "raw" / "applications").exists()
    kept = manager.lakehouse().read("german_credit/raw/applications__refused")
    assert kept.frame.collect()["a"].to_list() == [1]
    assert kept.summary["verdict"]["checks"][0]["check"] == "contract"
    with pytest.raises(dg.Failure, match="has no version in force"):
        load(manager, RAW)


def test_the_same_table_refused_again_is_kept_once(
    manager: DeltaIOManager, in_a_run: list[dg.AssetCheckEvaluation]
) -> None:
    first, second = (refused(manager, Table(frame=pl.DataFrame({"a": [1]})), RAW) for _ in range(2))
    assert first == second
    assert len(in_a_run) == 2
    assert len(manager.lakehouse().versions("german_credit/raw/applications__refused")) == 1
    refused(manager, Table(frame=pl.DataFrame({"a": [2]})), RAW)
    assert len(manager.lakehouse().versions("german_credit/raw/applications__refused")) == 2


def test_a_table_that_is_judged_is_computed_once(
    manager: DeltaIOManager, in_a_run: list[dg.AssetCheckEvaluation]
) -> None:
    computed = []

    def seen(batch: pl.DataFrame) -> pl.DataFrame:
        computed.append(batch.height)
        return batch

    frame = pl.LazyFrame({"target": [0, 1], "probability": [0.1, 0.9]}).map_batches(seen)
    key = dg.AssetKey(["german_credit", "models", "logistic_regression"])
    store(manager, Table(frame=frame), key)
    assert computed == [2]
    stored = manager.lakehouse().read("german_credit/models/logistic_regression")
    assert [check["passed"] for check in stored.summary["verdict"]["checks"]] == [True]
    backwards = Table(frame=pl.LazyFrame({"target": [0, 1] * 20, "probability": [0.9, 0.1] * 20}))
    told = refused(manager, backwards, key)
    assert "40 scores, 0 of them not a probability, AUC 0.000 (interval 0.00 to " in told
    assert "Version 0 of german_credit/models/logistic_regression, of" in told
    assert "credit-platform accept german_credit/models/logistic_regression --by NAME --reason TEXT" in told
    assert manager.lakehouse().read("german_credit/models/logistic_regression").version.version == 0
    assert [evaluation.passed for evaluation in in_a_run] == [False]


APPLICANTS = pl.DataFrame({"applicant_id": [1, 2], "default": [0, 1]})
REFUSED = {
    "home_credit/aggregates/bureau": (Table(frame=pl.LazyFrame({"SK_ID_CURR": [1, 1]})), "key"),
    "german_credit/features/applicants": (Table(frame=APPLICANTS.lazy()), "contract"),
    "german_credit/models/split": (Table(frame=APPLICANTS.head(1).with_columns(fold=0)), "everyone_once"),
    "german_credit/models/tuned": (
        Table(frame=pl.LazyFrame({"target": [0, 1], "probability": [0.9, 2.0]})),
        "out_of_fold_scores",
    ),
    "german_credit/models/scorer": (
        Table(frame=APPLICANTS.with_columns(probability=0.5), summary=scorer_record("0" * 64).to_summary()),
        "scores_again",
    ),
    "german_credit/serving/bento": (
        Table(frame=APPLICANTS, summary=bento_record(digest="0" * 64).to_summary()),
        "holds_scorer",
    ),
}


@pytest.mark.parametrize("key", REFUSED)
@pytest.mark.usefixtures("in_a_run")
def test_after_a_refusal_of_any_table_a_plain_reader_finds_the_last_accepted_one(
    key: str, manager: DeltaIOManager, tmp_path: Path
) -> None:
    table, check = REFUSED[key]
    lakehouse = manager.lakehouse()
    lakehouse.write("german_credit/features/applicants", APPLICANTS)
    before = pl.DataFrame({"in_force": [1, 2, 3]})
    accepted = lakehouse.write(key, before).version
    if key.startswith("home_credit"):
        names = [
            f.name for g in get_portfolio("home_credit").feature_groups if g.name == "bureau" for f in g.all_features
        ]
        table = replace(table, frame=table.frame.lazy().with_columns(pl.lit(0.5).alias(name) for name in names))
    for _ in range(2):
        assert f"Check {check}: " in refused(manager, table, dg.AssetKey(key.split("/")))
        plain = DeltaTable(str(tmp_path / key))
        assert plain.version() == accepted
        assert pl.DataFrame(pl.from_arrow(plain.to_pyarrow_table())).equals(before)
    assert DeltaTable(str(tmp_path / f"{key}__refused")).version() == 0


def test_a_pin_may_not_name_refused_data(tmp_path: Path) -> None:
    pinned = DeltaIOManager(root=str(tmp_path), pins={"german_credit/raw/applications__refused": 0})
    with pytest.raises(dg.Failure, match="names data that a check refused"):
        load(pinned, RAW)


def test_a_pin_is_read_instead_of_the_newest(manager: DeltaIOManager, tmp_path: Path) -> None:
    for value in (1, 2):
        store(manager, Table(frame=pl.DataFrame({"a": [value]})))
    pinned = DeltaIOManager(root=str(tmp_path), pins={"german_credit/governance/explanations": 0})
    for reader, expected in ((pinned, 1), (manager, 2)):
        stored = load(reader, EVIDENCE)
        assert stored.frame.collect()["a"].to_list() == [expected]


def test_a_missing_input_fails_at_once_and_says_what_to_do(manager: DeltaIOManager) -> None:
    with pytest.raises(dg.Failure) as raised:
        load(manager, EVIDENCE)
    assert not raised.value.allow_retries
    assert "Materialise it first" in (raised.value.description or "")
