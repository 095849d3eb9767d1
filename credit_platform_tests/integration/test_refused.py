"""What a check refuses is never read: through real runs, and by readers that know nothing of the platform."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from deltalake import DeltaTable

from credit_platform.definitions import build_definitions
from credit_platform.errors import AcceptanceError
from credit_platform.governance.retention import retain
from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.acceptance import accept
from credit_platform.orchestration.runner import RunReport, run_job
from credit_platform.portfolios import get_generator, get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import tool_environment

RAW = "german_credit/raw/applications"
FEATURES = "german_credit/features/applicants"
ASSET = dg.AssetKey(RAW.split("/"))


def rows_of(settings: Settings, key: str) -> int:
    """Rows that a reader finds who knows Delta Lake and not the platform."""
    return int(DeltaTable(f"{settings.lakehouse_root}/{key}").to_pyarrow_table().num_rows)


def source(portfolio: Portfolio) -> pl.DataFrame:
    assert portfolio.bundled_raw is not None
    return pl.read_csv(portfolio.bundled_raw / portfolio.tables[0].file_name, infer_schema=False)


def without_amounts_of_women(portfolio: Portfolio) -> pl.DataFrame:
    """The file in which the amounts of the 310 women cannot be read."""
    women = pl.col("personal_status_sex").str.starts_with("female")
    return source(portfolio).with_columns(amount=pl.when(women).then(pl.lit("?")).otherwise("amount"))


def ingest(portfolio: Portfolio, settings: Settings, rows: pl.DataFrame | None = None) -> RunReport:
    if rows is not None:
        rows.write_csv(settings.raw_folder(portfolio.name) / portfolio.tables[0].file_name)
    return run_job(portfolio, settings, job="german_credit_ingestion")


def run_features(portfolio: Portfolio, settings: Settings) -> RunReport:
    return run_job(portfolio, settings, job="german_credit_features")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, german_credit: Portfolio, dagster_home: Path) -> Settings:
    """A home with the undamaged file and its features; tests work on copies."""
    home = tmp_path_factory.mktemp("good")
    (home / "raw_files").mkdir()
    settings = Settings(home=home, raw=home / "raw_files")
    with tool_environment(settings, dagster_home):
        assert ingest(german_credit, settings, source(german_credit)).success
        assert run_features(german_credit, settings).success
    return settings


@pytest.fixture
def used(good: Settings, fresh: Settings) -> Settings:
    """A home in which a good file was ingested and features were made of it."""
    shutil.copytree(good.lakehouse_root, fresh.lakehouse_root)
    assert good.raw is not None
    assert fresh.raw is not None
    shutil.copytree(good.raw, fresh.raw, dirs_exist_ok=True)
    return fresh


def blocked(report: RunReport) -> dict[str, str]:
    return {f"{check.asset}: {check.check}": check.message for check in report.failed_checks if check.blocking}


def test_a_refused_file_in_an_empty_home_is_read_by_nothing(german_credit: Portfolio, fresh: Settings) -> None:
    report = ingest(german_credit, fresh, without_amounts_of_women(german_credit))
    assert not report.success
    assert report.materialised == ()
    message = blocked(report)[f"{RAW}: rejected_share"]
    assert "310 of 1000 rows of german_credit.csv rejected (type:amount: 310)" in message
    assert f"See {RAW}__rejected__refused for the rows." in message
    assert f"No version of {RAW} is in force yet." in report.errors[0]
    assert f"credit-platform accept {RAW} --by NAME --reason TEXT" in report.errors[0]
    lakehouse = Lakehouse(fresh.lakehouse_root)
    assert lakehouse.keys() == [f"{RAW}__refused", f"{RAW}__rejected__refused"]
    assert not DeltaTable.is_deltatable(f"{fresh.lakehouse_root}/{RAW}")
    assert rows_of(fresh, f"{RAW}__refused") == 690
    assert rows_of(fresh, f"{RAW}__rejected__refused") == 310
    started = run_job(german_credit, fresh, start="features/applicants")
    assert not started.success
    assert f"Table {RAW} has no version in force" in started.errors[0]
    assert not lakehouse.exists(FEATURES)


def test_a_refused_file_in_a_used_home_leaves_everything_as_it_was(german_credit: Portfolio, used: Settings) -> None:
    lakehouse = Lakehouse(used.lakehouse_root)
    before = lakehouse.latest(RAW)
    first = ingest(german_credit, used, without_amounts_of_women(german_credit))
    again = ingest(german_credit, used)
    assert first.errors == again.errors
    assert "Version 0 of german_credit/raw/applications, of" in first.errors[0]
    assert lakehouse.latest(RAW) == before
    assert [rows_of(used, key) for key in (RAW, f"{RAW}__rejected")] == [1000, 0]
    assert len(lakehouse.versions(f"{RAW}__refused")) == 1
    assert len(lakehouse.versions(f"{RAW}__rejected__refused")) == 1
    assert run_features(german_credit, used).success
    assert rows_of(used, FEATURES) == 1000
    page = (used.reports_folder("german_credit") / "quality_report.html").read_text(encoding="utf-8")
    assert "not put in force: applications (what is said of it below is about version 0)" in page
    assert "310 of 1000 rows" in page


def test_a_mended_file_is_taken_after_a_refused_one(german_credit: Portfolio, used: Settings) -> None:
    assert not ingest(german_credit, used, without_amounts_of_women(german_credit)).success
    assert ingest(german_credit, used, source(german_credit).head(900)).success
    assert rows_of(used, RAW) == 900
    with pytest.raises(AcceptanceError, match="came into force after version 0 of"):
        accept(Lakehouse(used.lakehouse_root), RAW, by="Ana", reason="why not")


def test_the_same_refused_file_after_a_good_one_can_be_accepted(german_credit: Portfolio, used: Settings) -> None:
    damaged = without_amounts_of_women(german_credit)
    assert not ingest(german_credit, used, damaged).success
    assert ingest(german_credit, used, source(german_credit).head(900)).success
    assert not ingest(german_credit, used, damaged).success
    assert accept(Lakehouse(used.lakehouse_root), RAW, by="Ana", reason="checked by hand").rows == 690


def test_an_accepted_file_is_in_force_and_is_not_refused_again(german_credit: Portfolio, used: Settings) -> None:
    assert not ingest(german_credit, used, without_amounts_of_women(german_credit)).success
    lakehouse = Lakehouse(used.lakehouse_root)
    version = accept(lakehouse, RAW, by=" Ana ", reason="the amounts come next week")
    assert "Accepted by Ana (account " in (version.exception or "")
    assert "the amounts come next week (refused by: rejected_share)" in (version.exception or "")
    assert [rows_of(used, key) for key in (RAW, f"{RAW}__rejected")] == [690, 310]
    report = ingest(german_credit, used)
    assert report.success, report.errors
    warning = next(check for check in report.failed_checks if check.check == "rejected_share")
    assert not warning.blocking
    assert warning.message.startswith("Accepted by Ana (account ")
    assert lakehouse.latest(RAW) == version
    assert "Accepted by Ana" in (used.reports_folder("german_credit") / "quality_report.html").read_text(
        encoding="utf-8"
    )
    assert run_features(german_credit, used).success
    assert rows_of(used, FEATURES) == 690
    with pytest.raises(AcceptanceError, match="is in force already, as version 1 of"):
        accept(lakehouse, RAW, by="Ana", reason="again")


def test_refused_features_are_not_read_and_stay_accepted_when_made_again(
    german_credit: Portfolio, used: Settings
) -> None:
    told = pl.when(pl.col("default") == "1").then(pl.lit("registered")).otherwise(pl.lit("none"))
    assert ingest(german_credit, used, source(german_credit).with_columns(telephone=told)).success
    report = run_features(german_credit, used)
    assert not report.success
    assert set(blocked(report)) == {f"{FEATURES}: leakage"}
    lakehouse = Lakehouse(used.lakehouse_root)
    assert lakehouse.read(FEATURES).version.version == 0
    accept(lakehouse, FEATURES, by="Ana", reason="a small branch")
    report = run_features(german_credit, used)
    assert report.success, report.errors
    assert [check.blocking for check in report.failed_checks] == [False]
    assert lakehouse.read(FEATURES).version.version == 1


def test_the_interface_of_dagster_says_what_was_refused(german_credit: Portfolio, used: Settings) -> None:
    """Materialised as the Dagster UI and the daemon do it, with the checks of the asset in the run or without them."""
    without_amounts_of_women(german_credit).write_csv(
        used.raw_folder("german_credit") / german_credit.tables[0].file_name
    )
    definitions = build_definitions(used)
    with dg.instance_for_test() as instance:
        for selection in (dg.AssetSelection.assets(ASSET), dg.AssetSelection.assets(ASSET).without_checks()):
            job = definitions.resolve_implicit_global_asset_job_def().get_subset(
                asset_selection=selection.resolve(definitions.resolve_asset_graph()) | {rejected(ASSET)}
            )
            result = job.execute_in_process(instance=instance, raise_on_error=False)
            assert not result.success
            assert not result.get_asset_materialization_events()
            assert instance.get_latest_materialization_event(ASSET) is None
            key = dg.AssetCheckKey(ASSET, "rejected_share")
            record = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
            assert record.status.value == "FAILED"
            assert record.event is not None
            evaluation = record.event.asset_check_evaluation
            assert evaluation is not None
            assert "310 of 1000" in (evaluation.description or "")
    assert rows_of(used, RAW) == 1000


def rejected(asset: dg.AssetKey) -> dg.AssetKey:
    return dg.AssetKey([*asset.path[:-1], f"{asset.path[-1]}__rejected"])


def test_old_versions_go_and_refused_ones_with_them(german_credit: Portfolio, used: Settings) -> None:
    lakehouse = Lakehouse(used.lakehouse_root)
    for kept in (300, 400, 500):
        ingest(german_credit, used, without_amounts_of_women(german_credit).head(kept))
    for _ in range(2):
        results = retain(lakehouse, ["german_credit"], 1, pins={}, dry_run=False)
        assert {f"{RAW}__refused", RAW} <= {result.key for result in results}
        assert len(lakehouse.versions(f"{RAW}__refused")) == 1
        assert [rows_of(used, RAW), rows_of(used, FEATURES)] == [1000, 1000]
    accept(lakehouse, RAW, by="Ana", reason="after the vacuum")
    assert rows_of(used, RAW) < 500


ARCHIVED: dict[str, Callable[[Path], object]] = {
    "archived": lambda path: path.rename(path.parent / "archive" / path.name),
    "renamed": lambda path: path.rename(path.with_name("german_credit_2026.csv")),
    "in capitals": lambda path: path.rename(path.with_name("GERMAN_CREDIT.csv")),
    "deleted": Path.unlink,
    "folder deleted": lambda path: shutil.rmtree(path.parent),
}


@pytest.mark.parametrize("name", ARCHIVED)
@pytest.mark.parametrize("moved", [False, True])
def test_the_users_file_is_never_replaced_by_the_shipped_one(
    name: str, moved: bool, german_credit: Portfolio, fresh: Settings, dagster_home: Path
) -> None:
    settings = fresh.model_copy(update={"raw": None})
    folder = settings.raw_folder("german_credit")
    (folder / "archive").mkdir(parents=True)
    assert ingest(german_credit, settings, source(german_credit).head(800)).success
    ARCHIVED[name](folder / german_credit.tables[0].file_name)
    if moved:
        settings = settings.model_copy(update={"home": settings.home.rename(settings.home.with_name("elsewhere"))})
    with tool_environment(settings, dagster_home):
        report = ingest(german_credit, settings)
    assert not report.success
    expected = settings.raw_folder("german_credit") / "german_credit.csv"
    assert f"File {expected} does not exist" in report.errors[0]
    assert f"Version 0 of {RAW}, of" in report.errors[0]
    assert rows_of(settings, RAW) == 800


@pytest.mark.parametrize("moved", ["application_train", "application_test"])
def test_an_applicant_in_both_files_is_named_at_ingestion(moved: str, tmp_path: Path, dagster_home: Path) -> None:
    """Whichever of the two files has changed; the one to be scored is judged although it is unchanged, too."""
    portfolio = get_portfolio("home_credit")
    settings = Settings(home=tmp_path / "home", raw=tmp_path / "raw")
    files = {n: tmp_path / "raw" / portfolio.table(n).file_name for n in ("application_train", "application_test")}
    get_generator("home_credit").generate(
        tmp_path / "raw", scale=0.002, seed=7, drift=(), defects=(), progress=lambda *_: None
    )
    lakehouse, scoring = Lakehouse(settings.lakehouse_root), "home_credit/raw/application_test"
    with tool_environment(settings, dagster_home):
        assert run_job(portfolio, settings, job="home_credit_ingestion").success
        both = {name: pl.read_csv(path, infer_schema=False) for name, path in files.items()}
        other = next(name for name in files if name != moved)
        key = portfolio.applicant_key
        known = both[other][key].head(2).extend_constant("", both[moved].height - 2)
        first = pl.int_range(pl.len()) < 2
        both[moved].with_columns(pl.when(first).then(known).otherwise(key).alias(key)).write_csv(files[moved])
        for _ in range(2):
            report = run_job(portfolio, settings, job="home_credit_ingestion")
            assert not report.success
            message = blocked(report)[f"{scoring}: in_one_file_only"]
            assert "2 applicants are in both application_train.csv (outcome known) and application_test.csv" in message
            assert f"{key} {', '.join(sorted(both[other][key].head(2)))}." in message
            assert [version.version for version in lakehouse.versions(scoring)] == [0]
            assert len(lakehouse.versions(f"{scoring}__refused")) == 1
    with pytest.raises(AcceptanceError, match="cannot be answered for by hand"):
        accept(lakehouse, scoring, by="Ana", reason="why not")
