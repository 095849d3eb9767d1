"""The page of capacity holds what its script prints, and nothing that was not measured goes without a sign."""

from __future__ import annotations

import pytest

from scripts.capacity import FEATURE_SECONDS, INGESTION_SECONDS, SIZES, main
from scripts.chart.helm import ROOT


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(words) == 0
    return capsys.readouterr().out


def test_the_page_holds_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    assert printed(capsys) in page


def test_what_is_extrapolated_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    lines = {line.split(" | ")[0]: line for line in printed(capsys).splitlines()}
    for measured, name in ((INGESTION_SECONDS, "files to checked"), (FEATURE_SECONDS, "736 features")):
        (row,) = (line for line in lines.values() if name in line)
        cells = [cell.strip() for cell in row.strip("|\n").split("|")][1:]
        assert [cell.startswith("~") for cell in cells] == [size not in measured for size in SIZES]


def test_measured_figures_are_on_the_pages_of_benchmarks() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    for figure in (*INGESTION_SECONDS.values(), *FEATURE_SECONDS.values()):
        assert f"{figure:g}" in page


def test_other_prices_give_another_sum(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys) != printed(capsys, "--cpu-hour", "1")
