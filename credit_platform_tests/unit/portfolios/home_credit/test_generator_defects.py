"""Planted defects are where they say they are, and nothing else changes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from credit_platform.portfolios.home_credit import generator
from credit_platform.portfolios.home_credit.generator.defects import plant
from credit_platform.portfolios.home_credit.tables import TABLES


def _mean(series: pl.Series) -> float:
    return float(series.drop_nulls().cast(pl.Float64).to_numpy().mean())


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    generator.generate(folder, scale=0.001, seed=2)
    return folder


def _text(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


def _duplicates(before: pl.DataFrame, after: pl.DataFrame) -> None:
    assert len(after) == len(before) + 25
    assert after["SK_ID_BUREAU"].is_duplicated().sum() == 50


def _target(before: pl.DataFrame, after: pl.DataFrame) -> None:
    assert (after["TARGET"] == "2").sum() == 7
    assert after.drop("TARGET").equals(before.drop("TARGET"))


def _null_key(before: pl.DataFrame, after: pl.DataFrame) -> None:
    assert after["SK_ID_PREV"].null_count() == 7
    assert after.drop("SK_ID_PREV").equals(before.drop("SK_ID_PREV"))


def _flood(before: pl.DataFrame, after: pl.DataFrame) -> None:
    lost = before["SK_ID_BUREAU"] != after["SK_ID_BUREAU"]
    assert _mean(lost) == pytest.approx(0.6, abs=0.08)
    assert after.drop("SK_ID_BUREAU").equals(before.drop("SK_ID_BUREAU"))


def _thousands(before: pl.DataFrame, after: pl.DataFrame) -> None:
    ratio = before["AMT_INCOME_TOTAL"].cast(pl.Float64) / after["AMT_INCOME_TOTAL"].cast(pl.Float64)
    assert ((ratio - 1_000).abs() < 1e-6).all()


def _swap(before: pl.DataFrame, after: pl.DataFrame) -> None:
    assert before.columns != after.columns
    assert after.select(before.columns).equals(before)


def _mislabel(before: pl.DataFrame, after: pl.DataFrame) -> None:
    assert after.columns == before.columns
    assert after["CODE_GENDER"].to_list() == before["NAME_CONTRACT_TYPE"].to_list()
    assert after["NAME_CONTRACT_TYPE"].to_list() == before["CODE_GENDER"].to_list()


CHECKS: dict[str, tuple[str, Callable[[pl.DataFrame, pl.DataFrame], None]]] = {
    "duplicate_sk_id_bureau": ("bureau.csv", _duplicates),
    "target_of_2": ("application_train.csv", _target),
    "null_key": ("previous_application.csv", _null_key),
    "orphan_flood": ("bureau_balance.csv", _flood),
    "income_in_thousands": ("application_train.csv", _thousands),
    "column_swapped": ("previous_application.csv", _swap),
    "values_swapped": ("application_test.csv", _mislabel),
}


@pytest.mark.parametrize("defect", list(CHECKS))
def test_defects_of_values(defect: str, clean: Path, tmp_path: Path) -> None:
    name, check = CHECKS[defect]
    folder = tmp_path / "damaged"
    shutil.copytree(clean, folder)
    note = plant(defect, folder, 2)
    assert name in note
    check(_text(clean / name), _text(folder / name))
    others = [table.file_name for table in TABLES if table.file_name != name]
    assert all((folder / other).read_bytes() == (clean / other).read_bytes() for other in others)


def test_a_truncated_file_ends_within_a_row(clean: Path, tmp_path: Path) -> None:
    shutil.copytree(clean, tmp_path / "damaged")
    plant("truncated_file", tmp_path / "damaged", 2)
    whole = (clean / "installments_payments.csv").read_bytes()
    cut = (tmp_path / "damaged" / "installments_payments.csv").read_bytes()
    assert whole.startswith(cut)
    assert len(cut) < len(whole)
    assert cut.splitlines()[-1].count(b",") < whole.splitlines()[0].count(b",")


def test_defects_are_told_in_report_and_mark(tmp_path: Path) -> None:
    report = generator.generate(tmp_path, scale=0.001, seed=2, defects=["missing_file", "target_of_2"])
    assert not (tmp_path / "POS_CASH_balance.csv").exists()
    assert report.notes == ("POS_CASH_balance.csv: removed", "application_train.csv: TARGET set to 2 in 7 rows")
    mark = json.loads((tmp_path / generator.MARKER).read_text(encoding="utf-8"))
    assert mark["defects"] == ["missing_file", "target_of_2"]


def test_every_defect_of_the_list_is_tested() -> None:
    assert set(generator.DEFECTS) == {*CHECKS, "truncated_file", "missing_file"}
