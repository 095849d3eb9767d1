"""Names that assets and tables share."""

from __future__ import annotations

import dagster as dg
import pytest

from credit_platform.orchestration.policies import (
    AUDIT,
    DATA_ENGINEERING,
    asset_key,
    group_name,
    table_key,
    with_policies,
)


def test_keys_follow_the_design() -> None:
    key = asset_key("german_credit", "raw", "applications")
    assert key.path == ["german_credit", "raw", "applications"]
    assert table_key(key) == "german_credit/raw/applications"
    assert group_name("german_credit", "raw") == "german_credit_raw"


@pytest.mark.parametrize(
    ("layer", "name", "owner"),
    [("features", "applicants", DATA_ENGINEERING), ("features", "protected_attributes", AUDIT)],
)
def test_owner_and_group_follow_from_the_key(layer: str, name: str, owner: str) -> None:
    declared = dg.AssetSpec(asset_key("toy", layer, name), description="What it is.", kinds={"html"})
    spec = with_policies(declared)
    assert (list(spec.owners), spec.group_name) == ([owner], f"toy_{layer}")
    assert (spec.key, spec.description, spec.kinds) == (declared.key, declared.description, declared.kinds)


def test_a_layer_that_nobody_answers_for_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="unheard"):
        with_policies(dg.AssetSpec(asset_key("toy", "unheard", "of")))
