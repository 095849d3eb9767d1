"""The form follows the service's OpenAPI document."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bento.published.openapi import openapi_document
from credit_platform.console.form import Field, as_date, as_typed, read_fields
from credit_platform.console.sections import OTHER, sections_of
from credit_platform.console.texts import en
from credit_platform.features.inputs import used_columns
from credit_platform.portfolios import get_portfolio


def fields_of(portfolio: str, *, reduced: bool = True) -> dict[str, Field]:
    document: dict[str, Any] = openapi_document(get_portfolio(portfolio))
    return {field.name: field for field in read_fields(document, reduced=reduced)}


def test_every_column_that_a_feature_reads_is_a_field_in_the_order_of_the_contract() -> None:
    portfolio = get_portfolio("german_credit")
    used = used_columns(portfolio)
    assert list(fields_of("german_credit")) == [c.name for c in portfolio.application_columns if c.name in used]
    assert "age_years" not in fields_of("german_credit")


def test_a_number_has_its_range_and_unit() -> None:
    amount = fields_of("german_credit")["amount"]
    assert (amount.kind, amount.minimum, amount.maximum, amount.unit) == ("integer", 100, 100_000, "DM")
    assert amount.is_number
    assert amount.influenceable
    assert amount.description == "Amount of the loan."


def test_a_choice_has_its_values() -> None:
    housing = fields_of("german_credit")["housing"]
    assert housing.allowed == ("rent", "own", "for free")
    assert not housing.is_number
    assert not housing.influenceable


def test_without_a_model_that_bears_missing_values_all_are_required() -> None:
    express = set(get_portfolio("german_credit").express_columns)
    assert {name for name, field in fields_of("german_credit").items() if field.required} == express
    assert all(field.required for field in fields_of("german_credit", reduced=False).values())


def test_columns_that_may_be_null_are_never_required() -> None:
    fields = fields_of("home_credit", reduced=False)
    assert not fields["AMT_ANNUITY"].required
    assert fields["AMT_CREDIT"].required


def test_a_value_that_stands_for_unknown_is_beside_the_range() -> None:
    declared = {"type": "integer", "minimum": -30_000, "maximum": 0}
    column = {"anyOf": [declared, {"const": 365_243}], "x-unit": "days", "description": ""}
    document = {"components": {"schemas": {"Application": {"required": [], "properties": {"d": column}}}}}
    (field,) = read_fields(document, reduced=True)
    assert (field.minimum, field.maximum, field.sentinel) == (-30_000, 0, 365_243)


def test_days_before_the_application_are_dates() -> None:
    fields, today = fields_of("home_credit"), date(2026, 3, 1)
    assert {name for name, field in fields.items() if field.is_day} == {
        name for name in fields if name.startswith("DAYS_")
    }
    employed, birth = fields["DAYS_EMPLOYED"], fields["DAYS_BIRTH"]
    assert (employed.sentinel, birth.sentinel) == (365_243, None)
    assert employed.days(today) == (as_date(-30_000, today), today)
    assert birth.days(today) == (as_date(-40_000, today), as_date(-5844, today))
    assert as_date(-365, today) == date(2025, 3, 1)
    assert not any(field.is_day for field in fields_of("german_credit").values())


def test_optional_fields_of_a_long_form_are_in_sections_and_each_in_one() -> None:
    fields = [f for f in fields_of("home_credit").values() if not f.required and not f.influenceable]
    sections = sections_of("home_credit", fields)
    assert sorted(f.name for _, members in sections for f in members) == sorted(f.name for f in fields)
    assert {f"group_{key}" for key, _ in sections} <= en.TEXTS.keys()
    by_key = {key: {field.name for field in members} for key, members in sections}
    assert {"EXT_SOURCE_1", "AMT_REQ_CREDIT_BUREAU_YEAR"} <= by_key["scores"]
    # What no section names is a property of the building; a new column must not end up there unseen.
    assert all(name.endswith(("_AVG", "_MODE", "_MEDI")) for name in by_key["building"])


def test_a_short_form_has_one_section() -> None:
    fields = list(fields_of("german_credit").values())
    assert sections_of("german_credit", fields) == [(OTHER, fields)]


@pytest.mark.parametrize(
    ("kind", "value", "typed"),
    [("integer", 3.0, 3), ("number", 3, 3.0), ("string", "a", "a"), ("integer", None, None)],
)
def test_values_get_the_type_of_the_service(kind: str, value: object, typed: object) -> None:
    result = as_typed(Field(name="f", description="", kind=kind, required=True), value)
    assert result == typed
    assert type(result) is type(typed)
