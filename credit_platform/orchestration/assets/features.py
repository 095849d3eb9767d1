"""features/applicants, features/catalogue and features/protected_attributes of a portfolio."""

from collections.abc import Mapping

import dagster as dg
import polars as pl

from credit_platform import features
from credit_platform.lakehouse import CommitInfo
from credit_platform.orchestration.code_versions import code_version
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import AUDIT, DATA_ENGINEERING, HEAVY_POOL, asset_key, group_name
from credit_platform.orchestration.tables import StoredTable, Table
from credit_platform.portfolios.portfolio import FeatureGroup, Portfolio
from credit_platform.settings import Settings


def build_feature_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Aggregates of each history, the feature table, its catalogue, and the audit table."""
    aggregates = [_aggregate(portfolio, group) for group in portfolio.feature_groups if group.history]
    return [*aggregates, _applicants(portfolio), _catalogue(portfolio, settings), _protected_attributes(portfolio)]


def _raw_ins(portfolio: Portfolio, names: set[str]) -> dict[str, dg.AssetIn]:
    return {name: dg.AssetIn(key=asset_key(portfolio.name, "raw", name)) for name in sorted(names)}


def _application_tables(portfolio: Portfolio) -> set[str]:
    return {portfolio.training_table, *([portfolio.scoring_table] if portfolio.scoring_table else [])}


def _frames(inputs: Mapping[str, StoredTable]) -> dict[str, pl.LazyFrame]:
    return {name: stored.frame for name, stored in inputs.items()}


def _is_synthetic(inputs: Mapping[str, StoredTable]) -> bool:
    return any(stored.version.synthetic for stored in inputs.values())


def _feature_code(portfolio: Portfolio) -> str:
    return code_version("credit_platform.features", f"credit_platform.portfolios.{portfolio.name}")


def _aggregate(portfolio: Portfolio, group: FeatureGroup) -> dg.AssetsDefinition:
    sources = {group.table}
    if group.reduction and group.reduction.parent:
        sources.add(group.reduction.parent)

    @dg.asset(
        key=asset_key(portfolio.name, "aggregates", group.name),
        ins=_raw_ins(portfolio, sources),
        description=f"{group.description} One row per applicant with any row in `{group.table}`.",
        group_name=group_name(portfolio.name, "aggregates"),
        owners=[DATA_ENGINEERING],
        kinds={"polars", "deltalake"},
        code_version=_feature_code(portfolio),
        pool=HEAVY_POOL,
    )
    def aggregate(**raw: StoredTable) -> Table:
        frame = features.build_group(group, _frames(raw), portfolio)
        info = CommitInfo(
            portfolio=portfolio.name,
            code_version=_feature_code(portfolio),
            number_of_features=len(group.all_features),
            synthetic=_is_synthetic(raw),
        )
        return Table(frame=frame, info=info, metadata={"features": len(group.all_features)})

    return aggregate


def _applicants(portfolio: Portfolio) -> dg.AssetsDefinition:
    histories = [group.name for group in portfolio.feature_groups if group.history]
    aggregate_ins = {
        f"aggregate_{name}": dg.AssetIn(key=asset_key(portfolio.name, "aggregates", name)) for name in histories
    }

    @dg.asset(
        key=asset_key(portfolio.name, "features", "applicants"),
        ins={**_raw_ins(portfolio, _application_tables(portfolio)), **aggregate_ins},
        description=f"All {len(portfolio.features)} features of {portfolio.title}, one row per applicant. Protected "
        "attributes are not in it. Applicants without a known outcome have a null target.",
        group_name=group_name(portfolio.name, "features"),
        owners=[DATA_ENGINEERING],
        kinds={"polars", "deltalake"},
        code_version=_feature_code(portfolio),
        pool=HEAVY_POOL,
    )
    def applicants(**inputs: StoredTable) -> Table:
        aggregates = {name: inputs[f"aggregate_{name}"].frame for name in histories}
        tables = {name: stored.frame for name, stored in inputs.items() if not name.startswith("aggregate_")}
        version = features.feature_version(portfolio)
        info = CommitInfo(
            portfolio=portfolio.name,
            code_version=version,
            number_of_features=len(portfolio.features),
            synthetic=_is_synthetic(inputs),
        )
        return Table(
            frame=features.build_features(portfolio, tables, aggregates),
            summary={"feature_version": version},
            info=info,
            metadata={"features": len(portfolio.features), "feature_version": version},
        )

    return applicants


def _catalogue(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "features", "catalogue"),
        ins={"applicants": dg.AssetIn(key=asset_key(portfolio.name, "features", "applicants"))},
        description="What each feature means: description, unit, source, reason family, expected sign, valid range, "
        "distribution and null share. Also written as Markdown and CSV.",
        group_name=group_name(portfolio.name, "features"),
        owners=[DATA_ENGINEERING],
        kinds={"polars", "deltalake", "markdown"},
        code_version=_feature_code(portfolio),
    )
    def catalogue(applicants: StoredTable) -> Table:
        frame = features.catalogue(portfolio, applicants.frame.collect())
        folder = settings.reports_folder(portfolio.name)
        folder.mkdir(parents=True, exist_ok=True)
        frame.write_csv(folder / "feature_catalogue.csv")
        path = folder / "feature_catalogue.md"
        path.write_text(features.catalogue_markdown(frame, f"Features of {portfolio.title}"), encoding="utf-8")
        shown = frame.select("feature", "description", "unit", "reason").head(40)
        info = CommitInfo(portfolio=portfolio.name, synthetic=applicants.version.synthetic)
        return Table(
            frame=frame,
            info=info,
            metadata={"catalogue": markdown_table(shown), "file": dg.MetadataValue.path(str(path.resolve()))},
        )

    return catalogue


def _protected_attributes(portfolio: Portfolio) -> dg.AssetsDefinition:
    reasons = [f"`{c.name}`: {c.protected}" for c in portfolio.application_columns if c.protected]

    @dg.asset(
        key=asset_key(portfolio.name, "features", "protected_attributes"),
        ins=_raw_ins(portfolio, _application_tables(portfolio)),
        description="Audit table: attributes that must not reach a model, kept to measure fairness. "
        + "; ".join(reasons),
        group_name=group_name(portfolio.name, "features"),
        owners=[AUDIT],
        kinds={"polars", "deltalake"},
        code_version=_feature_code(portfolio),
    )
    def protected_attributes(**raw: StoredTable) -> Table:
        info = CommitInfo(portfolio=portfolio.name, code_version=_feature_code(portfolio), synthetic=_is_synthetic(raw))
        return Table(frame=features.build_audit(portfolio, _frames(raw)), info=info)

    return protected_attributes
