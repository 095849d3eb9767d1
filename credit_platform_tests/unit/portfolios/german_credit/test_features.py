from __future__ import annotations

import polars as pl
import pytest

from credit_platform.features import ApplicantFeatures, build_audit, build_features, checks
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.feature_group import FeatureKind

PORTFOLIO = get_portfolio("german_credit")


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.LazyFrame]:
    assert PORTFOLIO.bundled_raw is not None
    return {"applications": pl.scan_csv(PORTFOLIO.bundled_raw / "german_credit.csv")}


@pytest.fixture(scope="module")
def frame(tables: dict[str, pl.LazyFrame]) -> pl.DataFrame:
    return build_features(PORTFOLIO, tables).collect()


def applicant(**changes: object) -> dict[str, object]:
    row = ApplicantFeatures(PORTFOLIO).build({**PORTFOLIO.examples["refused"], **changes}).row(0, named=True)
    return {name.removeprefix("application__"): value for name, value in row.items()}


def test_the_feature_table_passes_every_check(frame: pl.DataFrame) -> None:
    assert frame.height == 1000
    findings = [check(PORTFOLIO, frame) for check in (checks.constant, checks.duplicates, checks.leakage)]
    findings += [checks.out_of_range(PORTFOLIO, frame), checks.key(PORTFOLIO, frame), checks.reasons(PORTFOLIO)]
    assert findings == [[]] * 6


def test_only_levels_that_are_not_on_the_scale_are_null(frame: pl.DataFrame) -> None:
    nulls = {name for name, count in frame.null_count().row(0, named=True).items() if count}
    assert nulls == {"application__checking_account__level", "application__savings__level"}


def test_every_numeric_feature_states_a_unit_and_each_feature_a_sentence() -> None:
    for feature in PORTFOLIO.features:
        assert feature.description.endswith(".")
        assert (feature.unit is None) == (feature.kind is FeatureKind.CATEGORICAL), feature.name


def test_features_of_one_applicant_by_hand() -> None:
    row = applicant(amount=4800, duration_months=48, employment_since="1 to 4 years", property="real estate")
    assert row["instalment__amount"] == 100.0
    assert row["amount__log"] == pytest.approx(8.476371196895983)
    assert row["employment_since__level"] == 2.0
    assert row["property__level"] == 3.0
    assert row["duration_months__overdrawn__months"] == 48.0
    assert row["amount__large__flag"] == 1.0
    assert row["checking_account__overdrawn__savings__low__flag"] == 1.0
    assert row["settled__level"] == 4.0


def test_no_account_is_no_place_on_the_scale() -> None:
    row = applicant(checking_account="no account", savings="unknown or none")
    assert row["checking_account__level"] is None
    assert row["savings__level"] is None
    assert row["liquidity__level"] == 2.0


@pytest.mark.parametrize("job", ["unskilled resident", "unemployed or unskilled non-resident"])
def test_the_job_says_nothing_about_residence(job: str) -> None:
    assert applicant(job=job) == applicant(job="unskilled resident")


def test_protected_attributes_and_age_change_no_feature() -> None:
    same = applicant()
    assert applicant(personal_status_sex="female single", foreign_worker="no", age_years=75) == same


def test_monotone_signs_agree_with_the_data(frame: pl.DataFrame) -> None:
    """A declared direction that the 1,000 loans contradict would be a mistake."""
    for feature in PORTFOLIO.features:
        if feature.monotone:
            by_value = frame.select(pl.corr(feature.name, "default", method="spearman")).item()
            assert by_value * feature.monotone > 0, feature.name


def test_the_audit_table(tables: dict[str, pl.LazyFrame]) -> None:
    audit = build_audit(PORTFOLIO, tables).collect()
    assert audit.columns == ["applicant_id", "personal_status_sex", "foreign_worker", "age_band", "sex"]
    assert audit["sex"].value_counts().sort("sex").rows() == [("female", 310), ("male", 690)]
    assert audit["age_band"].value_counts().sort("age_band").rows() == [
        ("18 to 25", 190),
        ("26 to 40", 536),
        ("41 to 60", 229),
        ("61 and above", 45),
    ]
