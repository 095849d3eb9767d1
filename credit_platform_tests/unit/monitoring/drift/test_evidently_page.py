"""Evidently's page: written, with the sections that are asked for, and quiet."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import ModellingError
from credit_platform.monitoring.drift.evidently_page import most_important, write_evidently_page
from credit_platform.monitoring.drift.reference import Reference
from credit_platform_tests.unit.monitoring.drift.made_up import people


def test_the_most_important_come_first(reference: Reference) -> None:
    assert most_important(reference, 3) == ["income", "age", "amount"]
    assert len(most_important(reference)) == 9


def test_it_compares_what_both_sides_know(reference: Reference, tmp_path: Path) -> None:
    target = pl.Series("target", [0, 1] * 100)
    before = people(200, 1).with_columns(target)
    now = people(200, 2, income=2.0).with_columns(target, age=pl.lit(None, dtype=pl.Float64), amount=float("inf"))
    path = tmp_path / "mon été" / "evidently.html"
    page = write_evidently_page(path, before, now, most_important(reference, 4))
    assert page.features == ("income", "ratio")
    assert (page.rows, page.drifted, page.with_target) == ((200, 200), 1, True)
    text = path.read_text(encoding="utf-8")
    assert "income" in text
    assert "probability" in text
    assert "Synthetic data" not in text
    without = write_evidently_page(path, before.drop("target"), now, ["income"], synthetic=True)
    assert not without.with_target
    assert "<body><p style" in path.read_text(encoding="utf-8")
    assert "Synthetic data: generated, not collected" in path.read_text(encoding="utf-8")


def test_nobody_is_nothing_to_compare(tmp_path: Path) -> None:
    with pytest.raises(ModellingError, match="nothing that Evidently could compare"):
        write_evidently_page(tmp_path / "page.html", people(10, 1), people(0, 1), ["income"])
