from __future__ import annotations

import polars as pl
import pytest

from credit_platform.governance.document import Facts, Paragraph
from credit_platform.governance.reason_section import reason_section
from credit_platform.portfolios import get_portfolio
from credit_platform_tests.unit.governance.test_shared_sections import stored, written

SAID = pl.DataFrame({"language": ["en"], "code": ["c"], "text": ["t"], "said": [1], "contradicted": [0]})


def _told(portfolio: str, answers: int) -> str:
    counts = {"answers": answers, "applicants": 100, "contradicted": 0, "sentences": 9, "never_said": 8}
    facts = Facts({"reasons": stored("r", counts, SAID)})
    return written(
        *[one for one in reason_section(get_portfolio(portfolio), facts).blocks if isinstance(one, Paragraph)]
    )


@pytest.mark.parametrize(
    ("portfolio", "answers", "told"),
    [
        ("german_credit", 200, "100 applicants of the holdout, in both languages, were held"),
        ("home_credit", 200, "100 applicants of the holdout and of the scoring table, in both languages, were held"),
        ("home_credit", 400, "in both languages, with and without histories, were held"),
    ],
)
def test_it_tells_what_was_asked_of_this_model(portfolio: str, answers: int, told: str) -> None:
    assert told in _told(portfolio, answers)
