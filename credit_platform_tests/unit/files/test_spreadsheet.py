"""CSV files for people: no text in them runs as a formula, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.files.spreadsheet import harmless, write_csv


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "\u00a0=1",
        "\uff1d1",
        "\uff20A1",
        '=HYPERLINK("https://example.org")',
        "+33 6 12 34 56 78",
        "--1",
        "-",
    ],
)
def test_a_formula_becomes_a_text(text: str) -> None:
    (cell,) = harmless(pl.LazyFrame({"a": [text]})).collect()["a"]
    assert cell.lstrip(" \t\r\u00a0").startswith("'")
    assert cell.replace("'", "", 1) == text


def test_a_formula_after_what_another_country_cuts_cells_at_becomes_a_text(tmp_path: Path) -> None:
    write_csv(pl.LazyFrame({"a": ["Paris;=1+1", "one\n=2", "x\t@y", "well-known; a - b"]}), tmp_path / "out.csv")
    assert pl.read_csv(tmp_path / "out.csv")["a"].to_list() == [
        "Paris;'=1+1",
        "one\n'=2",
        "x\t'@y",
        "well-known; a - b",
    ]


@pytest.mark.parametrize("text", ["-16000", "+1.5e-3", "-.5", " -7 ", "-1e5", "A-17", "a=b", "o'clock", "", "été"])
def test_numbers_and_plain_texts_stay(text: str) -> None:
    assert harmless(pl.LazyFrame({"a": [text]})).collect()["a"].to_list() == [text]


def test_other_types_nulls_and_rows_stay(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [-1, None], "f": [-0.5, 2.0], "t": ["=1", None]}).with_columns(
        c=pl.Series(["@a", "b"], dtype=pl.Categorical)
    )
    made = harmless(frame.lazy()).collect()
    assert made.select("n", "f").equals(frame.select("n", "f"))
    assert made["t"].to_list() == ["'=1", None]
    assert made["c"].to_list() == ["'@a", "b"]


def test_the_name_of_a_column_is_a_cell_too(tmp_path: Path) -> None:
    write_csv(pl.LazyFrame({"=a": [1], "b": [2]}), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "'=a,b\n1,2\n"


def test_a_program_gets_every_text_as_it_is(tmp_path: Path) -> None:
    write_csv(pl.LazyFrame({"=a": ["=1"]}), tmp_path / "out.csv", verbatim=True)
    assert (tmp_path / "out.csv").read_text() == "=a\n=1\n"
