"""Sentences of the card that depend on the case in front of the reader: each is said where it is true only."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from credit_platform.governance.attributes import attribute_sentences
from credit_platform.governance.document import Block, Document, Facts, Section
from credit_platform.governance.duties import regulatory_map
from credit_platform.governance.shared_sections import (
    band_remark,
    limits,
    measure,
    omissions,
    review_band,
    verdict_notes,
)
from credit_platform.lakehouse import StoredTable, TableVersion
from credit_platform.portfolios import get_portfolio, portfolio_names


def stored(
    key: str, summary: dict[str, Any], frame: pl.DataFrame | None = None, *, synthetic: bool = False
) -> StoredTable:
    table = pl.DataFrame({"x": [1]}) if frame is None else frame
    version = TableVersion(
        key=f"p/{key}",
        version=0,
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
        rows=table.height,
        bytes=1,
        columns=table.width,
        content_hash="abc",
        synthetic=synthetic,
    )
    return StoredTable(frame=table.lazy(), summary=summary, version=version)


def written(*blocks: Block) -> str:
    return Document(name="d", title="D", sections=(Section("S", blocks),)).render("document.md.j2")


@pytest.mark.parametrize(("tp", "fp", "shown"), [(0, 0, "nobody was refused"), (1, 3, "0.250"), (0, 3, "0.250")])
def test_a_share_of_the_refused_exists_only_where_somebody_is(tp: int, fp: int, shown: str) -> None:
    facts = Facts({"threshold": stored("t", {"metrics": {"precision": 0.25, "recall": 0.5, "tp": tp, "fp": fp}})})
    assert measure(facts, "threshold", "metrics.precision", "decimal").text == shown
    assert measure(facts, "threshold", "metrics.recall", "decimal").text == "0.500"


def bands(observed: tuple[float, float, float]) -> Facts:
    rate, low, high = observed
    frame = pl.DataFrame(
        {
            "points_from": [500, 520],
            "points_to": [519, 539],
            "predicted": [0.5, 0.2],
            "default_rate": [0.5, rate],
            "default_rate_low": [0.4, low],
            "default_rate_high": [0.6, high],
        }
    )
    return Facts({"scorecard": stored("s", {}, frame), "fairness": stored("f", {"applicants": 300})})


def test_a_band_outside_its_interval_is_remarked_and_only_that_one() -> None:
    said = written(band_remark(bands((0.1, 0.05, 0.15))))
    assert "from 520 to 539 (predicted 20.0%, observed 10.0%, interval 5.0% to 15.0%)." in said
    assert "500" not in said
    assert "In every band the mean prediction lies within" in written(band_remark(bands((0.2, 0.1, 0.3))))


def test_a_verdict_is_explained_where_it_is_in_the_table() -> None:
    frame = pl.DataFrame({"intersection": [False, False, True], "verdict": ["alone", "even", "adverse"]})
    facts = Facts({"fairness": stored("f", {"least_members": 30}, frame)})
    said = written(*verdict_notes(facts))
    assert "no other group of the attribute has 30 members, so it cannot be judged" in said
    assert "adverse" not in said


def test_a_review_band_is_told_where_there_is_one() -> None:
    with_band = Facts({"threshold": stored("t", {"review": [0.1, 0.3]})})
    assert "from 10.0% to below 30.0% are decided by a person" in written(*review_band(with_band))
    assert review_band(Facts({"threshold": stored("t", {"review": None})})) == ()


@pytest.mark.parametrize("synthetic", [True, False])
def test_limits_are_those_of_the_data(*, synthetic: bool) -> None:
    soundness = {"holdout_applicants": 116, "fold_outcomes": {"-1": [7, 109]}}
    fairness = {
        "attributes": ["Gender (G) is kept out.", "Age (A) is read by 2 features of the model, and audited: x and y."]
    }
    facts = Facts(
        {
            "applicants": stored("a", {}, synthetic=synthetic),
            "soundness": stored("s", soundness),
            "fairness": stored("f", fairness),
        }
    )
    said = written(*limits(facts))
    assert ("The data are synthetic" in said) == synthetic
    assert ("loans that were granted" in said) != synthetic
    assert "116 applicants, 7 of whom defaulted" in said
    assert all(sentence in said for sentence in fairness["attributes"])


def test_the_model_without_an_attribute_is_told() -> None:
    facts = Facts({"fairness": stored("f", {"omissions": [{"sentence": "Without the 2 features that read age, …"}]})})
    assert "Without the 2 features" in written(*omissions(facts))


@pytest.mark.parametrize("name", list(portfolio_names()))
def test_no_document_tells_its_reader_what_to_type(name: str) -> None:
    """A regulator reads them; commands belong into the documentation."""
    portfolio = get_portfolio(name)
    declared = f"{portfolio.description} {portfolio.source} {portfolio.costs.source} {portfolio.economics.source}"
    for said in (declared, regulatory_map(portfolio).render("document.md.j2")):
        assert not re.search(r"credit-platform|`|\b(point the|run it|set `?CREDIT|make (demo|up))\b", said), said
    for sentence in attribute_sentences(portfolio):
        assert sentence in regulatory_map(portfolio).render("document.md.j2")
