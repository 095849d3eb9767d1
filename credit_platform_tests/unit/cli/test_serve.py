"""`credit-platform serve` where there is nothing to serve; what it does otherwise is in e2e/test_serve.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.cli.serve import serve_portfolio
from credit_platform.errors import ServiceError, UnknownPortfolioError
from credit_platform.settings import Settings


def test_before_the_first_promotion_the_cure_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="credit-platform run german_credit"):
        serve_portfolio("german_credit", Settings(home=tmp_path))


def test_an_unknown_portfolio_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownPortfolioError, match="mortgages"):
        serve_portfolio("mortgages", Settings(home=tmp_path))
