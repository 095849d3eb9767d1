"""aggregates/<history>; features/applicants, features/catalogue and features/protected_attributes of a portfolio."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import dagster as dg

from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.lakehouse.engines import Engine
from credit_platform.monitoring.decisions.forgetting import forget_again
from credit_platform.monitoring.decisions.logs import open_logs
from credit_platform.monitoring.retraining.records import TAKEN_IN
from credit_platform.orchestration.assets.monitoring import NO_PREVIEW
from credit_platform.orchestration.lineage import feature_lineage
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import HEAVY_POOL, asset_key
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.derived import (
    AGGREGATE_INPUT,
    aggregate_table,
    applicants_table,
    catalogue_table,
    feature_code,
    protected_table,
)
from credit_platform.tables.retraining import taken_in
from credit_platform.tables.table import Table

COMPUTING = {"lakehouse", "engine"}
"""Resources of an asset whose rows the engine of the run computes."""


def build_feature_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Aggregates of each history, the feature table, its catalogue, and the audit table."""
    aggregates = [_aggregate(portfolio, group, settings) for group in portfolio.feature_groups if group.history]
    return [
        *aggregates,
        _applicants(portfolio, settings),
        _catalogue(portfolio, settings),
        _protected_attributes(portfolio, settings),
    ]


def _raw_ins(portfolio: Portfolio, names: set[str]) -> dict[str, dg.AssetIn]:
    return {name: dg.AssetIn(key=asset_key(portfolio.name, "raw", name)) for name in sorted(names)}


@contextmanager
def _computing(context: dg.AssetExecutionContext) -> Iterator[tuple[Engine, Path]]:
    """The engine of this run, and a folder for what it makes, which lives until that was stored."""
    lakehouse: Lakehouse = context.resources.lakehouse.open()
    with lakehouse.staging() as staging:
        yield context.resources.engine.open(), staging


def _aggregate(portfolio: Portfolio, group: FeatureGroup, settings: Settings) -> dg.AssetsDefinition:
    sources = {group.table}
    if group.reduction and group.reduction.parent:
        sources.add(group.reduction.parent)

    @dg.asset(
        key=asset_key(portfolio.name, "aggregates", group.name),
        ins=_raw_ins(portfolio, sources),
        description=f"{group.description} One row per applicant with any row in `{group.table}`.",
        kinds={settings.engine, "deltalake"},
        code_version=feature_code(portfolio),
        required_resource_keys=COMPUTING,
        pool=HEAVY_POOL,
    )
    def aggregate(context: dg.AssetExecutionContext, **raw: StoredTable) -> Iterator[dg.Output[Table]]:
        with _computing(context) as (engine, staging):
            table = aggregate_table(portfolio, group, raw, engine, staging)
            yield dg.Output(replace(table, metadata={"features": len(group.all_features)}))

    return aggregate


def _applicants(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    aggregate_ins = {
        AGGREGATE_INPUT.format(group.name): dg.AssetIn(key=asset_key(portfolio.name, "aggregates", group.name))
        for group in portfolio.feature_groups
        if group.history
    }

    @dg.asset(
        key=asset_key(portfolio.name, "features", "applicants"),
        ins={**_raw_ins(portfolio, portfolio.application_tables), **aggregate_ins},
        deps=[asset_key(portfolio.name, "monitoring", TAKEN_IN)],
        description=f"All {len(portfolio.features)} features of {portfolio.title}, one row per applicant. Protected "
        "attributes are not in it. Applicants without a known outcome have a null target. After a refit it holds "
        "decided applicants, too (`origin`): only those who were accepted, for of others nobody knows what they would "
        "have done.",
        kinds={settings.engine, "deltalake"},
        code_version=feature_code(portfolio),
        required_resource_keys=COMPUTING,
        pool=HEAVY_POOL,
    )
    def applicants(context: dg.AssetExecutionContext, **inputs: StoredTable) -> Iterator[dg.Output[Table]]:
        with _computing(context) as (engine, staging):
            lakehouse: Lakehouse = context.resources.lakehouse.open()
            pinned = settings.pins.get(monitoring_key(portfolio.name, TAKEN_IN))
            applications = inputs[portfolio.training_table].frame
            decided = taken_in(portfolio, lakehouse, open_logs(settings), applications, pinned)
            table = applicants_table(portfolio, inputs, engine, staging, decided)
            lineage = feature_lineage(portfolio)
            shown = {"features": len(portfolio.features), "dagster/column_lineage": lineage, **table.summary}
            if "decided" in table.summary:
                # Whoever was erased while this was made goes at once; and no rows are kept in Dagster's records.
                table = replace(table, afterwards=partial(forget_again, lakehouse, portfolio.name, open_logs(settings)))
                shown["preview"] = NO_PREVIEW
            yield dg.Output(replace(table, metadata=shown))

    return applicants


def _catalogue(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "features", "catalogue"),
        ins={"applicants": dg.AssetIn(key=asset_key(portfolio.name, "features", "applicants"))},
        description="What each feature means: description, unit, source, reason family, expected sign, valid range, "
        "distribution and null share. Also written as a searchable HTML page, Markdown and CSV.",
        kinds={"polars", "deltalake", "html"},
        code_version=feature_code(portfolio),
    )
    def catalogue(applicants: StoredTable) -> Table:
        table, page = catalogue_table(portfolio, settings, applicants)
        shown = table.frame.lazy().select("feature", "description", "unit", "reason").head(40).collect()
        return replace(
            table,
            metadata={"catalogue": markdown_table(shown), "file": page},
        )

    return catalogue


def _protected_attributes(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    reasons = [f"`{c.name}`: {c.protected}" for c in portfolio.application_columns if c.protected]

    @dg.asset(
        key=asset_key(portfolio.name, "features", "protected_attributes"),
        ins=_raw_ins(portfolio, portfolio.application_tables),
        description="Audit table: attributes that must not reach a model, kept to measure fairness. "
        + "; ".join(reasons),
        kinds={settings.engine, "deltalake"},
        code_version=feature_code(portfolio),
        required_resource_keys=COMPUTING,
    )
    def protected_attributes(context: dg.AssetExecutionContext, **raw: StoredTable) -> Iterator[dg.Output[Table]]:
        with _computing(context) as (engine, staging):
            yield dg.Output(protected_table(portfolio, raw, engine, staging))

    return protected_attributes
