"""Everything Dagster knows of one portfolio, put together from the factories."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import dagster as dg

from credit_platform.errors import SettingError
from credit_platform.orchestration.assets.deployment import build_deployment_assets
from credit_platform.orchestration.assets.drift import build_drift_assets
from credit_platform.orchestration.assets.features import build_feature_assets
from credit_platform.orchestration.assets.governance import build_governance_assets
from credit_platform.orchestration.assets.incidents import build_incident_assets
from credit_platform.orchestration.assets.models import build_model_assets
from credit_platform.orchestration.assets.monitoring import build_monitoring_assets
from credit_platform.orchestration.assets.performance import build_performance_assets
from credit_platform.orchestration.assets.quality import build_quality_assets
from credit_platform.orchestration.assets.raw import build_raw_assets
from credit_platform.orchestration.assets.retraining import build_retraining_assets
from credit_platform.orchestration.assets.selection import build_selection_assets
from credit_platform.orchestration.assets.serving import build_serving_assets
from credit_platform.orchestration.automation import automation_sensor, deployment_sensor, with_automation
from credit_platform.orchestration.checks.deployment import build_deployment_checks
from credit_platform.orchestration.checks.drift import build_drift_checks
from credit_platform.orchestration.checks.gate import build_gate_checks
from credit_platform.orchestration.checks.registry import build_registry_checks
from credit_platform.orchestration.checks.together import build_table_checks
from credit_platform.orchestration.failures import tell_failures
from credit_platform.orchestration.jobs import (
    deployment_job,
    features_job,
    ingestion_job,
    monitoring_job,
    nightly_scoring_job,
    portfolio_job,
    refit_job,
    retention_job,
    retrain_decision_job,
    serving_job,
)
from credit_platform.orchestration.policies import retry_steps, table_address, with_policies
from credit_platform.orchestration.retraining_sensor import retraining_sensor
from credit_platform.orchestration.run_resources import with_run_tags
from credit_platform.orchestration.schedules import (
    monitoring_schedule,
    nightly_scoring_schedule,
    retention_schedule,
    weekly_schedule,
)
from credit_platform.orchestration.sensors import day_sensor, raw_file_sensor
from credit_platform.orchestration.step_lines import log_steps
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings


def portfolio_definitions(portfolio: Portfolio, settings: Settings) -> dg.Definitions:
    """Assets, checks, jobs, schedules and the raw-file sensor of `portfolio`; resources come separately."""
    portfolio = _with_candidates(portfolio, settings.candidates or ())
    sized = partial(with_run_tags, portfolio.name, settings=settings)
    whole, ingestion = sized(portfolio_job(portfolio)), sized(ingestion_job(portfolio))
    scored, retention = nightly_scoring_job(portfolio), retention_job(portfolio, settings)
    nightly = sized(scored) if scored else None
    monitoring, refit = sized(monitoring_job(portfolio)), sized(refit_job(portfolio))
    decision = sized(retrain_decision_job(portfolio))
    built = [
        *build_raw_assets(portfolio, settings),
        *build_quality_assets(portfolio, settings),
        *build_feature_assets(portfolio, settings),
        *build_model_assets(portfolio, settings),
        *build_selection_assets(portfolio, settings),
        *build_governance_assets(portfolio, settings),
        *build_serving_assets(portfolio, settings),
        *build_deployment_assets(portfolio, settings),
        *build_monitoring_assets(portfolio, settings),
        *build_performance_assets(portfolio, settings),
        *build_drift_assets(portfolio, settings),
        *build_retraining_assets(portfolio, settings),
        *build_incident_assets(portfolio, settings),
    ]
    placed = list(dg.map_asset_specs(partial(_with_rules, portfolio, settings), built))
    assets = _with_code(placed)
    keys = [key for asset in built for key in asset.keys]
    checks = [
        *build_table_checks(keys),
        *build_gate_checks(portfolio),
        *build_registry_checks(portfolio),
        *build_deployment_checks(portfolio),
        *build_drift_checks(portfolio),
    ]
    steps: list[dg.AssetsDefinition | dg.AssetChecksDefinition | dg.JobDefinition] = [*assets, *checks, retention]
    tell_failures(steps, settings.home)
    log_steps(steps, settings.home)
    retry_steps(steps)
    return dg.Definitions(
        assets=assets,
        asset_checks=checks,
        jobs=[
            whole,
            ingestion,
            sized(features_job(portfolio)),
            sized(serving_job(portfolio)),
            sized(deployment_job(portfolio)),
            retention,
            monitoring,
            refit,
            decision,
            *([nightly] if nightly else []),
        ],
        schedules=[
            weekly_schedule(portfolio, whole, running=settings.weekly_run),
            retention_schedule(portfolio, retention),
            monitoring_schedule(portfolio, monitoring),
            *([nightly_scoring_schedule(portfolio, nightly)] if nightly else []),
        ],
        sensors=[
            raw_file_sensor(portfolio, ingestion, settings),
            day_sensor(portfolio, settings),
            retraining_sensor(portfolio, refit, decision, settings),
            automation_sensor(portfolio, settings),
            deployment_sensor(portfolio, settings),
        ],
    )


def _with_code(assets: Sequence[dg.AssetsDefinition]) -> list[dg.AssetsDefinition]:
    """The assets with where their code stands: "open in editor", in a checkout; in an image the path is the image's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # nothing but the page reads it
        return [one for one in dg.with_source_code_references(assets) if isinstance(one, dg.AssetsDefinition)]


def _with_rules(portfolio: Portfolio, settings: Settings, spec: dg.AssetSpec) -> dg.AssetSpec:
    return with_automation(portfolio, with_policies(spec)).merge_attributes(metadata=table_address(settings, spec.key))


def _with_candidates(portfolio: Portfolio, chosen: tuple[str, ...]) -> Portfolio:
    """`portfolio` with the candidates that the settings choose, in its own order; all of them when none is chosen.

    Raises:
        SettingError: the portfolio has no candidate of that name.
    """
    if unknown := sorted(set(chosen) - set(portfolio.candidates)):
        raise SettingError(
            f"CREDIT_PLATFORM_CANDIDATES names {', '.join(unknown)}, which {portfolio.name} does not compare.",
            f"Choose among {', '.join(portfolio.candidates)}.",
        )
    return replace(portfolio, candidates=tuple(n for n in portfolio.candidates if n in chosen)) if chosen else portfolio
