"""Old versions go; what a pin names, what the champion stands on, and the records stay."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import TableNotFoundError
from credit_platform.governance.retention import champion_versions, retain
from credit_platform.lakehouse import Lakehouse
from credit_platform_tests.records import promoted_model

FEATURES = "shop/features/applicants"
RAW = "shop/raw/loans"
CHAMPION = "shop/serving/promoted_model"


@pytest.fixture
def lakehouse(tmp_path: Path) -> Lakehouse:
    """Versions 0 to 3 of two tables; the champion was promoted after version 1 and trained on features version 0."""
    made = Lakehouse(str(tmp_path / "lakehouse"))
    scorer = tmp_path / "scorer"
    scorer.mkdir()
    (scorer / "provenance.json").write_text(json.dumps({"data_version": 0}), encoding="utf-8")
    for version in range(4):
        for key in (FEATURES, RAW, "other/raw/loans"):
            made.write(key, pl.DataFrame({"version": [version]}))
        if version == 1:
            champion = replace(promoted_model("d", scorer), table_version=None)
            made.write(CHAMPION, pl.DataFrame({"champion": [version]}), summary=champion.to_summary())
    return made


def left(lakehouse: Lakehouse, key: str) -> list[int]:
    return [version.version for version in lakehouse.versions(key)]


def test_the_champions_versions_are_those_of_its_day_and_what_it_was_trained_on(lakehouse: Lakehouse) -> None:
    assert champion_versions(lakehouse, "shop") == {FEATURES: {0, 1}, RAW: {1}, CHAMPION: {0}}
    assert champion_versions(lakehouse, "other") == {}


def test_a_champion_whose_folder_is_gone_keeps_what_was_current(lakehouse: Lakehouse, tmp_path: Path) -> None:
    (tmp_path / "scorer" / "provenance.json").unlink()
    assert champion_versions(lakehouse, "shop")[FEATURES] == {1}


def test_a_record_that_says_what_it_was_trained_on_needs_no_scorer(lakehouse: Lakehouse) -> None:
    newer = promoted_model("d", "nowhere").to_summary()
    lakehouse.write(CHAMPION, pl.DataFrame({"champion": [2]}), summary=newer)
    assert champion_versions(lakehouse, "shop")[FEATURES] == {0, 3}


def test_only_what_nothing_needs_goes(lakehouse: Lakehouse) -> None:
    results = retain(lakehouse, ["shop"], 1, pins={RAW: [2]}, dry_run=False)
    assert {result.key: sorted(result.removed_versions) for result in results} == {FEATURES: [2], RAW: [0]}
    assert left(lakehouse, FEATURES) == [3, 1, 0]
    assert left(lakehouse, RAW) == [3, 2, 1]
    assert left(lakehouse, "other/raw/loans") == [3, 2, 1, 0]
    assert lakehouse.scan(FEATURES, 0).collect().item() == 0


def test_a_dry_run_removes_nothing_and_names_the_same(lakehouse: Lakehouse) -> None:
    planned = retain(lakehouse, ["shop", "other"], 2, pins={}, dry_run=True)
    assert left(lakehouse, "other/raw/loans") == [3, 2, 1, 0]
    done = retain(lakehouse, ["shop", "other"], 2, pins={}, dry_run=False)
    assert [(r.key, r.files, r.bytes) for r in planned] == [(r.key, r.files, r.bytes) for r in done]
    assert left(lakehouse, "other/raw/loans") == [3, 2]


def test_the_history_of_promotions_stays(lakehouse: Lakehouse) -> None:
    for version in range(3):
        lakehouse.write("shop/governance/promotion_decision", pl.DataFrame({"promoted": [version]}))
    retain(lakehouse, ["shop"], 1, pins={}, dry_run=False)
    assert left(lakehouse, "shop/governance/promotion_decision") == [2, 1, 0]


def test_a_pin_that_names_nothing_stops_before_anything_is_removed(lakehouse: Lakehouse) -> None:
    with pytest.raises(TableNotFoundError, match=r"version 9 of shop/raw/loans.*Nothing was removed.*3, 2, 1, 0"):
        retain(lakehouse, ["shop"], 1, pins={RAW: [9]}, dry_run=False)
    assert left(lakehouse, RAW) == [3, 2, 1, 0]
