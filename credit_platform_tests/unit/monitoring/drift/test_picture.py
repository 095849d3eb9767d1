"""The picture of a day: drawn where somebody was decided about, whatever the day is like."""

from __future__ import annotations

import polars as pl
import pytest

from credit_platform.monitoring.drift.picture import drift_picture
from credit_platform.monitoring.drift.reference import Reference
from credit_platform_tests.unit.monitoring.drift.made_up import drift_of, people

PNG = b"\x89PNG"


@pytest.mark.parametrize("income", [1.0, 0.7])
def test_a_day_is_drawn(reference: Reference, income: float) -> None:
    drawn = drift_picture(drift_of(people(1000, 2, income=income), reference))
    assert drawn is not None
    assert drawn.startswith(PNG)


def test_a_broken_feed_and_few_people_are_drawn(reference: Reference) -> None:
    for day in (people(1000, 2).with_columns(income=pl.lit(None)), people(10, 2)):
        drawn = drift_picture(drift_of(day, reference))
        assert drawn is None or drawn.startswith(PNG)


def test_a_day_without_anybody_is_not(reference: Reference) -> None:
    assert drift_picture(drift_of(people(0, 2), reference)) is None
