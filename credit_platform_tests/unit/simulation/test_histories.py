"""Simulated applicants of home_credit send histories that the service takes."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import pytest

from bento.requests.validation import RequestReader
from credit_platform.features import ApplicantFeatures
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform.simulation import applicants
from credit_platform.simulation.applicants import requests, stored_applicants
from credit_platform.simulation.histories import history_tables


def test_applicants_bring_histories_of_every_table_as_the_service_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applicants, "_MOST", 40)
    portfolio = get_portfolio("home_credit")
    drawn = stored_applicants(portfolio, Settings(home=tmp_path))
    reader, computed = RequestReader(portfolio), ApplicantFeatures(portfolio)
    seen: set[str] = set()
    for body in islice(requests(drawn, portfolio, (), random.Random(1), "SIM-1-"), 40):
        request = reader.read_document(body)
        seen |= set(request.histories or {})
        assert computed.values(request.application, request.histories)
    assert seen == {table.name for table in history_tables(portfolio)}


def test_a_portfolio_without_histories_sends_none(tmp_path: Path) -> None:
    portfolio = get_portfolio("german_credit")
    drawn = stored_applicants(portfolio, Settings(home=tmp_path))
    assert drawn.histories is None
    assert set(next(requests(drawn, portfolio, (), random.Random(1), "SIM-1-"))) == {"applicant_id", "application"}
