"""What a page needs to know: settings, language, portfolio, service; and what is read once for several reruns.

What is here: `Context`, and reads that Streamlit remembers for a minute.
What to add here: another read that pages share.
What must not be here: drawing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from credit_platform.console import tables
from credit_platform.console.texts import Texts
from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.serving.service_client import ServiceClient
from credit_platform.settings import Settings

_SECONDS = 60


@dataclass(frozen=True)
class Context:
    """What every page is given."""

    settings: Settings
    texts: Texts
    portfolio: Portfolio
    access: ServiceAccess | None
    """The portfolio's service; None when none runs."""

    @property
    def store(self) -> DecisionStore:
        """The decision log."""
        return DecisionStore(self.settings.decision_log)

    def scores(self) -> tables.StoredScores | None:
        """Scores of the portfolio by the model in use."""
        return _scores(self.settings.lakehouse_root, self.portfolio.name)

    def figures(self) -> tables.Figures:
        """Costs and acceptance of the threshold in use."""
        return _figures(self.settings.lakehouse_root, self.portfolio.name)

    def compared(self) -> pl.DataFrame | None:
        """Stored applications to compare one with, at most `tables.MOST_COMPARED`."""
        return _compared(self.settings.lakehouse_root, self.portfolio.name)

    def applications(self) -> pl.LazyFrame | None:
        """All stored applications."""
        return tables.applications(Lakehouse(self.settings.lakehouse_root), self.portfolio)

    def approval(self) -> tables.Approval | None:
        """Who must say yes to a model, and who did to the one in use; None where none is."""
        return tables.approval(Lakehouse(self.settings.lakehouse_root), self.portfolio, self.settings.approval)

    def drift(self) -> tables.DriftReport | None:
        """The newest drift report."""
        return tables.drift_report(Lakehouse(self.settings.lakehouse_root), self.portfolio)


def service_documents(access: ServiceAccess) -> tuple[dict[str, Any], dict[str, Any]]:
    """OpenAPI document and model information of a service, remembered for a minute.

    Raises:
        NoAnswerError: there is no answer.
    """
    return _documents((access.url, access.key or ""))


@st.cache_resource(ttl=_SECONDS, show_spinner=False)
def _documents(where: tuple[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    with ServiceClient(ServiceAccess("", where[0], where[1] or None)) as client:
        return client.openapi(), client.model_info()


@st.cache_resource(ttl=_SECONDS, show_spinner=False)
def _scores(root: str, portfolio: str) -> tables.StoredScores | None:
    return tables.stored_scores(Lakehouse(root), get_portfolio(portfolio))


@st.cache_resource(ttl=_SECONDS, show_spinner=False)
def _figures(root: str, portfolio: str) -> tables.Figures:
    return tables.figures(Lakehouse(root), get_portfolio(portfolio))


@st.cache_resource(ttl=_SECONDS, show_spinner=False)
def _compared(root: str, portfolio: str) -> pl.DataFrame | None:
    declared = get_portfolio(portfolio)
    stored, scores = tables.applications(Lakehouse(root), declared), _scores(root, portfolio)
    if stored is None or scores is None:
        return None
    keys = scores.frame.select(declared.applicant_key).head(tables.MOST_COMPARED)
    return stored.join(keys.lazy(), on=declared.applicant_key, how="semi").collect()
