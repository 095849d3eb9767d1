"""Charts are PNGs that say what they show; equal figures give equal bytes."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from credit_platform.modelling import charts
from credit_platform.modelling.comparison import Comparison, compare
from credit_platform.modelling.cross_validation import CrossValidation
from credit_platform.portfolios import get_portfolio

PORTFOLIO = get_portfolio("german_credit")
Draw = Callable[[], bytes]


def validated(name: str, noise: float) -> CrossValidation:
    random = np.random.default_rng(1)
    truth = random.normal(-1.0, 1.3, size=300)
    target = (random.random(300) < 1 / (1 + np.exp(-truth))).astype(np.int8)
    margin = truth + noise * np.random.default_rng(2).normal(size=300)
    oof = pl.DataFrame(
        {
            PORTFOLIO.applicant_key: np.arange(300),
            "target": target,
            "fold": np.arange(300) % 5,
            "margin": margin,
            "probability": 1 / (1 + np.exp(-margin)),
        }
    )
    return CrossValidation(candidate=name, params={}, oof=oof, seconds=1.0)


RESULTS = [validated("random_forest", 2.0), validated("xgboost", 0.1), validated("lightgbm", 1.0)]


@pytest.fixture(scope="module")
def compared() -> Comparison:
    return compare(RESULTS, PORTFOLIO)


@pytest.fixture
def draw(compared: Comparison) -> dict[str, Draw]:
    choice = compared.thresholds["xgboost"]
    y, p = (RESULTS[1].oof[name].to_numpy() for name in ("target", "probability"))
    return {
        "roc": lambda: charts.roc(RESULTS),
        "precision_recall": lambda: charts.precision_recall(RESULTS),
        "cost_curve": lambda: charts.cost_curve(choice),
        "comparison": lambda: charts.comparison(compared.table),
        "reliability": lambda: charts.reliability(y, p),
    }


ALL = ["roc", "precision_recall", "cost_curve", "comparison", "reliability"]


def axes_of(name: str, draw: dict[str, Draw], monkeypatch: pytest.MonkeyPatch) -> list[Axes]:
    figures: list[Figure] = []
    monkeypatch.setattr(charts, "_png", figures.append)
    draw[name]()
    return figures[0].axes


def legend(axes: Axes) -> list[str]:
    found = axes.get_legend()
    assert found is not None
    return [text.get_text() for text in found.get_texts()]


@pytest.mark.parametrize("name", ALL)
def test_a_chart_is_a_png_and_repeats_itself(name: str, draw: dict[str, Draw]) -> None:
    png = draw[name]()

    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    assert (400 < width < 1500, 200 < height < 1000) == (True, True)
    assert draw[name]() == png


@pytest.mark.parametrize("name", ALL)
def test_every_axis_is_labelled(name: str, draw: dict[str, Draw], monkeypatch: pytest.MonkeyPatch) -> None:
    panels = axes_of(name, draw, monkeypatch)

    assert any(axes.get_title() for axes in panels)
    # Panels of one column share their x axis; bars name candidates instead of a y axis.
    assert panels[-1].get_xlabel()
    assert all(axes.get_ylabel() for axes in panels) or name == "comparison"


def test_curves_name_each_candidate_best_first(draw: dict[str, Draw], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, chance in (("roc", "Chance (AUC 0.500)"), ("precision_recall", "Chance (")):
        texts = legend(axes_of(name, draw, monkeypatch)[0])
        assert [text.split(" (")[0] for text in texts[:3]] == ["XGBoost", "LightGBM", "Random forest"]
        assert texts[3].startswith(chance)


def test_the_cost_curve_shows_what_a_committee_asks_for(
    draw: dict[str, Draw], compared: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    axes = axes_of("cost_curve", draw, monkeypatch)[0]

    choice = compared.thresholds["xgboost"]
    texts = " | ".join(legend(axes))
    for part in ("Cost", "Grid", "Accept all", "Refuse all", f"Break-even: {1 / 6:.3f}", f"{choice.threshold:.3f}"):
        assert part in texts
    assert f"{choice.cost_per_applicant_cross_fitted:.3f}" in axes.get_title()


def test_the_comparison_lists_the_winner_first_and_in_colour(
    draw: dict[str, Draw], compared: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, right = axes_of("comparison", draw, monkeypatch)

    # The vertical axis points up, so the first in the table is the last tick.
    assert [tick.get_text() for tick in left.get_yticklabels()][::-1] == compared.table["title"].to_list()
    assert left.patches[-1].get_facecolor()[:3] != left.patches[0].get_facecolor()[:3]
    assert right.get_xlim() == (0.5, 1.0)


def test_long_curves_are_thinned_to_what_the_eye_sees() -> None:
    curve = pl.DataFrame({"x": np.arange(50_000)})

    thinned = charts._thin(curve)["x"]

    assert (thinned.len(), thinned[0], thinned[-1]) == (2000, 0, 49_999)


def test_pyplot_is_not_loaded() -> None:
    script = "import sys, credit_platform.modelling.charts; sys.exit('matplotlib.pyplot' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
