"""What the columns of a table mean."""

from __future__ import annotations

import pytest

from credit_platform.portfolios import get_portfolio
from credit_platform.tables.column_descriptions import BY_TABLE, SHARED, column_descriptions

PORTFOLIO = get_portfolio("german_credit")
TABLE = PORTFOLIO.tables[0]
FEATURES = "german_credit/features/applicants"


@pytest.mark.parametrize("key", ["german_credit/raw/applications", "german_credit/raw/applications__rejected"])
def test_raw_columns_are_described_by_their_declarations(key: str) -> None:
    describe = column_descriptions(key)
    assert [describe(column.name) for column in TABLE.columns] == [column.description for column in TABLE.columns]


def test_features_are_described_by_their_declarations() -> None:
    for feature in (PORTFOLIO.features[0], PORTFOLIO.audit_features[0]):
        assert column_descriptions(FEATURES)(feature.name) == feature.description
        assert column_descriptions("unknown/features/applicants")(feature.name) is None


def test_a_table_has_words_of_its_own() -> None:
    assert column_descriptions("german_credit/models/scorer")("value") == SHARED["value"]
    own = BY_TABLE["governance/model_card"]["value"]
    assert column_descriptions("german_credit/governance/model_card")("value") == own != SHARED["value"]


def test_the_ends_of_an_interval_follow_from_what_they_belong_to() -> None:
    describe = column_descriptions("german_credit/governance/fairness")
    assert describe("impact_ratio_low") == "Lower end of the 95% interval of impact_ratio."
    assert describe("nothing_low") is None
    assert describe("nothing") is None
