"""`credit-platform serve` where there is nothing to serve; what it does otherwise is in e2e/test_serve.py."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.cli.serve import serve_portfolio
from credit_platform.errors import ScorerError, ServiceError, UnknownPortfolioError
from credit_platform.lakehouse import Lakehouse
from credit_platform.settings import Settings
from credit_platform_tests.records import bento_record


def test_before_the_first_promotion_the_cure_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="credit-platform run german_credit"):
        serve_portfolio("german_credit", Settings(home=tmp_path))


def test_a_shadow_that_cannot_be_used_is_said_before_anything_starts(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    row = bento_record(tmp_path / "bento").to_summary()
    Lakehouse(settings.lakehouse_root).write("german_credit/serving/bento", pl.DataFrame(row), summary=row)
    with pytest.raises(ScorerError, match="is not there"):
        serve_portfolio("german_credit", settings, shadow=str(tmp_path / "nowhere"))
    with pytest.raises(ServiceError, match="No challenger"):
        serve_portfolio("german_credit", settings.model_copy(update={"shadow_scorer": "challenger"}))


def test_an_unknown_portfolio_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownPortfolioError, match="mortgages"):
        serve_portfolio("mortgages", Settings(home=tmp_path))
