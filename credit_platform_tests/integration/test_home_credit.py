"""Home Credit at a tiny scale: eight generated files to features, and what damage to them does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.runner import RunReport, run_job
from credit_platform.portfolios import get_generator, get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import tool_environment

SCALE = 0.003
"""923 applicants with an outcome and 146 to score: the feature checks (none constant, none duplicate) pass."""


@dataclass(frozen=True)
class Built:
    """A home in which ingestion and features ran once."""

    settings: Settings
    portfolio: Portfolio
    ingestion: RunReport
    features: RunReport

    @property
    def lakehouse(self) -> Lakehouse:
        return Lakehouse(self.settings.lakehouse_root)


@pytest.fixture(scope="module")
def home_credit() -> Portfolio:
    return get_portfolio("home_credit")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home_credit")
    get_generator("home_credit").generate(folder, scale=SCALE, seed=7, drift=(), defects=(), progress=None)
    return folder


@pytest.fixture(scope="module")
def built(home_credit: Portfolio, files: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    settings = Settings(home=tmp_path_factory.mktemp("home"), raw=files)
    with tool_environment(settings):
        ingestion = run_job(home_credit, settings, job="home_credit_ingestion")
        features = run_job(home_credit, settings, job="home_credit_features")
    return Built(settings, home_credit, ingestion, features)


def data_lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") - 1


def test_all_eight_files_are_ingested_without_a_reject(built: Built, files: Path) -> None:
    assert built.ingestion.success, built.ingestion.errors
    assert not [check for check in built.ingestion.failed_checks if check.blocking]
    for table in built.portfolio.tables:
        kept = built.lakehouse.latest(f"home_credit/raw/{table.name}")
        rejected = built.lakehouse.latest(f"home_credit/raw/{table.name}__rejected")
        assert kept is not None
        assert rejected is not None
        assert (kept.rows, rejected.rows) == (data_lines(files / table.file_name), 0), table.name


def test_every_applicant_has_one_row_of_more_than_600_features(built: Built, files: Path) -> None:
    assert built.features.success, [*built.features.errors, *built.features.failed_checks]
    assert not [check for check in built.features.failed_checks if check.blocking]
    frame = built.lakehouse.scan("home_credit/features/applicants").collect()
    training, scoring = (data_lines(files / f"application_{kind}.csv") for kind in ("train", "test"))
    assert frame.height == frame["SK_ID_CURR"].n_unique() == training + scoring
    assert frame["TARGET"].null_count() == scoring
    assert frame.width - 2 == len(built.portfolio.features) > 600


def test_a_history_reaches_the_feature_table(built: Built) -> None:
    """Counted here with plain Polars from the files' rows, not with the features' definitions."""
    loans = built.lakehouse.scan("home_credit/raw/bureau").group_by("SK_ID_CURR").len("loans").collect()
    frame = built.lakehouse.scan("home_credit/features/applicants").collect()
    both = frame.select("SK_ID_CURR", "bureau__credits__all__count").join(loans, on="SK_ID_CURR", how="left")
    known = both.filter(pl.col("loans").is_not_null())
    assert known.height > 0.7 * frame.height
    assert known["bureau__credits__all__count"].to_list() == known["loans"].to_list()
    assert both.filter(pl.col("loans").is_null())["bureau__credits__all__count"].fill_null(0).sum() == 0


def test_protected_attributes_are_only_in_the_audit_table(built: Built) -> None:
    columns = built.lakehouse.scan("home_credit/features/applicants").collect_schema().names()
    audit = built.lakehouse.scan("home_credit/features/protected_attributes")
    assert {"CODE_GENDER", "NAME_FAMILY_STATUS"} <= set(audit.collect_schema().names())
    assert not [name for name in columns if "gender" in name.lower() or "family_status" in name.lower()]
    applicants = built.lakehouse.scan("home_credit/features/applicants")
    assert audit.select(pl.len()).collect().item() == applicants.select(pl.len()).collect().item()


def test_everything_made_of_generated_files_is_labelled_synthetic(built: Built) -> None:
    keys = built.lakehouse.keys("home_credit/")
    assert len(keys) == 16 + 1 + 6 + 3
    for key in keys:
        version = built.lakehouse.latest(key)
        assert version is not None
        assert version.synthetic, key
    page = (built.settings.reports_folder("home_credit") / "quality_report.html").read_text(encoding="utf-8")
    assert "synthetic" in page.lower()


def change_lines(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(change(lines)) + "\n", encoding="utf-8")


def without_key(lines: list[str]) -> list[str]:
    """Row 5 without its first cell."""
    return [*lines[:5], "," + lines[5].partition(",")[2], *lines[6:]]


def test_three_damages_are_each_named_and_no_row_is_lost(home_credit: Portfolio, files: Path, fresh: Settings) -> None:
    """A missing file of the eight, a repeated SK_ID_BUREAU and a null key, all in one run."""
    folder = fresh.raw_folder("home_credit")
    shutil.copytree(files, folder, dirs_exist_ok=True)
    (folder / "POS_CASH_balance.csv").unlink()
    change_lines(folder / "bureau.csv", lambda lines: [*lines, *lines[1:4]])
    change_lines(folder / "previous_application.csv", without_key)
    report = run_job(home_credit, fresh, job="home_credit_ingestion")
    assert not report.success
    assert len(report.errors) == 1
    assert "POS_CASH_balance.csv does not exist" in report.errors[0]
    lakehouse = Lakehouse(fresh.lakehouse_root)
    assert not lakehouse.exists("home_credit/raw/pos_cash_balance")
    for name, rule, least in (("bureau", "duplicate_key", 3), ("previous_application", "SK_ID_PREV", 1)):
        rejected = lakehouse.scan(f"home_credit/raw/{name}__rejected").collect()
        kept = lakehouse.latest(f"home_credit/raw/{name}")
        assert kept is not None
        assert rejected.height >= least
        assert all(rule in text for text in rejected["rule"])
        assert kept.rows + rejected.height == data_lines(folder / home_credit.table(name).file_name)
