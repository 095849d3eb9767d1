"""Keys are put together and taken apart in one way."""

from __future__ import annotations

import pytest

from credit_platform.portfolios import keys


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (keys.raw_key("p", "loans"), "p/raw/loans"),
        (keys.rejected_key("p", "loans"), "p/raw/loans__rejected"),
        (keys.applicants_key("p"), "p/features/applicants"),
        (keys.scorer_key("p"), "p/models/scorer"),
        (keys.decision_key("p"), "p/governance/promotion_decision"),
        (keys.champion_key("p"), "p/serving/promoted_model"),
        (keys.bento_key("p"), "p/serving/bento"),
        (keys.monitoring_key("p", "drift"), "p/monitoring/drift"),
    ],
)
def test_a_key_is_portfolio_layer_and_name(key: str, expected: str) -> None:
    assert key == expected
    assert keys.table_key(*keys.split_key(key)) == key
    assert keys.is_whole(key)
    assert key.startswith(keys.tables_of("p"))
    assert keys.siblings_of(key) == keys.tables_of("p")


@pytest.mark.parametrize("name", ["", "a", "a/b", "a//b", "a/b/c/d"])
def test_what_is_no_key_is_told_apart(name: str) -> None:
    assert not keys.is_whole(name)


@pytest.mark.parametrize(
    ("key", "command"),
    [
        (keys.raw_key("p", "loans"), "credit-platform run p"),
        (keys.bento_key("p"), "credit-platform run p"),
        (keys.monitoring_key("p", "drift"), "credit-platform run p --monitoring"),
        (keys.deployment_key("p"), "credit-platform deploy p"),
    ],
)
def test_a_table_is_made_again_by_the_command_that_makes_it(key: str, command: str) -> None:
    assert keys.command_of(key) == command
