"""Evidence of another scorer, bare figures and a registry that disagrees are told or refused."""

from __future__ import annotations

import polars as pl
import pytest

from credit_platform.governance.judges import about_the_scorer, alias_agrees, every_figure_sourced, registered_as

ONE, OTHER = "1" * 64, "2" * 64
FIGURES = {"document": ["model_card"], "text": ["0.78"], "table": ["models/scorer"]}


@pytest.mark.parametrize(
    ("digest", "scorer", "passes"), [(ONE, ONE, True), (ONE, OTHER, False), (None, ONE, False), (ONE, None, False)]
)
def test_evidence_is_about_the_scorer_in_force(digest: str | None, scorer: str | None, passes: bool) -> None:
    verdict = about_the_scorer(digest, scorer)
    assert (verdict.passed, verdict.refuses) == (passes, False)
    assert ("make it again" in verdict.message) is not passes


def test_nothing_is_not_about_nothing() -> None:
    assert not about_the_scorer(None, None).passed
    assert not registered_as(None, None, "1").passed
    assert not alias_agrees(None, None).passed


def test_every_figure_says_where_it_comes_from() -> None:
    assert every_figure_sourced(pl.LazyFrame(FIGURES)).passed
    assert every_figure_sourced(pl.LazyFrame(FIGURES).head(0)).refuses
    for column in ("text", "table"):
        assert every_figure_sourced(pl.LazyFrame({**FIGURES, column: [" "]})).refuses
        assert every_figure_sourced(
            pl.LazyFrame({**FIGURES, column: [None]}, schema_overrides={column: pl.String})
        ).refuses


def test_the_registry_holds_what_is_recorded() -> None:
    assert registered_as(ONE, ONE, "3").passed
    other = registered_as(ONE, OTHER, "3")
    assert not other.passed
    assert "Version 3 of the registry holds scorer 222222222222, recorded is 111111111111" in other.message
    assert not registered_as(ONE, None, "3").passed


def test_the_alias_is_on_the_promoted_version() -> None:
    assert alias_agrees("3", "3").passed
    assert "promoted model is version 3" in alias_agrees("3", "4").message
    assert not alias_agrees("3", None).passed
