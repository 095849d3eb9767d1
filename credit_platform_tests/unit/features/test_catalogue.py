from __future__ import annotations

import importlib

import polars as pl
import pytest

from credit_platform.features import build_features, catalogue, catalogue_markdown
from credit_platform.features.catalogue import CATALOGUE_SCHEMA
from credit_platform_tests.unit.features.toy import TOY, lazy, make_tables

# The package exports a function of the same name.
module = importlib.import_module("credit_platform.features.catalogue")


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return build_features(TOY, lazy(make_tables(200))).collect()


def entry(table: pl.DataFrame, name: str) -> dict[str, object]:
    return table.filter(feature=name).row(0, named=True)


def test_each_feature_has_a_row_in_order(frame: pl.DataFrame) -> None:
    table = catalogue(TOY, frame)
    assert table["feature"].to_list() == [feature.name for feature in TOY.features]
    assert table.columns == list(CATALOGUE_SCHEMA)


def test_figures_of_a_number(frame: pl.DataFrame) -> None:
    row = entry(catalogue(TOY, frame.lazy()), "income")
    known = frame["income"].drop_nulls()
    assert row["null_share"] == pytest.approx(1 - known.len() / 200)
    assert row["mean"] == pytest.approx(known.mean())
    assert (row["minimum"], row["maximum"]) == (known.min(), known.max())
    assert row["p50"] == pytest.approx(known.median())
    assert row["distinct"] == known.n_unique()
    assert (row["valid_minimum"], row["valid_maximum"]) == (0.0, 1e6)
    assert row["source"] == "asked"


def test_figures_of_a_category(frame: pl.DataFrame) -> None:
    row = entry(catalogue(TOY, frame), "city")
    assert row["kind"] == "categorical"
    assert row["mean"] is None
    shares = frame["city"].drop_nulls().value_counts(normalize=True)
    for city, share in shares.iter_rows():
        assert f"{city} ({share:.0%})" in str(row["top_categories"])


def test_cross_features_come_from_several_tables(frame: pl.DataFrame) -> None:
    assert entry(catalogue(TOY, frame), "debt_to_income")["source"] == "several"


def test_large_tables_are_sampled_for_quantiles_only(frame: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SAMPLE_ROWS", 50)
    row = entry(catalogue(TOY, frame), "income")
    sample = frame.gather_every(4)["income"].drop_nulls()
    assert row["p50"] == pytest.approx(sample.median())
    assert row["mean"] == pytest.approx(frame["income"].mean())


def test_an_empty_table_has_a_catalogue(frame: pl.DataFrame) -> None:
    row = entry(catalogue(TOY, frame.clear()), "income")
    assert (row["null_share"], row["distinct"], row["p50"]) == (0.0, 0, None)


def test_many_categories_are_cut() -> None:
    values = pl.Series([str(number) for number in range(8)])
    assert module._name_categories(values).endswith("(12%), 3 more")


def test_markdown_has_one_table_per_source(frame: pl.DataFrame) -> None:
    text = catalogue_markdown(catalogue(TOY, frame), "Features of toy")
    assert text.startswith("# Features of toy\n\n19 features.\n\n## asked (7)\n")
    assert "## several (2)" in text
    assert "| `income` | income. |  | r |" in text
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {8}
