"""The example applicants are valid requests, with their histories and without."""

from __future__ import annotations

import pytest

from credit_platform.features import ApplicantFeatures
from credit_platform.portfolios.home_credit.examples import EXAMPLE_HISTORIES, EXAMPLES
from credit_platform.portfolios.home_credit.portfolio import PORTFOLIO


@pytest.fixture(scope="module")
def applicant() -> ApplicantFeatures:
    return ApplicantFeatures(PORTFOLIO)


def test_one_of_each_kind_is_expected() -> None:
    assert dict(PORTFOLIO.examples) == EXAMPLES
    assert list(EXAMPLES) == ["accepted", "refused"]
    assert set(EXAMPLE_HISTORIES) <= set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_valid_applications(name: str, applicant: ApplicantFeatures) -> None:
    row = applicant.build(EXAMPLES[name]).row(0, named=True)
    assert row["application__income__amount"] == EXAMPLES[name]["AMT_INCOME_TOTAL"]
    assert row["bureau__credits__all__count"] is None


def test_histories_reach_the_features(applicant: ApplicantFeatures) -> None:
    histories = {table: list(rows) for table, rows in EXAMPLE_HISTORIES["refused"].items()}
    row = applicant.build(EXAMPLES["refused"], histories).row(0, named=True)
    assert row["bureau__credits__all__count"] == len(histories["bureau"])


def test_no_protected_attribute_is_sent() -> None:
    protected = {column.name for column in PORTFOLIO.application_columns if column.protected}
    assert protected
    assert not protected & {name for row in EXAMPLES.values() for name in row}
