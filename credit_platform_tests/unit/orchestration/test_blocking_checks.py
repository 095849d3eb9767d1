"""No blocking check of the graph is forgotten before a table is written."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from credit_platform.definitions import build_definitions
from credit_platform.portfolios import all_portfolios, get_portfolio
from credit_platform.settings import Settings
from credit_platform.tables.before_writing import write_checks

RECORD = "governance/promotion_decision"
"""What the gate refuses is a record; it holds up what comes after, and is written all the same."""
RECORDS = (RECORD, "monitoring/drift", "serving/deployment")
"""So is what a day of decisions shows: a feed that broke has to be told, and nothing may be concluded from it. And so
is what came of bringing a Bento to where it answers."""


def blocking_checks(home: Path) -> dict[str, set[str]]:
    graph = build_definitions(Settings(home=home), portfolios=all_portfolios()).resolve_asset_graph()
    found: dict[str, set[str]] = {}
    for key in graph.asset_check_keys:
        if graph.get_check_spec(key).blocking:
            found.setdefault("/".join(key.asset_key.path), set()).add(key.name)
    return found


def test_every_blocking_check_is_asked_before_its_table_is_written(tmp_path: Path) -> None:
    found = blocking_checks(tmp_path)
    assert {key for key in found if key.endswith(RECORDS)} == {
        f"{p.name}/{r}" for p in all_portfolios() for r in RECORDS
    }
    asked = {key: {check.name for check in write_checks(key)} for key in found if not key.endswith(RECORDS)}
    assert asked == {key: names for key, names in found.items() if not key.endswith(RECORDS)}


@pytest.mark.parametrize("family", ["raw", "quality", "aggregates", "features", "models", "governance", "serving"])
def test_every_family_of_tables_has_one(family: str, tmp_path: Path) -> None:
    assert any(key.startswith(f"home_credit/{family}/") for key in blocking_checks(tmp_path))


@pytest.mark.parametrize(
    "key",
    [
        "german_credit/raw/applications__rejected",
        *(f"german_credit/{record}" for record in RECORDS),
        "german_credit/unheard/of",
        "unknown/raw/applications",
    ],
)
def test_other_tables_have_none(key: str) -> None:
    assert write_checks(key) == []


def test_those_to_be_scored_are_read_after_those_with_an_outcome(tmp_path: Path) -> None:
    portfolio = get_portfolio("home_credit")
    graph = build_definitions(Settings(home=tmp_path), portfolios=[portfolio]).resolve_asset_graph()
    training, scoring = (
        dg.AssetKey(["home_credit", "raw", str(n)]) for n in (portfolio.training_table, portfolio.scoring_table)
    )
    assert training in graph.get(scoring).parent_keys


def test_every_asset_has_a_check(tmp_path: Path) -> None:
    graph = build_definitions(Settings(home=tmp_path), portfolios=all_portfolios()).resolve_asset_graph()
    checked = {key.asset_key for key in graph.asset_check_keys}
    assert graph.get_all_asset_keys() - checked == set()
