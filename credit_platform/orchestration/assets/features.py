"""features/applicants, features/catalogue and features/protected_attributes of a portfolio."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import dagster as dg

from credit_platform import features
from credit_platform.code_versions import code_version
from credit_platform.errors import CreditPlatformError
from credit_platform.lakehouse import CommitInfo, Lakehouse, StoredTable
from credit_platform.lakehouse.engines import Engine
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import AUDIT, DATA_ENGINEERING, HEAVY_POOL, asset_key, group_name
from credit_platform.portfolios.portfolio import FeatureGroup, Portfolio
from credit_platform.settings import Settings
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


def _application_tables(portfolio: Portfolio) -> set[str]:
    return {portfolio.training_table, *([portfolio.scoring_table] if portfolio.scoring_table else [])}


Build = Callable[[Mapping[str, Any]], Any]
"""Frames of an engine by input, to one frame of the same engine."""


@contextmanager
def _computed(
    context: dg.AssetExecutionContext, portfolio: Portfolio, inputs: Mapping[str, StoredTable], build: Build
) -> Iterator[Table]:
    """Run `build` on the engine of this run; give the result as a table whose files live until it was stored."""
    engine: Engine = context.resources.engine.open()
    lakehouse: Lakehouse = context.resources.lakehouse.open()
    with lakehouse.staging() as folder:
        try:
            frame = build({name: engine.read(stored) for name, stored in inputs.items()})
            prepared = engine.prepare(frame, folder / "result", sort_by=[portfolio.applicant_key])
        except CreditPlatformError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        yield Table(frame=prepared.frame, staged=prepared.staged)


def _is_synthetic(inputs: Mapping[str, StoredTable]) -> bool:
    return any(stored.version.synthetic for stored in inputs.values())


def _feature_code(portfolio: Portfolio) -> str:
    return code_version("credit_platform.features", f"credit_platform.portfolios.{portfolio.name}")


def _aggregate(portfolio: Portfolio, group: FeatureGroup, settings: Settings) -> dg.AssetsDefinition:
    sources = {group.table}
    if group.reduction and group.reduction.parent:
        sources.add(group.reduction.parent)

    @dg.asset(
        key=asset_key(portfolio.name, "aggregates", group.name),
        ins=_raw_ins(portfolio, sources),
        description=f"{group.description} One row per applicant with any row in `{group.table}`.",
        group_name=group_name(portfolio.name, "aggregates"),
        owners=[DATA_ENGINEERING],
        kinds={settings.engine, "deltalake"},
        code_version=_feature_code(portfolio),
        required_resource_keys=COMPUTING,
        pool=HEAVY_POOL,
    )
    def aggregate(context: dg.AssetExecutionContext, **raw: StoredTable) -> Iterator[dg.Output[Table]]:
        info = CommitInfo(
            portfolio=portfolio.name,
            code_version=_feature_code(portfolio),
            number_of_features=len(group.all_features),
            synthetic=_is_synthetic(raw),
        )
        with _computed(context, portfolio, raw, lambda frames: features.build_group(group, frames, portfolio)) as table:
            yield dg.Output(replace(table, info=info, metadata={"features": len(group.all_features)}))

    return aggregate


def _applicants(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    histories = [group.name for group in portfolio.feature_groups if group.history]
    applications = _application_tables(portfolio)
    aggregate_ins = {
        f"aggregate_{name}": dg.AssetIn(key=asset_key(portfolio.name, "aggregates", name)) for name in histories
    }

    @dg.asset(
        key=asset_key(portfolio.name, "features", "applicants"),
        ins={**_raw_ins(portfolio, applications), **aggregate_ins},
        description=f"All {len(portfolio.features)} features of {portfolio.title}, one row per applicant. Protected "
        "attributes are not in it. Applicants without a known outcome have a null target.",
        group_name=group_name(portfolio.name, "features"),
        owners=[DATA_ENGINEERING],
        kinds={settings.engine, "deltalake"},
        code_version=_feature_code(portfolio),
        required_resource_keys=COMPUTING,
        pool=HEAVY_POOL,
    )
    def applicants(context: dg.AssetExecutionContext, **inputs: StoredTable) -> Iterator[dg.Output[Table]]:
        def build(frames: Mapping[str, Any]) -> Any:
            aggregates = {name: frames[f"aggregate_{name}"] for name in histories}
            return features.build_features(portfolio, {name: frames[name] for name in applications}, aggregates)

        version = features.feature_version(portfolio)
        info = CommitInfo(
            portfolio=portfolio.name,
            code_version=version,
            number_of_features=len(portfolio.features),
            synthetic=_is_synthetic(inputs),
        )
        with _computed(context, portfolio, inputs, build) as table:
            shown = {"features": len(portfolio.features), "feature_version": version}
            yield dg.Output(replace(table, summary={"feature_version": version}, info=info, metadata=shown))

    return applicants


def _catalogue(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "features", "catalogue"),
        ins={"applicants": dg.AssetIn(key=asset_key(portfolio.name, "features", "applicants"))},
        description="What each feature means: description, unit, source, reason family, expected sign, valid range, "
        "distribution and null share. Also written as a searchable HTML page, Markdown and CSV.",
        group_name=group_name(portfolio.name, "features"),
        owners=[DATA_ENGINEERING],
        kinds={"polars", "deltalake", "html"},
        code_version=_feature_code(portfolio),
    )
    def catalogue(applicants: StoredTable) -> Table:
        rows = applicants.frame.collect()
        frame = features.catalogue(portfolio, rows)
        folder = settings.reports_folder(portfolio.name)
        folder.mkdir(parents=True, exist_ok=True)
        frame.write_csv(folder / "feature_catalogue.csv")
        text = features.catalogue_markdown(frame, f"Features of {portfolio.title}")
        (folder / "feature_catalogue.md").write_text(text, encoding="utf-8")
        path = folder / "feature_catalogue.html"
        page = features.catalogue_page(portfolio, frame, rows, synthetic=applicants.version.synthetic)
        path.write_text(page, encoding="utf-8")
        shown = frame.select("feature", "description", "unit", "reason").head(40)
        info = CommitInfo(portfolio=portfolio.name, synthetic=applicants.version.synthetic)
        return Table(
            frame=frame,
            info=info,
            metadata={"catalogue": markdown_table(shown), "file": dg.MetadataValue.path(str(path.resolve()))},
        )

    return catalogue


def _protected_attributes(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    reasons = [f"`{c.name}`: {c.protected}" for c in portfolio.application_columns if c.protected]

    @dg.asset(
        key=asset_key(portfolio.name, "features", "protected_attributes"),
        ins=_raw_ins(portfolio, _application_tables(portfolio)),
        description="Audit table: attributes that must not reach a model, kept to measure fairness. "
        + "; ".join(reasons),
        group_name=group_name(portfolio.name, "features"),
        owners=[AUDIT],
        kinds={settings.engine, "deltalake"},
        code_version=_feature_code(portfolio),
        required_resource_keys=COMPUTING,
    )
    def protected_attributes(context: dg.AssetExecutionContext, **raw: StoredTable) -> Iterator[dg.Output[Table]]:
        info = CommitInfo(portfolio=portfolio.name, code_version=_feature_code(portfolio), synthetic=_is_synthetic(raw))
        with _computed(context, portfolio, raw, lambda frames: features.build_audit(portfolio, frames)) as table:
            yield dg.Output(replace(table, info=info))

    return protected_attributes
