"""The canonical form of a request: the same for the same request, and readable by whoever reads JSON."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import pytest

from credit_platform.monitoring.decision_log import canonical_inputs

APPLICATION = {"amount": 1500, "purpose": "né à « B »", "rate": 0.1 + 0.2, "phone": None}
LOANS = [{"debt": 1.5, "status": "open: late"}, {"status": "closed", "debt": 0}]


def canonical(application: dict[str, Any], loans: list[dict[str, Any]]) -> tuple[str, str]:
    return canonical_inputs("toy", application, applicant_id="A-1", histories={"loans": loans}, language="fr")


def test_it_is_what_python_writes_with_sorted_keys_and_its_digest() -> None:
    text, digest = canonical(APPLICATION, LOANS)
    content = {
        "portfolio": "toy",
        "applicant_id": "A-1",
        "application": APPLICATION,
        "histories": {"loans": LOANS},
        "language": "fr",
    }
    assert text == json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert digest == hashlib.sha256(text.encode()).hexdigest()


def test_the_order_of_names_makes_no_difference_and_the_order_of_rows_does() -> None:
    turned = [dict(reversed(row.items())) for row in LOANS]
    assert canonical(dict(reversed(APPLICATION.items())), turned) == canonical(APPLICATION, LOANS)
    assert canonical(APPLICATION, LOANS[::-1]) != canonical(APPLICATION, LOANS)


def test_a_whole_number_of_any_size_is_kept() -> None:
    text, _ = canonical({"amount": 10**30}, [])
    assert json.loads(text)["application"] == {"amount": 10**30}


@pytest.mark.parametrize("number", [5e-324, 1e-7, 1e16, 1.7976931348623157e308, -0.0, 123456789.123456789])
def test_a_number_comes_back_to_the_bit(number: float) -> None:
    text, _ = canonical({"amount": number}, [])
    back = json.loads(text)["application"]["amount"]
    assert (back, math.copysign(1, back)) == (number, math.copysign(1, number))


def test_what_no_feature_reads_is_not_kept_and_makes_no_other_request() -> None:
    def kept(application: dict[str, Any]) -> tuple[str, str]:
        return canonical_inputs(
            "toy", application, applicant_id=None, histories=None, language="en", unused=frozenset({"phone"})
        )

    without = {name: value for name, value in APPLICATION.items() if name != "phone"}
    assert kept(APPLICATION) == kept(without)
    assert "phone" not in json.loads(kept(APPLICATION)[0])["application"]
