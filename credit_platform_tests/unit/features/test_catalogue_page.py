"""The catalogue's HTML page: every feature, searchable, self-contained, and safe with any text."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import numpy as np
import polars as pl
import pytest

from credit_platform.features import build_features, catalogue, catalogue_page
from credit_platform.features.catalogue_page import _bars, _histogram, _number, _range, _share
from credit_platform_tests.unit.features.toy import TOY, lazy, make_tables


class Page(HTMLParser):
    """Counts elements and gathers the attributes of table rows and the options of each choice."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[dict[str, str | None]] = []
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        named = dict(attrs)
        self.links += [named[name] for name in ("src", "href") if name in named]
        if tag == "tr" and "data-s" in named:
            self.rows.append(named)


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return build_features(TOY, lazy(make_tables(200))).collect()


@pytest.fixture(scope="module")
def text(frame: pl.DataFrame) -> str:
    return catalogue_page(TOY, catalogue(TOY, frame), frame, synthetic=True)


def test_each_feature_has_a_row_with_what_is_searched(text: str) -> None:
    rows = Page(text).rows
    assert len(rows) == len(TOY.features)
    for row, feature in zip(rows, TOY.features, strict=True):
        searched = str(row["data-s"])
        assert feature.name.lower() in searched
        assert feature.description.lower() in searched
        assert row["data-reason"] == feature.reason
        assert row["data-kind"] == feature.kind.value


def test_each_feature_is_drawn(text: str) -> None:
    assert Page(text).tags.count("svg") == len(TOY.features)


def test_the_file_stands_alone(text: str) -> None:
    page = Page(text)
    assert page.links == []
    assert not re.search(r"https?://|@import|url\(", text)
    assert "${" not in text
    assert text.startswith("<!doctype html>")


def test_synthetic_data_are_labelled_and_real_data_are_not(text: str, frame: pl.DataFrame) -> None:
    assert "Synthetic data: generated, not collected" in text
    assert "Synthetic data" not in catalogue_page(TOY, catalogue(TOY, frame), frame, synthetic=False)


def test_text_is_escaped(frame: pl.DataFrame) -> None:
    toy = dataclasses.replace(TOY, title="<b>Toy</b> & sons")
    table = catalogue(toy, frame).with_columns(description=pl.lit('<script>"&'))
    page = catalogue_page(toy, table, frame, synthetic=False)
    assert "&lt;b&gt;Toy&lt;/b&gt; &amp; sons" in page
    assert Page(page).tags.count("script") == 1


def test_an_empty_table_has_a_page(frame: pl.DataFrame) -> None:
    empty = frame.clear()
    page = catalogue_page(TOY, catalogue(TOY, empty), empty, synthetic=False)
    assert len(Page(page).rows) == len(TOY.features)
    assert "no value" in page


def heights(svg: str) -> list[float]:
    return [float(height) for height in re.findall(r"v-([\d.]+)h", svg)]


def test_the_bars_of_a_histogram_are_in_proportion() -> None:
    values = pl.Series([0.0] * 30 + [23.0] * 15 + [None] * 5, dtype=pl.Float64)
    assert heights(_histogram("x", values)) == [28.0, 14.0]
    assert "holds 66.7%" in _histogram("x", values)


def test_what_lies_beyond_the_quantiles_is_in_the_outermost_bars() -> None:
    values = pl.Series([*np.linspace(0, 1, 1000), 1e9])
    drawn = heights(_histogram("x", values))
    assert len(drawn) == 24
    assert min(drawn) > 0.7 * max(drawn)


def test_one_value_is_one_bar_and_no_value_none() -> None:
    assert heights(_histogram("x", pl.Series([4.0] * 9))) == [28.0]
    assert _histogram("x", pl.Series([None], dtype=pl.Float64)) == ""


def test_a_rare_event_is_drawn_although_both_quantiles_are_equal() -> None:
    assert len(heights(_histogram("x", pl.Series([0.0] * 1000 + [5.0])))) == 2


def test_words_are_drawn_by_their_share_of_what_is_known() -> None:
    drawn = _bars(pl.Series(["yes", "yes", "yes", "a very long word that is cut", None]))
    assert "yes: 75.0%" in drawn
    assert "a very long word th…" in drawn


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (None, None, "any number is valid"),
        (0.0, None, "valid from 0"),
        (None, 1.0, "valid up to 1"),
        (-2.0, 1500.0, "valid -2 to 1,500"),
    ],
)
def test_the_valid_range_in_words(low: float | None, high: float | None, says: str) -> None:
    assert _range({"kind": "numeric", "valid_minimum": low, "valid_maximum": high}) == says


def test_numbers_and_shares_read_well() -> None:
    assert [_number(value) for value in (0.01234, 12.345, 1234567.8)] == ["0.0123", "12.3", "1,234,568"]
    assert [_share(value) for value in (0.0, 0.0001, 0.5)] == ["0.0%", "< 0.1%", "50.0%"]
