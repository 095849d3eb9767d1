"""Each feature leads to the columns it is made of; each asset to its table and its code."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from credit_platform.orchestration.lineage import feature_lineage
from credit_platform.orchestration.portfolio_graph import portfolio_definitions
from credit_platform.portfolios import get_portfolio, portfolio_names
from credit_platform.settings import Settings


def test_a_feature_of_the_application_leads_to_its_columns() -> None:
    lineage = feature_lineage(get_portfolio("german_credit"))
    amount_per_month = lineage.deps_by_column["application__instalment__amount"]
    assert [(dep.asset_key.to_user_string(), dep.column_name) for dep in amount_per_month] == [
        ("german_credit/raw/applications", "amount"),
        ("german_credit/raw/applications", "duration_months"),
    ]


@pytest.mark.parametrize("name", portfolio_names())
def test_every_feature_leads_somewhere_and_to_columns_that_are_there(name: str) -> None:
    portfolio = get_portfolio(name)
    lineage = feature_lineage(portfolio)
    assert set(lineage.deps_by_column) == {feature.name for feature in portfolio.features}
    assert all(lineage.deps_by_column.values())
    names = {feature.name for feature in portfolio.features}
    application = {column.name for column in portfolio.table(portfolio.training_table).columns}
    for feature, deps in lineage.deps_by_column.items():
        for dep in deps:
            _, layer, _ = dep.asset_key.path
            over_all = feature.startswith("cross__")
            assert dep.column_name in (application if layer == "raw" else names if over_all else {feature})


@pytest.mark.parametrize("url", [None, "s3://bucket/lake"])
def test_an_asset_leads_to_its_table_and_to_its_code(tmp_path: Path, url: str | None) -> None:
    home = tmp_path / "mes données é"
    graph = portfolio_definitions(get_portfolio("german_credit"), Settings(home=home, lakehouse_url=url))
    root = (home / "lakehouse").resolve().as_uri() if url is None else url
    for asset in graph.assets or ():
        assert isinstance(asset, dg.AssetsDefinition)
        for spec in asset.specs:
            assert spec.metadata["dagster/uri"] == f"{root}/{'/'.join(spec.key.path)}"
            (source,) = spec.metadata["dagster/code_references"].code_references
            assert Path(source.file_path).is_file()
