"""The reference as a table and back; made from a real scorer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from credit_platform.errors import FeatureError, ModellingError, RecordError
from credit_platform.features import build_features
from credit_platform.monitoring.drift.reference import NONE, REFERENCE_COLUMNS, REQUEST, STORED, Reference
from credit_platform.monitoring.drift.training import make_reference
from credit_platform_tests.small_scorer import raw_applications, save_small_scorer
from credit_platform_tests.unit.monitoring.drift.made_up import MODEL, RULE, people, reference_of


def same(one: Reference, other: Reference) -> None:
    assert one.rule == other.rule
    assert [cells.name for cells in one.cells] == [cells.name for cells in other.cells]
    for mine, theirs in zip(one.cells, other.cells, strict=True):
        assert (mine.role, mine.kind, mine.categories) == (theirs.role, theirs.kind, theirs.categories)
        assert np.array_equal(mine.edges, theirs.edges)
        assert np.array_equal(mine.bins, theirs.bins)
    assert list(one.counts) == list(other.counts)
    assert all(np.array_equal(one.counts[name], other.counts[name]) for name in one.counts)
    assert np.array_equal(one.importance, other.importance)
    assert np.array_equal(one.score_means, other.score_means)


def test_a_table_gives_the_reference_back_whatever_the_order_of_its_rows(reference: Reference) -> None:
    several = reference_of({STORED: people(700, 1), NONE: people(300, 2, months=pl.Series([None] * 300))})
    frame = several.to_frame()
    assert frame.schema == pl.Schema(REFERENCE_COLUMNS)
    other = reference.to_frame().with_columns(model=pl.lit("another"))
    shuffled = pl.concat([other, frame]).sample(fraction=1.0, shuffle=True, seed=3)
    same(Reference.from_frame(shuffled, MODEL), several)


def test_a_model_that_nothing_was_frozen_of_is_named(reference: Reference) -> None:
    with pytest.raises(RecordError, match="no reference of model 123456789012"):
        Reference.from_frame(reference.to_frame(), "123456789012345")


def test_sources_find_their_stratum(reference: Reference) -> None:
    both = reference_of({STORED: people(50, 1), NONE: people(50, 2)})
    assert [both.stratum_for(source) for source in (REQUEST, STORED, NONE, None)] == [STORED, STORED, NONE, NONE]
    assert reference.stratum_for(REQUEST) == NONE


def test_shares_add_up(reference: Reference) -> None:
    for name in reference.numbers:
        assert reference.part(reference.shares(NONE), name).sum() == pytest.approx(1.0)
    assert reference.rows(NONE) == 20_000
    assert reference.importance.sum() == pytest.approx(1.0)
    assert reference.rule == RULE


def test_a_scorer_gives_its_reference(tmp_path: Path) -> None:
    scorer = save_small_scorer(tmp_path / "scorer")
    portfolio = scorer.portfolio
    table = portfolio.training_table
    rows = build_features(portfolio, {table: raw_applications(portfolio).lazy()}).collect()
    training, holdout = rows.head(800), rows.tail(200).rename({portfolio.target: "target"})
    made = make_reference(scorer, {NONE: training}, {NONE: holdout})
    assert made.model == scorer.digest
    assert [cells.name for cells in made.cells][:-3] == list(scorer.fitted.features)
    assert made.importance.sum() == pytest.approx(1.0)
    assert made.rows(NONE) == 800
    score = made.part(made.counts[NONE], "probability")
    assert score.sum() == 200
    p = scorer.score_features(holdout)
    accepted = made.part(made.counts[NONE], "decision")[1]
    assert accepted == (p < scorer.threshold).sum()
    assert made.part(made.counts[NONE], "target")[1:3].sum() == accepted
    with pytest.raises(ModellingError, match="nobody in none"):
        make_reference(scorer, {NONE: training.head(0)}, {NONE: holdout})
    with pytest.raises(FeatureError, match="lacks"):
        make_reference(scorer, {NONE: training.drop(scorer.fitted.features[0])}, {NONE: holdout})
