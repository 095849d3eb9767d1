"""Home Credit at a tiny scale: eight generated files to features, and what damage to them does."""

from __future__ import annotations

import html
import shutil
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.runner import RunReport, run_job
from credit_platform.portfolios import get_generator, get_portfolio
from credit_platform.portfolios.home_credit.generator.defects import plant
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.quality import Ingested, ingest
from credit_platform.quality.findings import explain_rejections, summarise
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


FIRST_RUN = (
    "duplicate_sk_id_bureau",
    "target_of_2",
    "null_key",
    "orphan_flood",
    "column_swapped",
    "truncated_file",
    "missing_file",
)
"""Damages of different files, so that one run meets them all."""


@pytest.fixture(scope="module")
def damaged(home_credit: Portfolio, files: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A first ingestion of files with seven damages."""
    raw = tmp_path_factory.mktemp("damaged")
    shutil.copytree(files, raw, dirs_exist_ok=True)
    for name in FIRST_RUN:
        plant(name, raw, seed=7)
    settings = Settings(home=tmp_path_factory.mktemp("damaged_home"), raw=raw)
    with tool_environment(settings):
        report = run_job(home_credit, settings, job="home_credit_ingestion")
    return Built(settings, home_credit, report, report)


def quality_page(built: Built) -> str:
    return (built.settings.reports_folder("home_credit") / "quality_report.html").read_text(encoding="utf-8")


def test_what_breaks_a_file_is_named_by_the_run_and_the_report(damaged: Built) -> None:
    """A missing file of the eight, and one cut in the middle of a row."""
    assert not damaged.ingestion.success
    missing, cut = sorted(damaged.ingestion.errors, key=lambda error: "POS_CASH" not in error)
    assert "POS_CASH_balance.csv does not exist" in missing
    assert "installments_payments.csv" in cut
    assert "its last line" in cut
    page = quality_page(damaged)
    assert "The newest file was not put in force: pos_cash_balance (" in html.unescape(page)
    for table in ("pos_cash_balance", "installments_payments"):
        assert not damaged.lakehouse.exists(f"home_credit/raw/{table}")
    for error in damaged.ingestion.errors:
        assert error in html.unescape(page)


@pytest.mark.parametrize(
    ("table", "rule", "rows"),
    [
        ("bureau", "duplicate_key", 25),
        ("application_train", "allowed:TARGET", 7),
        ("previous_application", "not_null:SK_ID_PREV", 7),
    ],
)
def test_what_breaks_a_row_is_set_aside_and_no_row_is_lost(damaged: Built, table: str, rule: str, rows: int) -> None:
    """A repeated SK_ID_BUREAU, a TARGET of 2, and a null key."""
    rejected = damaged.lakehouse.scan(f"home_credit/raw/{table}__rejected").collect()
    assert rejected["rule"].to_list() == [rule] * rows
    kept = damaged.lakehouse.latest(f"home_credit/raw/{table}")
    assert kept is not None
    assert kept.rows + rows == data_lines(
        damaged.settings.raw_folder(damaged.portfolio.name) / damaged.portfolio.table(table).file_name
    )
    assert f'<td class="mono">{rule}</td><td class="n">{rows}</td>' in quality_page(damaged)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("bureau_balance", "Orphan flood: "),
        ("previous_application", "The columns of previous_application.csv are in another order than its contract"),
    ],
)
def test_what_is_suspicious_is_a_warning(damaged: Built, table: str, sentence: str) -> None:
    """60 % of orphans, and two columns that changed places together with their headings."""
    warned = [c for c in damaged.ingestion.failed_checks if c.asset == f"home_credit/raw/{table}"]
    assert [(c.check, c.blocking) for c in warned] == [("findings", False)]
    assert warned[0].message.startswith(sentence)
    assert sentence in html.unescape(quality_page(damaged))


def test_incomes_in_thousands_are_named_by_the_run_and_the_report(
    damaged: Built, files: Path, tmp_path: Path, dagster_home: Path
) -> None:
    """A file that was good before: its version stays, and every row of the new one is set aside."""
    raw = tmp_path / "raw"
    shutil.copytree(files, raw)
    plant("income_in_thousands", raw, seed=7)
    settings = Settings(home=tmp_path / "home", raw=raw)
    shutil.copytree(damaged.settings.home / "lakehouse", settings.home / "lakehouse")
    with tool_environment(settings, dagster_home):
        report = run_job(damaged.portfolio, settings, job="home_credit_ingestion")
    assert not report.success
    said = [c.message for c in report.failed_checks if c.asset == "home_credit/raw/application_train" and c.blocking]
    assert any("was the unit of AMT_INCOME_TOTAL changed" in message for message in said), said
    page = quality_page(Built(settings, damaged.portfolio, report, report))
    assert "was the unit of AMT_INCOME_TOTAL changed" in html.unescape(page)
    rejected = Lakehouse(settings.lakehouse_root).latest("home_credit/raw/application_train__rejected")
    assert rejected is not None
    kept = Lakehouse(settings.lakehouse_root).latest("home_credit/raw/application_train")
    assert kept is not None
    assert kept.rows + rejected.rows == data_lines(raw / "application_train.csv")


def ingested(portfolio: Portfolio, files: Path, folder: Path, name: str, defect: str) -> tuple[Ingested, Ingested]:
    """A table before and after a defect, the second compared with the first."""
    table = portfolio.table(name)
    shutil.copy(files / table.file_name, folder)
    good = ingest(table, files / table.file_name, {})
    plant(defect, folder, seed=7)
    return good, ingest(table, folder / table.file_name, {}, previous=good.kept)


def test_incomes_in_thousands_are_not_accepted(home_credit: Portfolio, files: Path, tmp_path: Path) -> None:
    _, bad = ingested(home_credit, files, tmp_path, "application_train", "income_in_thousands")
    assert bad.counts.by_rule["range:AMT_INCOME_TOTAL"] / bad.counts.rows_in > 0.99
    assert bad.counts.kept + bad.counts.rejected == bad.counts.rows_in
    said = explain_rejections(bad.counts.by_rule, bad.counts.rows_in)
    assert said is not None
    assert "was the unit of AMT_INCOME_TOTAL changed" in said


def test_values_exchanged_under_unchanged_headings_are_not_accepted(
    home_credit: Portfolio, files: Path, tmp_path: Path
) -> None:
    _, bad = ingested(home_credit, files, tmp_path, "application_test", "values_swapped")
    assert bad.counts.by_rule == dict.fromkeys(
        ("allowed:CODE_GENDER", "allowed:NAME_CONTRACT_TYPE"), bad.counts.rows_in
    )
    assert "are columns exchanged?" in str(explain_rejections(bad.counts.by_rule, bad.counts.rows_in))


def rewritten(table: SourceTable, files: Path, folder: Path, change: pl.Expr | list[pl.Expr]) -> Ingested:
    """`table` with values changed, compared with the file as it was."""
    pl.read_csv(files / table.file_name, infer_schema=False).with_columns(change).write_csv(folder / table.file_name)
    return ingest(table, folder / table.file_name, {}, previous=ingest(table, files / table.file_name, {}).kept)


def test_numbers_exchanged_under_unchanged_headings_are_a_warning(
    home_credit: Portfolio, files: Path, tmp_path: Path
) -> None:
    """No rule is broken: the distributions give them away, against the contract and against the version before."""
    exchange = [pl.col("AMT_CREDIT").alias("AMT_ANNUITY"), pl.col("AMT_ANNUITY").fill_null("0").alias("AMT_CREDIT")]
    bad = rewritten(home_credit.table("application_train"), files, tmp_path, exchange)
    assert bad.counts.rejected == 0
    rules = {(f.rule, f.column) for f in bad.findings}
    assert ("exchanged_columns", "AMT_ANNUITY") in rules
    assert {("atypical_median", "AMT_ANNUITY"), ("atypical_median", "AMT_CREDIT")} <= rules
    assert summarise(bad.findings)[0] == (
        "Columns AMT_ANNUITY and AMT_CREDIT seem exchanged: each is distributed as the other was before."
    )


def test_a_loan_amount_in_thousands_is_a_warning(home_credit: Portfolio, files: Path, tmp_path: Path) -> None:
    column = pl.col("AMT_CREDIT").cast(pl.Float64)
    bad = rewritten(home_credit.table("application_train"), files, tmp_path, (column / 1000).cast(pl.String))
    (changed,) = [f for f in bad.findings if f.rule == "unit_change"]
    assert changed.column == "AMT_CREDIT"
    assert "1/1,000 of those of the previous version" in changed.message


def test_undamaged_files_raise_none_of_these_suspicions(built: Built) -> None:
    for table in built.portfolio.tables:
        findings = built.lakehouse.read(f"home_credit/raw/{table.name}").summary["findings"]
        suspicious = {"orphan_flood", "atypical_median", "unit_change", "exchanged_columns", "column_order", "row_jump"}
        assert not suspicious & {finding["rule"] for finding in findings}, table.name
