"""Tables that are computed of stored ones: of which inputs and code they say they are, and what is in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from credit_platform.features import feature_version
from credit_platform.lakehouse import CommitInfo, Lakehouse, StoredTable
from credit_platform.lakehouse.engines import PolarsEngine
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import applicants_key, raw_key
from credit_platform.settings import Settings
from credit_platform.tables.derived import aggregate_table, applicants_table, catalogue_table, protected_table
from credit_platform_tests.small_scorer import raw_applications
from credit_platform_tests.unit.features.toy import HISTORY, TOY, make_tables

PORTFOLIO = get_portfolio("german_credit")


@pytest.fixture
def raw(tmp_path: Path) -> StoredTable:
    """The shipped applications in an order that is not that of the keys, and called synthetic."""
    lakehouse, key = Lakehouse(str(tmp_path / "lakehouse")), raw_key(PORTFOLIO.name, "applications")
    lakehouse.write(key, raw_applications(PORTFOLIO).reverse(), info=CommitInfo(synthetic=True))
    return lakehouse.read(key)


def test_the_feature_table_knows_its_definitions_and_where_it_comes_from(raw: StoredTable, tmp_path: Path) -> None:
    table = applicants_table(PORTFOLIO, {"applications": raw}, PolarsEngine(), tmp_path)
    rows = table.frame.lazy().collect()
    assert rows[PORTFOLIO.applicant_key].to_list() == list(range(1000, 0, -1)), "in the order of what it is made of"
    assert {feature.name for feature in PORTFOLIO.features} < set(rows.columns)
    assert table.summary == {"feature_version": feature_version(PORTFOLIO)}
    assert table.info is not None
    assert (table.info.code_version, table.info.number_of_features, table.info.synthetic) == (
        feature_version(PORTFOLIO),
        len(PORTFOLIO.features),
        True,
    )


def test_protected_attributes_are_in_a_table_of_their_own(raw: StoredTable, tmp_path: Path) -> None:
    protected = [c.name for c in PORTFOLIO.application_columns if c.protected is not None]
    rows = protected_table(PORTFOLIO, {"applications": raw}, PolarsEngine(), tmp_path).frame.lazy().collect()
    assert set(protected) <= set(rows.columns)
    assert rows.height == 1000
    features = applicants_table(PORTFOLIO, {"applications": raw}, PolarsEngine(), tmp_path).frame.lazy()
    assert not set(protected) & set(features.collect_schema())


def test_an_aggregate_has_a_row_for_each_applicant_with_a_history(tmp_path: Path) -> None:
    lakehouse, tables = Lakehouse(str(tmp_path / "lakehouse")), make_tables()
    lakehouse.write("toy/raw/loans", tables["loans"])
    portfolio = replace(TOY, name=PORTFOLIO.name)  # a code version is taken of a folder of `portfolios/`
    table = aggregate_table(portfolio, HISTORY, {"loans": lakehouse.read("toy/raw/loans")}, PolarsEngine(), tmp_path)
    rows = table.frame.lazy().collect()
    known = tables["loans"].filter(pl.col("day") <= 0)
    assert rows[TOY.applicant_key].sort().to_list() == sorted(known[TOY.applicant_key].unique())
    assert table.info is not None
    assert table.info.number_of_features == len(HISTORY.all_features)


def test_the_catalogue_is_written_as_a_page_for_people_and_as_a_table(raw: StoredTable, tmp_path: Path) -> None:
    settings, lakehouse = Settings(home=tmp_path), Lakehouse(str(tmp_path / "lakehouse"))
    features = applicants_table(PORTFOLIO, {"applications": raw}, PolarsEngine(), tmp_path)
    lakehouse.write(applicants_key(PORTFOLIO.name), features.frame, info=CommitInfo(synthetic=True))
    table, page = catalogue_table(PORTFOLIO, settings, lakehouse.read(applicants_key(PORTFOLIO.name)))
    assert b"synthetic" in Shelf.of(settings).store.get(page).lower()
    folder = settings.reports_folder(PORTFOLIO.name)
    assert {path.suffix for path in folder.iterdir()} == {".html", ".md", ".csv"}
    assert table.frame.lazy().collect().height == len(PORTFOLIO.features)
