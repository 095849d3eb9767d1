"""Nobody is decided about by the rows of another applicant."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bento.errors import ApiError, ErrorCode
from bento.requests.validation import RequestReader
from credit_platform.errors import RequestError
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring import Request
from credit_platform.scoring.whose_rows import check_whose
from credit_platform_tests.toy_scorer import PORTFOLIO as TOY
from credit_platform_tests.toy_scorer import toy_scorer, toy_tables

HOME_CREDIT = get_portfolio("home_credit")
KEY = HOME_CREDIT.applicant_key


def rows(*keys: object) -> list[dict[str, object]]:
    return [{} if key is None else {KEY: key} for key in keys]


@pytest.mark.parametrize(
    ("histories", "applicant"),
    [
        ({"bureau": rows(7, None, 7.0), "previous_application": rows(7)}, "7"),
        ({"bureau": rows(7, 7)}, "007.0"),
        ({"bureau": rows(7, 7), "previous_application": rows(7)}, "A-1"),
        ({"bureau": rows(7, 7)}, None),
        ({"bureau": rows(None, None), "bureau_balance": [{"STATUS": "C"}]}, "7"),
        ({"bureau": []}, "7"),
        ({}, "7"),
    ],
)
def test_rows_of_one_applicant_pass(histories: dict[str, Any], applicant: str | None) -> None:
    check_whose(HOME_CREDIT, histories, applicant)


@pytest.mark.parametrize(
    ("histories", "applicant", "field"),
    [
        ({"bureau": rows(8, 8)}, "7", f"histories.bureau[0].{KEY}"),
        ({"bureau": rows(None, 7, 8)}, "7", f"histories.bureau[2].{KEY}"),
        ({"bureau": rows(7, 8)}, None, f"histories.bureau[1].{KEY}"),
        ({"bureau": rows(7, 8)}, "A-1", f"histories.bureau[1].{KEY}"),
        ({"bureau": rows(7), "previous_application": rows(8)}, None, f"histories.previous_application[0].{KEY}"),
    ],
)
def test_a_row_of_another_applicant_is_named(histories: dict[str, Any], applicant: str | None, field: str) -> None:
    with pytest.raises(RequestError, match="names another applicant than") as caught:
        check_whose(HOME_CREDIT, histories, applicant)
    assert caught.value.field == field


def test_the_service_and_the_library_ask() -> None:
    tables, features = toy_tables()
    scorer = toy_scorer(features)
    application = tables["asked"].drop("person", "sex", "bad").row(0, named=True)
    loans = {"loans": tables["loans"].head(1).to_dicts()}
    person = loans["loans"][0]["person"]
    for applicant in (str(person), "A-1", None):
        scorer.score(Request(application=application, applicant_id=applicant, histories=loans))
    with pytest.raises(RequestError, match=r"histories\.loans\[0\]\.person names another applicant"):
        scorer.score(Request(application=application, applicant_id=str(person + 1), histories=loans))
    body = {"application": application, "applicant_id": person + 1, "histories": loans}
    with pytest.raises(ApiError) as caught:
        RequestReader(TOY).read(json.dumps(body, default=str).encode())
    assert (caught.value.code, caught.value.field) == (ErrorCode.NOT_ALLOWED, "histories.loans[0].person")
