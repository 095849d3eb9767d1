"""Generated files satisfy the contracts, hang together and tell a consistent story."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from credit_platform.errors import GenerationError
from credit_platform.portfolios.home_credit import generator
from credit_platform.portfolios.home_credit.generator import GenerationReport
from credit_platform.portfolios.home_credit.tables import TABLES
from credit_platform.portfolios.source_table import Column, ColumnType, SourceTable

SMALL = 0.0015
DRIFTED = 0.004
"""Some two hundred applicants to be scored: enough for means that are compared with those of the very same people."""
Frames = dict[str, pl.DataFrame]


def _mean(series: pl.Series) -> float:
    return float(series.drop_nulls().cast(pl.Float64).to_numpy().mean())


@pytest.fixture(scope="module")
def frames(generated: GenerationReport) -> Frames:
    types = {ColumnType.STRING: pl.String, ColumnType.FLOAT64: pl.Float64}
    return {
        table.name: pl.read_csv(
            generated.folder / table.file_name,
            schema=pl.Schema({column.name: types.get(column.type, pl.Int64) for column in table.columns}),
        )
        for table in TABLES
    }


def test_row_counts_are_exact(frames: Frames) -> None:
    wanted = generator.scaled_rows(0.02)
    assert {name: len(frame) for name, frame in frames.items()} == wanted
    assert generator.scaled_rows(1.0) == generator.REAL_ROWS


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_value_satisfies_its_contract(table: SourceTable, frames: Frames) -> None:
    frame = frames[table.name]
    for column in table.columns:
        assert _valid(frame[column.name], column), column.name
    if table.primary_key:
        assert frame.select(table.primary_key).is_duplicated().sum() == 0


def _valid(series: pl.Series, column: Column) -> bool:
    present = series.drop_nulls()
    if not column.nullable and len(present) < len(series):
        return False
    if column.sentinel is not None:
        present = present.filter(present != column.sentinel)
    if column.allowed is not None:
        return bool(present.is_in(list(column.allowed)).all())
    low = -np.inf if column.minimum is None else column.minimum
    high = np.inf if column.maximum is None else column.maximum
    return bool(((present >= low) & (present <= high)).all())


def test_applicants_of_all_files_are_known(frames: Frames) -> None:
    applicants = pl.concat([frames["application_train"]["SK_ID_CURR"], frames["application_test"]["SK_ID_CURR"]])
    assert applicants.n_unique() == len(applicants)
    for name in ("bureau", "previous_application", "pos_cash_balance", "credit_card_balance", "installments_payments"):
        assert frames[name]["SK_ID_CURR"].is_in(applicants.implode()).all()


@pytest.mark.parametrize(
    ("table", "key", "parent", "share"),
    [
        ("bureau_balance", "SK_ID_BUREAU", "bureau", 0.11),
        ("installments_payments", "SK_ID_PREV", "previous_application", 0.09),
        ("credit_card_balance", "SK_ID_PREV", "previous_application", 0.28),
    ],
)
def test_orphans_are_as_many_as_in_the_real_files(
    frames: Frames, table: str, key: str, parent: str, share: float
) -> None:
    known = frames[table][key].is_in(frames[parent][key].implode())
    assert 1 - _mean(known) == pytest.approx(share, abs=0.05)


def test_people_without_employer_are_the_sentinel_rows(frames: Frames) -> None:
    for name in ("application_train", "application_test"):
        sentinel = frames[name]["DAYS_EMPLOYED"] == 365_243
        assert (sentinel == (frames[name]["ORGANIZATION_TYPE"] == "XNA")).all()
        assert _mean(sentinel) == pytest.approx(0.187, abs=0.02)


def test_household_and_car_agree_with_family_and_ownership(frames: Frames) -> None:
    train = frames["application_train"]
    couple = train["NAME_FAMILY_STATUS"].is_in(["Married", "Civil marriage"]).cast(pl.Int64)
    assert (train["CNT_FAM_MEMBERS"] == 1 + train["CNT_CHILDREN"] + couple).all()
    assert (train["OWN_CAR_AGE"].is_not_null() == (train["FLAG_OWN_CAR"] == "Y")).all()
    assert ((train["DAYS_EMPLOYED"] == 365_243) | (train["DAYS_EMPLOYED"] > train["DAYS_BIRTH"] + 15 * 365)).all()


def test_default_rate_is_that_of_the_real_file(frames: Frames) -> None:
    assert _mean(frames["application_train"]["TARGET"]) == pytest.approx(0.0807, abs=0.012)


def test_external_scores_rank_the_outcome(frames: Frames) -> None:
    train = frames["application_train"].drop_nulls("EXT_SOURCE_2")
    correlation = np.corrcoef(train["EXT_SOURCE_2"].to_numpy(), train["TARGET"].to_numpy())[0, 1]
    assert -0.22 < correlation < -0.11


def test_late_payers_default_more(frames: Frames) -> None:
    late = (
        frames["installments_payments"]
        .group_by("SK_ID_CURR")
        .agg((pl.col("DAYS_ENTRY_PAYMENT") > pl.col("DAYS_INSTALMENT")).mean().alias("late"))
    )
    joined = frames["application_train"].join(late, on="SK_ID_CURR").drop_nulls("late")
    assert np.corrcoef(joined["late"].to_numpy(), joined["TARGET"].to_numpy())[0, 1] > 0.04


def test_closed_bureau_loans_ended_after_they_began(frames: Frames) -> None:
    bureau = frames["bureau"]
    active = bureau["CREDIT_ACTIVE"] == "Active"
    assert (bureau["DAYS_ENDDATE_FACT"].is_null() == active).all()
    ended = bureau.filter(~active)
    assert (ended["DAYS_ENDDATE_FACT"] >= ended["DAYS_CREDIT"]).all()
    assert (ended["AMT_CREDIT_SUM_DEBT"].drop_nulls() <= 0).all()


def test_statuses_stay_closed_and_months_are_without_gap(frames: Frames) -> None:
    ordered = frames["bureau_balance"].sort("SK_ID_BUREAU", "MONTHS_BALANCE")
    per_loan = ordered.group_by("SK_ID_BUREAU").agg(
        pl.len().alias("rows"),
        (pl.col("MONTHS_BALANCE").max() - pl.col("MONTHS_BALANCE").min() + 1).alias("span"),
        ((pl.col("STATUS") == "C") & (pl.col("STATUS").shift(-1) == "0")).any().alias("reopened"),
    )
    assert (per_loan["rows"] == per_loan["span"]).all()
    assert not per_loan["reopened"].any()


def test_instalments_left_never_rise(frames: Frames) -> None:
    rise = (
        frames["pos_cash_balance"]
        .drop_nulls("CNT_INSTALMENT_FUTURE")
        .sort("SK_ID_PREV", "MONTHS_BALANCE")
        .group_by("SK_ID_PREV")
        .agg(pl.col("CNT_INSTALMENT_FUTURE").diff().max().alias("rise"))["rise"]
    )
    assert (rise.drop_nulls() <= 0).all()


def test_card_balances_follow_drawings_and_payments(frames: Frames) -> None:
    cards = frames["credit_card_balance"].sort("SK_ID_PREV", "MONTHS_BALANCE")
    before = pl.col("AMT_BALANCE").shift(1).over("SK_ID_PREV")
    checked = cards.with_columns(
        (before * 1.022 + pl.col("AMT_DRAWINGS_CURRENT") - pl.col("AMT_PAYMENT_TOTAL_CURRENT")).alias("expected")
    ).filter(pl.col("expected") > 300)
    assert len(checked) > 10_000
    assert ((checked["AMT_BALANCE"] - checked["expected"]).abs() < 1.0).all()


def test_parts_paid_add_up_to_the_instalment(frames: Frames) -> None:
    payments = frames["installments_payments"].filter(pl.col("NUM_INSTALMENT_VERSION") > 0)
    per_instalment = payments.group_by("SK_ID_PREV", "NUM_INSTALMENT_NUMBER").agg(
        pl.col("AMT_INSTALMENT").first().alias("due"), pl.col("AMT_PAYMENT").sum().alias("paid")
    )
    full = (per_instalment["due"] - per_instalment["paid"]).abs() < 0.1
    assert _mean(full) > 0.97
    assert (per_instalment["paid"] <= per_instalment["due"] + 0.1).all()


def test_files_are_marked_as_synthetic(generated: GenerationReport, tmp_path: Path) -> None:
    mark = json.loads((generated.folder / generator.MARKER).read_text(encoding="utf-8"))
    assert mark["synthetic"] is True
    assert (mark["seed"], mark["scale"], mark["rows"]) == (7, 0.02, generated.rows)
    assert generator.is_synthetic(generated.folder)
    assert not generator.is_synthetic(tmp_path)


def test_same_seed_gives_same_bytes_whatever_the_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("credit_platform.portfolios.home_credit.generator.run.CHUNK_APPLICANTS", 150)
    seen: list[float] = []
    generator.generate(tmp_path / "a", scale=SMALL, seed=3, workers=1, progress=lambda _, share: seen.append(share))
    generator.generate(tmp_path / "b", scale=SMALL, seed=3, workers=3)
    generator.generate(tmp_path / "c", scale=SMALL, seed=4, workers=1)
    assert len(seen) > 2
    assert seen[-1] == 1.0
    for table in TABLES:
        first = (tmp_path / "a" / table.file_name).read_bytes()
        assert first == (tmp_path / "b" / table.file_name).read_bytes()
        assert first != (tmp_path / "c" / table.file_name).read_bytes()
        assert first.count(b"\n") == generator.scaled_rows(SMALL)[table.name] + 1


def test_ids_stay_unique_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = generator.scaled_rows(0.004)
    parts = [generator.draw_chunk(1, index, 4, rows) for index in range(4)]
    for table, key in (
        ("bureau", "SK_ID_BUREAU"),
        ("previous_application", "SK_ID_PREV"),
        ("application_train", "SK_ID_CURR"),
    ):
        ids = pl.concat([part[table][key] for part in parts])
        assert ids.n_unique() == len(ids) == rows[table]
    months = pl.concat([part["bureau_balance"].select("SK_ID_BUREAU", "MONTHS_BALANCE") for part in parts])
    assert months.is_duplicated().sum() == 0


@pytest.mark.parametrize(
    "options", [{"scale": 0.0}, {"scale": 100.0}, {"drift": ["unknown"]}, {"defects": ["unknown"]}]
)
def test_wrong_options_are_refused_with_the_cure(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(GenerationError, match="Use"):
        generator.generate(tmp_path, **options)


def _test_file(folder: Path) -> pl.DataFrame:
    return pl.read_csv(folder / "application_test.csv", infer_schema_length=None)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    folder = tmp_path_factory.mktemp("plain")
    generator.generate(folder, scale=DRIFTED, seed=5)
    return _test_file(folder)


@pytest.mark.parametrize("drift", list(generator.DRIFTS))
def test_drifts_shift_the_applicants_to_be_scored(drift: str, plain: pl.DataFrame, tmp_path: Path) -> None:
    generator.generate(tmp_path, scale=DRIFTED, seed=5, drift=[drift])
    shifted = _test_file(tmp_path)
    effects = {
        "income_inflation": ("AMT_INCOME_TOTAL", 1.25, 1.4),
        "younger_applicants": ("DAYS_BIRTH", 0.7, 0.9),
        "riskier_applicants": ("EXT_SOURCE_2", 0.5, 0.97),
        "score_shift": ("EXT_SOURCE_2", 0.79, 0.81),
    }
    if drift == "bureau_outage":
        assert shifted["EXT_SOURCE_3"].null_count() > 0.6 * len(shifted)
        return
    column, low, high = effects[drift]
    ratio = _mean(shifted[column]) / _mean(plain[column])
    assert low < ratio < high
