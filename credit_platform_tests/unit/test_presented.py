"""One way to write each kind of figure and name."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from credit_platform import presented
from credit_platform.modelling.candidates import get_candidate
from credit_platform.portfolios import get_portfolio, portfolio_names


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (presented.percent(0.3898), "39.0%"),
        (presented.percent(None), "not measured"),
        (presented.decimal(1234.5678), "1,234.568"),
        (presented.money(3271.4, "DM"), "3,271\u00a0DM"),
        (presented.signed(-0.05), "-0.050"),
        (presented.listed([]), "none"),
        (presented.moment(datetime(2026, 3, 1, 1, 5, tzinfo=timezone(timedelta(hours=1)))), "2026-03-01 00:05 UTC"),
        (presented.feature("application__savings__level"), "savings: level"),
        (presented.feature("score"), "score"),
        (presented.measure("fn"), "Granted and defaulted (false negatives)"),
        (presented.measure("some_measure"), "Some measure"),
        (presented.method("break_even"), "break-even of the costs"),
    ],
)
def test_how_it_is_written(written: str, expected: str) -> None:
    assert written == expected


def test_every_candidate_is_called_what_the_comparison_calls_it() -> None:
    names = {name for portfolio in portfolio_names() for name in get_portfolio(portfolio).candidates}
    assert names <= presented.CANDIDATES.keys()
    for name in names:
        assert presented.candidate(name).casefold() == get_candidate(name).title.casefold()
