"""Jobs: what a person, a schedule or a sensor starts."""

from collections.abc import Sequence

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition as AssetJob

from credit_platform.governance.expiry import Remover, remove_expired
from credit_platform.lakehouse import Lakehouse
from credit_platform.modelling.tracking import existing_tracking
from credit_platform.monitoring.decision_log import Act
from credit_platform.monitoring.decision_retention import purge_expired
from credit_platform.monitoring.decisions.forgetting import forget
from credit_platform.monitoring.decisions.logs import existing_logs, models_in, open_logs
from credit_platform.monitoring.retraining.records import DECISION, TAKEN_IN
from credit_platform.orchestration.assets.deployment import deployment_asset
from credit_platform.orchestration.policies import OUTSIDE_WORLD_RETRIES, asset_key, group_name
from credit_platform.orchestration.run_resources import run_tags
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.serving.begun_erasures import end_begun
from credit_platform.settings import Settings

RETENTION_JOB = "retention job"
"""Who is named for what the schedule removes; the account beside it is that of the daemon."""

__all__ = [
    "AssetJob",
    "deployment_job",
    "deployment_name",
    "features_job",
    "ingestion_job",
    "monitoring_job",
    "monitoring_name",
    "nightly_scoring_job",
    "portfolio_job",
    "refit_job",
    "refit_name",
    "retention_job",
    "retrain_decision_job",
    "retrain_decision_name",
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


def deployment_job(portfolio: Portfolio) -> AssetJob:
    """The promoted Bento to where it answers: a run of its own, whose account may do what those that train may not."""
    return _job(
        portfolio,
        deployment_name(portfolio.name),
        f"{portfolio.title}: bring the promoted Bento to where it answers applicants.",
        selection=dg.AssetSelection.assets(deployment_asset(portfolio.name)),
    )


def deployment_name(portfolio: str) -> str:
    """Name of the job that deploys."""
    return f"{portfolio}_deployment"


def monitoring_job(portfolio: Portfolio) -> AssetJob:
    """What is watched after promotion; without a partition all that is new, with one just that day."""
    description = f"{portfolio.title}: decisions of all services, and what is concluded from them."
    watched = dg.AssetSelection.groups(group_name(portfolio.name, "monitoring"))
    # Whom a refit takes in is decided when one begins, not every night.
    selection = watched - dg.AssetSelection.assets(asset_key(portfolio.name, "monitoring", TAKEN_IN))
    return _job(portfolio, monitoring_name(portfolio.name), description, selection=selection)


def monitoring_name(portfolio: str) -> str:
    """Name of the job that makes what is watched."""
    return f"{portfolio}_monitoring"


def retrain_decision_job(portfolio: Portfolio) -> AssetJob:
    """Only the decision whether to train again: asked when the night stopped before it came to that."""
    return _job(
        portfolio,
        retrain_decision_name(portfolio.name),
        f"{portfolio.title}: ask anew whether to train again, by what is stored.",
        selection=dg.AssetSelection.assets(asset_key(portfolio.name, "monitoring", DECISION)),
    )


def retrain_decision_name(portfolio: str) -> str:
    """Name of the job that asks whether to train again."""
    return f"{portfolio}_{DECISION}"


def refit_job(portfolio: Portfolio) -> AssetJob:
    """Train again, on applicants of the raw files and those decided since, up to the gate and what it lets through."""
    layers = ("features", "models", "governance", "serving")
    groups = dg.AssetSelection.groups(*(group_name(portfolio.name, layer) for layer in layers))
    return _job(
        portfolio,
        refit_name(portfolio.name),
        f"{portfolio.title}: take in decided applicants whose outcome is known, and train again; the challenger goes "
        "through the gate.",
        selection=(groups | dg.AssetSelection.assets(asset_key(portfolio.name, "monitoring", TAKEN_IN)))
        - dg.AssetSelection.assets(deployment_asset(portfolio.name)),
    )


def refit_name(portfolio: str) -> str:
    """Name of the job that trains a portfolio again."""
    return f"{portfolio}_refit"


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
    """Remove what is older than the portfolio declares: decisions, versions of tables, reports.

    Safe beside a service, and again and again: what a killed run left is removed by the next one.
    """
    kept = portfolio.retention

    @dg.op(
        name=f"{portfolio.name}_purge_expired_decisions",
        out=dg.Out(dg.Nothing),
        required_resource_keys={"clock"},
    )
    def purge(context: dg.OpExecutionContext) -> None:
        period = kept.decisions
        act = Act(person=RETENTION_JOB, reason=f"older than {period.days} days: {period.ground}")
        end_begun(settings, dg.get_dagster_logger().warning)
        logs, count = existing_logs(settings), 0
        for log in logs:
            try:
                count += purge_expired(log.store, portfolio, act, context.resources.clock.now())
            finally:
                log.store.close()
        logger = dg.get_dagster_logger()
        logger.info("%d decisions were older than %d days and were removed", count, period.days)
        for gone in forget(Lakehouse(settings.lakehouse_root), portfolio.name, open_logs(settings), erased=count > 0):
            logger.info("%s: %d rows and %d versions went with them", gone.key, gone.rows, len(gone.versions))

    @dg.op(
        name=f"{portfolio.name}_remove_expired_versions_and_reports",
        ins={"decisions": dg.In(dg.Nothing)},
        retry_policy=OUTSIDE_WORLD_RETRIES,
    )
    def remove() -> None:
        remover = Remover(
            person=RETENTION_JOB, reason=f"{kept.features.ground}. {kept.reports.ground}. {kept.models.ground}."
        )
        pins = {key: (version,) for key, version in settings.pins.items()}
        lakehouse, decided_by = Lakehouse(settings.lakehouse_root), models_in(open_logs(settings), portfolio.name)
        registry = existing_tracking(settings, portfolio.name)
        gone = remove_expired(
            lakehouse, portfolio, settings, remover, pins=pins, decided_by=decided_by, registry=registry
        )
        said = "%d versions, %d reports and %d things of superseded models were too old and were removed, %d bytes"
        numbers = (gone.versions, len(gone.reports), len(gone.models) + len(gone.registered), gone.bytes)
        dg.get_dagster_logger().info(said, *numbers)

    @dg.job(
        name=f"{portfolio.name}_retention",
        description=f"{portfolio.title}: remove decisions older than {kept.decisions.days} days, tables older than "
        f"{kept.features.days} days that nothing in force needs, reports older than {kept.reports.days} days, and "
        f"models that were superseded {kept.models.days} days ago.",
        executor_def=dg.in_process_executor,
        tags={"portfolio": portfolio.name},
        run_tags=run_tags(portfolio.name, f"{portfolio.name}_retention", settings),
    )
    def job() -> None:
        remove(decisions=purge())

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
    other = dg.AssetSelection.key_prefixes([portfolio.name]) - watched
    made = dg.AssetSelection.groups(*groups) if groups else other
    if not layers or "serving" in layers:
        # To deploy is a run of its own, which follows a promotion.
        made -= dg.AssetSelection.assets(deployment_asset(portfolio.name))
    return dg.define_asset_job(
        name=name,
        selection=selection or made,
        description=description,
        executor_def=dg.in_process_executor,
        tags={"portfolio": portfolio.name},
    )
