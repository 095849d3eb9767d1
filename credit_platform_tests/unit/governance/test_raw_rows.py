"""An audit by raw rows of another file than the features were made of is refused."""

from __future__ import annotations

import polars as pl
import pytest

from credit_platform.errors import FeatureError
from credit_platform.governance.raw_rows import require_applications
from credit_platform.portfolios import get_portfolio
from credit_platform_tests.small_scorer import raw_applications

GERMAN, HOME = get_portfolio("german_credit"), get_portfolio("home_credit")


def keys(*values: int) -> pl.LazyFrame:
    return pl.LazyFrame({HOME.applicant_key: values})


def test_applicants_of_either_file_are_there() -> None:
    require_applications(HOME, pl.Series([1, 4]), {"application_train": keys(1, 2), "application_test": keys(3, 4)})


@pytest.mark.parametrize(
    ("tables", "where"),
    [
        ({"application_train": keys(1, 2), "application_test": keys(3)}, "application_train or home_credit/raw/appli"),
        ({"application_train": keys(1, 2)}, "no row in home_credit/raw/application_train: "),
    ],
    ids=["both", "one"],
)
def test_who_has_features_and_no_row_any_more_is_named_with_the_cure(
    tables: dict[str, pl.LazyFrame], where: str
) -> None:
    with pytest.raises(FeatureError, match="1 of 2 applicants of home_credit/features/applicants") as raised:
        require_applications(HOME, pl.Series([1, 4]), tables)
    assert "SK_ID_CURR 4 among them" in str(raised.value)
    assert where in str(raised.value)
    assert raised.value.cure.endswith("credit-platform run home_credit")


def test_the_key_of_another_portfolio() -> None:
    raw = raw_applications(GERMAN)
    require_applications(GERMAN, raw[GERMAN.applicant_key], {GERMAN.training_table: raw.lazy()})
