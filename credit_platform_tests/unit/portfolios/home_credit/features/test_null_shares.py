"""Every feature declares its most nulls; generated files keep to it, and a lost source does not."""

from __future__ import annotations

import polars as pl
import pytest

from credit_platform.features import build_features, checks
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.home_credit.features.null_shares import usual_shares
from credit_platform.portfolios.home_credit.generator import GenerationReport
from credit_platform.quality import ingest

HOME_CREDIT = get_portfolio("home_credit")


@pytest.fixture(scope="module")
def tables(generated: GenerationReport) -> dict[str, pl.LazyFrame]:
    folder = generated.folder
    return {t.name: ingest(t, folder / t.file_name, {}).kept.collect().lazy() for t in HOME_CREDIT.tables}


def test_every_feature_was_measured_and_none_may_be_null_for_everybody() -> None:
    """After adding a feature: python -m scripts.measure_null_shares."""
    assert {f.name for f in HOME_CREDIT.features} == set(usual_shares())
    assert [f.name for f in HOME_CREDIT.features if f.max_null_share is None or f.max_null_share >= 1] == []


def test_generated_files_keep_to_the_shares(tables: dict[str, pl.LazyFrame]) -> None:
    built = build_features(HOME_CREDIT, tables).collect()
    assert [f.message for f in checks.null_shares(HOME_CREDIT, built)] == []
    empty = built.with_columns(application__external_score__3__score=pl.lit(None, dtype=pl.Float64))
    (finding,) = checks.null_shares(HOME_CREDIT, empty)
    assert finding.feature == "application__external_score__3__score"


def test_a_file_that_was_cut_off_breaks_them(tables: dict[str, pl.LazyFrame]) -> None:
    cut = {**tables, "installments_payments": tables["installments_payments"].head(600)}
    found = checks.null_shares(HOME_CREDIT, build_features(HOME_CREDIT, cut).collect())
    assert {f.feature.split("__")[0] for f in found} >= {"installments"}
    assert checks.refuses(found)
