"""Which assets a job takes along."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from credit_platform.orchestration.jobs import features_job
from credit_platform.orchestration.policies import table_key
from credit_platform.orchestration.portfolio_graph import portfolio_definitions
from credit_platform.orchestration.resources import build_resources
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform_tests.unit.features.toy import TOY

GERMAN_CREDIT = get_portfolio("german_credit")


def layers(job: str, home: Path) -> set[str]:
    settings = Settings(home=home)
    definitions = dg.Definitions.merge(
        portfolio_definitions(GERMAN_CREDIT, settings), dg.Definitions(resources=build_resources(settings))
    )
    selected = definitions.resolve_job_def(job).asset_layer.selected_asset_keys
    return {table_key(key).split("/")[1] for key in selected}


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        ("german_credit", {"raw", "quality", "features", "models", "governance", "serving"}),
        ("german_credit_ingestion", {"raw", "quality"}),
        ("german_credit_features", {"features"}),
        ("german_credit_serving", {"serving"}),
        ("german_credit_monitoring", {"monitoring"}),
    ],
)
def test_a_job_takes_its_layers(job: str, expected: set[str], tmp_path: Path) -> None:
    assert layers(job, tmp_path) == expected


def test_features_of_a_portfolio_with_histories_take_the_aggregates_along() -> None:
    chosen = features_job(TOY).selection
    assert chosen == dg.AssetSelection.groups("toy_aggregates", "toy_features")


def test_every_run_has_a_time_limit_and_names_its_portfolio(tmp_path: Path) -> None:
    definitions = portfolio_definitions(GERMAN_CREDIT, Settings(home=tmp_path))
    for job in definitions.jobs or ():
        assert job.run_tags == {"dagster/max_runtime": "7200"}
        assert (job.tags or {})["portfolio"] == "german_credit"
