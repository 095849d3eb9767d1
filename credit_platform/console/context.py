"""What a page needs to know: settings, language, portfolio, service; and what is read once for several reruns.

What is here: `Context`, and reads that Streamlit remembers for a minute.
What to add here: another read that pages share.
What must not be here: drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from credit_platform.console import tables
from credit_platform.console.officer import own_key
from credit_platform.console.settings import ConsoleSettings, known_services
from credit_platform.console.texts import Texts
from credit_platform.errors import ServiceError
from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.monitoring.decisions.logs import NamedLog
from credit_platform.monitoring.overview.log import DecisionMemory, LoggedDecisions
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.serving.service_client import ServiceClient
from credit_platform.settings import Settings

if TYPE_CHECKING:
    # It brings scipy and pandera, seconds, and who decides about applicants must not wait for them.
    from credit_platform.monitoring.overview.drift import DriftOverview, NoDrift

_SECONDS = 60


@dataclass(frozen=True)
class Context:
    """What every page is given."""

    settings: Settings
    texts: Texts
    portfolio: Portfolio
    access: ServiceAccess | None
    """The portfolio's service; None when none runs."""

    def found_again(self) -> Context:
        """The same with the service that runs now; as it is where that cannot be known."""
        try:
            services = known_services(ConsoleSettings(), self.settings, own_key())
        except ServiceError:
            return self
        own = (service for service in services if service.portfolio == self.portfolio.name)
        return replace(self, access=next(own, None))

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

    @property
    def lakehouse(self) -> Lakehouse:
        """The tables."""
        return Lakehouse(self.settings.lakehouse_root)

    def decisions(self, logs: Sequence[NamedLog], since: datetime) -> LoggedDecisions:
        """Decisions about the portfolio from a moment on; what was read before is kept.

        Raises:
            DecisionLogError: a log cannot be reached.
        """
        where = tuple((log.name, log.store.where) for log in logs)
        return _memory(where, self.portfolio.name).decisions(logs, since)

    def drift(self) -> DriftOverview | NoDrift:
        """Drift of the newest day, or why there is none.

        Raises:
            CreditPlatformError: a table cannot be read.
        """
        from credit_platform.monitoring.overview.drift import (  # noqa: PLC0415  # as said above
            NoDrift,
            drift_overview,
            drift_version,
        )

        version = drift_version(self.lakehouse, self.portfolio)
        found = _drift(self.settings.lakehouse_root, self.portfolio.name, version)
        # Why there is none may change without this table.
        return drift_overview(self.lakehouse, self.portfolio) if isinstance(found, NoDrift) else found

    def drift_bins(self, found: DriftOverview) -> dict[str, pl.DataFrame]:
        """Groups of each feature on the newest day.

        Raises:
            CreditPlatformError: a table cannot be read.
        """
        where = (self.settings.lakehouse_root, self.portfolio.name)
        return _drift_bins(*where, found.day, found.newest.model, found.made_at)


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


@st.cache_resource(max_entries=16, show_spinner=False)
def _memory(where: tuple[tuple[str, str], ...], portfolio: str) -> DecisionMemory:
    del where  # other logs, another memory
    return DecisionMemory(portfolio)


@st.cache_resource(max_entries=16, show_spinner=False)
def _drift(root: str, portfolio: str, version: int | None) -> DriftOverview | NoDrift:
    from credit_platform.monitoring.overview.drift import drift_overview  # noqa: PLC0415  # as said above

    del version  # another version, another look
    return drift_overview(Lakehouse(root), get_portfolio(portfolio))


@st.cache_resource(max_entries=4, show_spinner=False)
def _drift_bins(root: str, portfolio: str, day: date, model: str, made_at: datetime) -> dict[str, pl.DataFrame]:
    from credit_platform.monitoring.overview.drift import feature_bins  # noqa: PLC0415  # as said above

    del made_at  # judged again, counted again
    return feature_bins(Lakehouse(root), get_portfolio(portfolio), day, model)
