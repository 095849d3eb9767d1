"""Generated files keep to the statistics of the real ones, within the tolerances stated in `fidelity`."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import polars as pl
import pytest

from credit_platform.portfolios.home_credit import fidelity
from credit_platform.portfolios.home_credit.generator import GenerationReport


@pytest.fixture(scope="module")
def comparison(generated: GenerationReport) -> pl.DataFrame:
    return fidelity.compare(generated.folder)


def test_all_columns_of_all_files_are_compared(comparison: pl.DataFrame) -> None:
    columns = comparison.filter(pl.col("statistic") == "null share").group_by("table").len()
    assert dict(columns.iter_rows()) == {
        "application_train": 121,
        "application_test": 120,
        "bureau": 15,
        "bureau_balance": 2,
        "previous_application": 35,
        "pos_cash_balance": 6,
        "credit_card_balance": 21,
        "installments_payments": 6,
    }


def test_nearly_all_comparisons_are_within_tolerance(comparison: pl.DataFrame) -> None:
    outside = comparison.filter(~pl.col("within"))
    assert len(outside) <= 0.01 * len(comparison), str(outside.to_dicts())
    assert (outside["distance"] <= 1.5 * outside["tolerance"]).all(), str(outside.to_dicts())


@pytest.mark.parametrize("statistic", ["null share", "categories", "quantiles", "relation"])
def test_on_average_columns_are_much_closer_than_the_tolerance(comparison: pl.DataFrame, statistic: str) -> None:
    chosen = fidelity.summary(comparison).filter(pl.col("statistic") == statistic)
    assert (chosen["mean_distance"] <= 0.6 * chosen["tolerance"]).all()


def test_a_shifted_column_is_found(generated: GenerationReport, tmp_path: Path) -> None:
    folder, name = tmp_path, "application_train.csv"
    for path in generated.folder.glob("*.csv"):
        with path.open("rb") as file:  # of the files that are not looked at, a beginning will do
            (folder / path.name).write_bytes(b"".join(islice(file, 500)))
    shifted = pl.read_csv(generated.folder / name, infer_schema_length=None).with_columns(pl.col("AMT_CREDIT") * 1.5)
    shifted.write_csv(folder / name)
    found = fidelity.compare(folder).filter(
        (pl.col("table") == "application_train") & (pl.col("statistic") == "quantiles") & ~pl.col("within")
    )
    assert "AMT_CREDIT" in found["column"].to_list()


def test_the_page_says_where_the_statistics_come_from(comparison: pl.DataFrame) -> None:
    page = fidelity.to_html(comparison)
    assert "public samples" in page
    assert page.count("<tr") == len(comparison) + 1
    assert "Spouse, partner" in page
