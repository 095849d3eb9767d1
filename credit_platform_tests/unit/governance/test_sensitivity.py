"""Steps that an applicant can take, with everything that depends on an answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from credit_platform.features import build_features
from credit_platform.governance.sensitivity import answers_behind, sensitivity, steps
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.source_table import Column, ColumnType
from credit_platform.scoring import Scorer
from credit_platform_tests.small_scorer import raw_applications, save_small_scorer

GERMAN = get_portfolio("german_credit")


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    return save_small_scorer(tmp_path_factory.mktemp("scorer") / "scorer")


@pytest.fixture(scope="module")
def raw() -> pl.DataFrame:
    return raw_applications(GERMAN).tail(60)


@pytest.fixture(scope="module")
def rows(raw: pl.DataFrame) -> pl.DataFrame:
    return build_features(GERMAN, {GERMAN.training_table: raw.lazy()}).collect()


def applied(column: Column, values: list[object]) -> dict[str, list[object]]:
    series = pl.Series(column.name, values)
    frame = series.to_frame()
    return {
        name: frame.select(step.alias(column.name))[column.name].to_list()
        for name, step in steps(column, series).items()
    }


def column(kind: ColumnType, **more: object) -> Column:
    return Column(name="c", type=kind, description="", **more)  # type: ignore[arg-type]  # given by the case


def test_a_yes_or_no_is_flipped_and_who_gave_none_gives_none() -> None:
    assert applied(column(ColumnType.INT8, allowed=(0, 1)), [1, 0, None, 0]) == {"flipped": [0, 1, None, 1]}


def test_a_category_becomes_the_most_frequent_other_one() -> None:
    found = applied(column(ColumnType.STRING, allowed=("a", "b", "c", "x"), sentinel="x"), ["a", "a", "b", "x"])
    assert found == {"to a, or from there to b": ["b", "b", "a", "x"]}


def test_a_count_moves_by_one_and_stays_within_its_range() -> None:
    found = applied(column(ColumnType.INT8, minimum=1, maximum=4), [1, 4, None])
    assert found == {"one more": [2, 4, None], "one less": [1, 3, None]}


def test_other_numbers_move_by_a_share_and_whole_ones_stay_whole() -> None:
    whole = applied(column(ColumnType.INT32, maximum=1050), [*range(990, 1010)])
    assert whole["10% less"][0] == 891
    assert whole["10% more"][0] == 1050
    parts = applied(column(ColumnType.FLOAT64), [1.0, 2.5])
    assert parts["10% more"] == pytest.approx([1.1, 2.75])


def test_where_all_say_the_same_or_nothing_no_step_exists() -> None:
    assert applied(column(ColumnType.STRING, allowed=("a", "b")), ["a", "a"]) == {}
    assert applied(column(ColumnType.FLOAT64), [None, None]) == {}


def test_every_feature_of_an_answer_moves_with_it(scorer: Scorer, raw: pl.DataFrame, rows: pl.DataFrame) -> None:
    table = sensitivity(scorer, rows, raw, ["amount"])
    assert table["step"].to_list() == ["10% more", "10% less"]
    more = raw.with_columns((pl.col("amount") * 1.1).round().clip(100, 100_000).cast(raw["amount"].dtype))
    built = build_features(GERMAN, {GERMAN.training_table: more.lazy()}).collect()
    moved = [name for name in rows.columns if not built[name].equals(rows[name])]
    assert len(moved) > 1, "the instalment, the interest and others follow the amount"
    change = scorer.score_features(built) - scorer.score_features(rows)
    assert table["mean_change"][0] == pytest.approx(float(change.mean()))
    assert table["largest_change"][0] == pytest.approx(float(abs(change).max()))
    assert sensitivity(scorer, rows, raw, []).height == 0


def test_a_portfolio_with_applicants_to_score_and_histories_is_varied_as_well(
    scorer: Scorer, raw: pl.DataFrame, rows: pl.DataFrame, tmp_path: Path
) -> None:
    table = GERMAN.table(GERMAN.training_table)
    more = replace(
        table, name="to_score", columns=tuple(column for column in table.columns if column.name != GERMAN.target)
    )
    portfolio = replace(GERMAN, tables=(table, more), scoring_table="to_score")
    scorer.save(tmp_path / "scorer")
    other = Scorer.load(tmp_path / "scorer", portfolio=portfolio)
    assert sensitivity(other, rows, raw, ["purpose"]).equals(sensitivity(scorer, rows, raw, ["purpose"]))


def test_answers_are_those_that_the_strongest_features_read() -> None:
    duration = next(f.name for f in GERMAN.features if f.name == "application__duration_months")
    assert answers_behind(GERMAN, [duration, "application__purpose"]) == ("duration_months", "purpose")
    assert answers_behind(GERMAN, [f.name for f in GERMAN.features], most=3).__len__() == 3
