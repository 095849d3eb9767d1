"""What may not be written."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import ContractError
from credit_platform.features import build_features
from credit_platform.lakehouse import StagedTable
from credit_platform.lakehouse.csv_files import inspect_csv, scan_csv
from credit_platform.portfolios import get_portfolio
from credit_platform.quality import CheckedTable
from credit_platform.tables.contracts import enforce_on_write

PORTFOLIO = get_portfolio("german_credit")
TABLE = PORTFOLIO.tables[0]
RAW, FEATURES = "german_credit/raw/applications", "german_credit/features/applicants"


@pytest.fixture(scope="module")
def raw() -> pl.LazyFrame:
    assert PORTFOLIO.bundled_raw is not None
    return scan_csv(inspect_csv(PORTFOLIO.bundled_raw / TABLE.file_name, TABLE), TABLE).head(50).collect().lazy()


@pytest.fixture(scope="module")
def features(raw: pl.LazyFrame) -> pl.DataFrame:
    return build_features(PORTFOLIO, {TABLE.name: raw}).collect()


def test_tables_that_keep_their_contract_pass(raw: pl.LazyFrame, features: pl.DataFrame) -> None:
    enforce_on_write(RAW, raw)
    enforce_on_write(FEATURES, features.lazy())


def test_a_raw_table_that_breaks_its_contract_is_refused(raw: pl.LazyFrame) -> None:
    with pytest.raises(ContractError, match="amount"):
        enforce_on_write(RAW, raw.with_columns(amount=-pl.col("amount")))


def test_what_ingestion_has_just_checked_is_not_checked_again(raw: pl.LazyFrame, tmp_path: Path) -> None:
    broken = raw.with_columns(amount=-pl.col("amount"))
    enforce_on_write(RAW, broken, CheckedTable(tmp_path / "t.parquet", TABLE))
    other = dataclasses.replace(TABLE, contract_version="0")
    for staged in (StagedTable(tmp_path / "t.parquet"), CheckedTable(tmp_path / "t.parquet", other)):
        with pytest.raises(ContractError, match="amount"):
            enforce_on_write(RAW, broken, staged)


def test_a_feature_table_without_a_declared_feature_is_refused(features: pl.DataFrame) -> None:
    missing = PORTFOLIO.features[0].name
    frame = features.rename({missing: "something_else"}).lazy()
    with pytest.raises(ContractError, match=rf"lacks \['{missing}'\] and has unexpected \['something_else'\]"):
        enforce_on_write(FEATURES, frame)


@pytest.mark.parametrize(
    "key", ["german_credit/raw/applications__rejected", "german_credit/models/split", "unknown/raw/applications"]
)
def test_tables_without_a_declared_contract_pass(key: str) -> None:
    enforce_on_write(key, pl.LazyFrame({"whatever": [1]}))
