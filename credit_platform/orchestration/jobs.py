"""Jobs: what a person, a schedule or a sensor starts."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition as AssetJob

from credit_platform.monitoring.decision_log import Act, DecisionStore
from credit_platform.monitoring.decision_retention import purge_expired
from credit_platform.orchestration.policies import STEP_TIMEOUT_SECONDS, asset_key, group_name
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

__all__ = [
    "AssetJob",
    "features_job",
    "ingestion_job",
    "nightly_scoring_job",
    "portfolio_job",
    "retention_job",
    "serving_job",
]


def portfolio_job(portfolio: Portfolio) -> AssetJob:
    """The whole portfolio, from raw files to the Bento."""
    description = f"{portfolio.title}: from raw files to the promoted Bento."
    return _job(portfolio, portfolio.name, description)


def ingestion_job(portfolio: Portfolio) -> AssetJob:
    """Raw files to checked tables and the quality report, without training anything."""
    description = f"{portfolio.title}: raw files to checked tables and the quality report."
    return _job(portfolio, f"{portfolio.name}_ingestion", description, layers=("raw", "quality"))


def serving_job(portfolio: Portfolio) -> AssetJob:
    """A decision that a person approved or overrode, to the promoted model and its Bento; nothing is trained."""
    description = f"{portfolio.title}: promote what the gate or a person let through, and package it."
    return _job(portfolio, f"{portfolio.name}_serving", description, layers=("serving",))


def nightly_scoring_job(portfolio: Portfolio) -> AssetJob | None:
    """The applicants of the stored feature table, by the champion; None for a portfolio that has nobody to score."""
    if portfolio.scoring_table is None:
        return None
    return _job(
        portfolio,
        f"{portfolio.name}_nightly_scoring",
        f"{portfolio.title}: score the applicants of the stored feature table with the champion.",
        selection=dg.AssetSelection.assets(asset_key(portfolio.name, "serving", "scored_applicants")),
    )


def retention_job(portfolio: Portfolio, settings: Settings) -> dg.JobDefinition:
    """Remove the decisions that are older than the portfolio declares; safe beside a service, and again and again."""
    period = portfolio.retention.decisions

    @dg.op(name=f"{portfolio.name}_purge_expired_decisions", tags=STEP_TIMEOUT_SECONDS)
    def purge() -> None:
        store = DecisionStore(settings.decision_log)
        try:
            act = Act(person="retention job", reason=f"older than {period.days} days: {period.ground}")
            count = purge_expired(store, portfolio, act)
        finally:
            store.close()
        dg.get_dagster_logger().info("%d decisions were older than %d days and were removed", count, period.days)

    @dg.job(
        name=f"{portfolio.name}_retention",
        description=f"{portfolio.title}: remove decisions that are older than {period.days} days.",
        executor_def=dg.in_process_executor,
        tags={"portfolio": portfolio.name},
    )
    def job() -> None:
        purge()

    return job


def features_job(portfolio: Portfolio) -> AssetJob:
    """Stored raw tables to the feature table and its catalogue; reads pinned versions where pins are set."""
    description = f"{portfolio.title}: stored raw tables to features and their catalogue."
    layers = ("aggregates", "features") if any(group.history for group in portfolio.feature_groups) else ("features",)
    return _job(portfolio, f"{portfolio.name}_features", description, layers=layers)


def _job(
    portfolio: Portfolio,
    name: str,
    description: str,
    *,
    layers: Sequence[str] = (),
    selection: dg.AssetSelection | None = None,
) -> AssetJob:
    """A job over `layers`, a `selection`, or the whole portfolio; in one process: steps are short and share memory."""
    groups = [group_name(portfolio.name, layer) for layer in layers]
    other = selection or dg.AssetSelection.key_prefixes([portfolio.name])
    return dg.define_asset_job(
        name=name,
        selection=dg.AssetSelection.groups(*groups) if groups else other,
        description=description,
        executor_def=dg.in_process_executor,
        run_tags=STEP_TIMEOUT_SECONDS,
        tags={"portfolio": portfolio.name},
    )
