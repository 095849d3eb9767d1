"""Charts hold the figures they are given."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.console import charts
from credit_platform.console.texts import Texts

TEXTS = Texts("en", "german_credit")
EXPLANATION = {
    "base_value": -1.0,
    "log_odds": 0.5,
    "waterfall": [
        {"reason": "loan_amount", "contribution": 2.0, "start": -1.0, "end": 1.0},
        {"reason": "savings", "contribution": -0.5, "start": 1.0, "end": 0.5},
    ],
}


@given(st.floats(-700, 700))
def test_probability_is_the_inverse_of_log_odds(value: float) -> None:
    p = charts.probability(value)
    assert 0 <= p <= 1
    assert charts.probability(-value) == pytest.approx(1 - p, abs=1e-12)
    if abs(value) < 20:
        assert math.log(p / (1 - p)) == pytest.approx(value, abs=1e-6)


def test_the_waterfall_has_a_bar_for_each_subject_between_the_two_ends() -> None:
    bars, ends, _ = charts.waterfall(EXPLANATION, TEXTS)["layer"]
    rows = bars["data"]["values"]
    assert [(row["subject"], row["effect"]) for row in rows] == [
        ("Amount of the loan", "raises the risk"),
        ("Savings", "lowers the risk"),
    ]
    assert [row["after"] for row in rows] == ["73.1%", "62.2%"]
    order = bars["encoding"]["y"]["sort"]
    assert order == ["Average applicant", "Amount of the loan", "Savings", "This applicant"]
    assert [end["at"] for end in ends["data"]["values"]] == [-1.0, 0.5]
    assert charts.waterfall_height(EXPLANATION) > 24 * len(order)


def test_weak_steps_of_a_long_waterfall_are_one_that_ends_where_they_do() -> None:
    contributions = [1.0 / (n + 1) * (-1) ** n for n in range(20)]
    places = [sum(contributions[:n]) for n in range(21)]
    steps = [
        {"reason": f"family_{n}", "contribution": one, "start": places[n], "end": places[n + 1]}
        for n, one in enumerate(contributions)
    ]
    explanation = {"base_value": 0.0, "log_odds": places[-1], "waterfall": steps}
    rows = charts.waterfall(explanation, TEXTS)["layer"][0]["data"]["values"]
    assert [row["subject"] for row in rows[11:]] == ["family 11", "8 other subjects"]
    assert [rows[-1]["start"], rows[-1]["end"]] == [places[12], places[20]]
    assert (rows[-1]["effect"] == "raises the risk") == (places[20] > places[12])
    # Thirteen are drawn as they are: one line for one step would hide it and save nothing.
    assert len(charts.waterfall({**explanation, "waterfall": steps[:13]}, TEXTS)["layer"][0]["data"]["values"]) == 13


@given(st.lists(st.floats(0, 1), max_size=60))
def test_a_histogram_counts_everybody_once(values: list[float]) -> None:
    spec = charts.histogram({"a": values}, TEXTS, colours=["#000"], marks={"limit": 0.2}, stacked=True)
    bars = spec["layer"][0]["data"]["values"]
    assert sum(bar["count"] for bar in bars) == len(values)
    for value in values:
        assert any(bar["low"] - 1e-9 <= value <= bar["high"] + 1e-9 for bar in bars)
    assert spec["layer"][1]["data"]["values"] == [{"name": "limit 20.0%", "at": 0.2}]


def test_a_long_cost_curve_is_thinned_and_stays_within_0_and_1() -> None:
    curve = pl.DataFrame({"threshold": [n / 1000 for n in range(1200)], "cost_per_applicant": [1.0] * 1200})
    points = charts.cost_curve(curve, 0.3, Texts("fr"))["layer"][0]["data"]["values"]
    assert 100 < len(points) < 400
    assert all(0 <= point["threshold"] <= 1 for point in points)


def test_legends_are_as_narrow_as_a_phone() -> None:
    """Side by side, entries are cut off there."""
    waterfall = charts.waterfall(EXPLANATION, TEXTS)["layer"][0]["encoding"]["color"]
    layers = charts.histogram(
        {"repaid": [0.1], "not": [0.2]}, TEXTS, colours=(charts.PALE, charts.WORSE), marks={}, stacked=True
    )["layer"]
    colours = [waterfall, *(one["encoding"]["color"] for one in layers if "color" in one["encoding"])]
    assert all(one["legend"]["direction"] == "vertical" for one in colours)
