"""Names that assets and tables share."""

from __future__ import annotations

from credit_platform.orchestration.policies import asset_key, group_name, table_key


def test_keys_follow_the_design() -> None:
    key = asset_key("german_credit", "raw", "applications")
    assert key.path == ["german_credit", "raw", "applications"]
    assert table_key(key) == "german_credit/raw/applications"
    assert group_name("german_credit", "raw") == "german_credit_raw"
