"""Jobs: what a person, a schedule or a sensor starts."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition as AssetJob

from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.decision_log import Act
from credit_platform.monitoring.decision_retention import purge_expired
from credit_platform.monitoring.decisions.forgetting import forget
from credit_platform.monitoring.decisions.logs import existing_logs, open_logs
from credit_platform.orchestration.policies import STEP_TIMEOUT_SECONDS, asset_key, group_name
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

__all__ = [
    "AssetJob",
    "features_job",
    "ingestion_job",
    "monitoring_job",
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


def monitoring_job(portfolio: Portfolio) -> AssetJob:
    """What is watched after promotion; without a partition all that is new, with one just that day."""
    description = f"{portfolio.title}: decisions of all services, and what is concluded from them."
    return _job(portfolio, f"{portfolio.name}_monitoring", description, layers=("monitoring",))


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
        act = Act(person="retention job", reason=f"older than {period.days} days: {period.ground}")
        logs, count = existing_logs(settings), 0
        for log in logs:
            try:
                count += purge_expired(log.store, portfolio, act)
            finally:
                log.store.close()
        logger = dg.get_dagster_logger()
        logger.info("%d decisions were older than %d days and were removed", count, period.days)
        for gone in forget(Lakehouse(settings.lakehouse_root), portfolio.name, open_logs(settings), erased=count > 0):
            logger.info("%s: %d rows and %d versions went with them", gone.key, gone.rows, len(gone.versions))

    @dg.job(
        name=f"{portfolio.name}_retention",
        description=f"{portfolio.title}: remove decisions that are older than {period.days} days.",
        executor_def=dg.in_process_executor,
        tags={"portfolio": portfolio.name},
        run_tags=STEP_TIMEOUT_SECONDS,
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
    # What is watched has days, and a rhythm of its own: the job of the whole portfolio has none.
    watched = dg.AssetSelection.groups(group_name(portfolio.name, "monitoring"))
    other = selection or dg.AssetSelection.key_prefixes([portfolio.name]) - watched
    return dg.define_asset_job(
        name=name,
        selection=dg.AssetSelection.groups(*groups) if groups else other,
        description=description,
        executor_def=dg.in_process_executor,
        run_tags=STEP_TIMEOUT_SECONDS,
        tags={"portfolio": portfolio.name},
    )
