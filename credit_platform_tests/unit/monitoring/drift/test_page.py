"""The page: true of the day, whole, nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.monitoring.drift.drift import Drift
from credit_platform.monitoring.drift.page import POPULATIONS, render_drift_page
from credit_platform.monitoring.drift.reference import Reference
from credit_platform.monitoring.drift.target import target_drift
from credit_platform.portfolios import get_portfolio
from credit_platform.quality.pages import page_written
from credit_platform_tests.unit.monitoring.drift.made_up import CATEGORY, MODEL, drift_of, people

PORTFOLIO = get_portfolio("german_credit")


def days(reference: Reference) -> dict[str, Drift]:
    lost = people(1000, 2).with_columns(income=pl.lit(None))
    new = people(1000, 2).with_columns(pl.lit("<b>app</b>").alias(CATEGORY))
    return {
        "stable": drift_of(people(1000, 2), reference),
        "moved": drift_of(people(1000, 2, income=0.7, age=0.7, amount=0.7, score_a=0.7), reference),
        "broken": drift_of(lost, reference),
        "new": drift_of(new, reference),
        "few": drift_of(people(10, 2), reference),
        "none": drift_of(people(0, 2), reference),
    }


@pytest.mark.parametrize("name", ["stable", "moved", "broken", "new", "few", "none"])
def test_every_day_has_a_page_that_loads_nothing(reference: Reference, name: str, tmp_path: Path) -> None:
    drift = days(reference)[name]
    file = tmp_path / "drift.html"
    file.write_text(render_drift_page(PORTFOLIO, drift, reference), encoding="utf-8")
    assert page_written([file], [MODEL[:12], drift.sentence.split("'")[0].split(".")[0]]).passed
    assert "nan" not in file.read_text(encoding="utf-8").lower().replace("finance", "")


def test_it_says_what_moved_and_what_to_do(reference: Reference) -> None:
    found = days(reference)
    moved = render_drift_page(PORTFOLIO, found["moved"], reference, synthetic=True)
    assert "Retrain: three features or more have moved" in moved
    assert "consider a retraining" in moved
    assert "Synthetic data" in moved
    assert moved.count('class="drift"') == 2 * 4 + 2 + 1
    broken = render_drift_page(PORTFOLIO, found["broken"], reference)
    assert "data incident" in broken
    assert "0.0%</b> → <b>100.0%" in broken
    assert "Retrain" not in broken
    assert "A feed broke: a data incident.</strong>" in broken, "and nothing green above it"
    assert 'class="verdict stop"' in broken
    one = drift_of(people(1, 2), reference)
    assert "1 applicant is too few to compare any feature." in one.sentence
    assert "<span>decision of the day" in render_drift_page(PORTFOLIO, one, reference)
    target = target_drift(pl.DataFrame({"outcomes": [500], "defaults": [400]}), reference)
    assert "400 of 500" in render_drift_page(PORTFOLIO, found["stable"], reference, target=target)


def test_two_populations_have_no_windows(reference: Reference) -> None:
    page = render_drift_page(PORTFOLIO, days(reference)["moved"], reference, subject=POPULATIONS)
    assert "population shift" in page
    assert "in 28" not in page
    assert "by the log" not in page
