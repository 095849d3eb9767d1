"""A check of each aggregate: no feature looks beyond the day of the application."""

import dagster as dg

from credit_platform.features.point_in_time import look
from credit_platform.orchestration.policies import asset_key
from credit_platform.orchestration.tables import StoredTable
from credit_platform.portfolios.portfolio import FeatureGroup, Portfolio


def build_point_in_time_checks(portfolio: Portfolio) -> list[dg.AssetChecksDefinition]:
    """One blocking check per history; none for a portfolio without any."""
    return [_point_in_time(portfolio, group) for group in portfolio.feature_groups if group.history]


def _point_in_time(portfolio: Portfolio, group: FeatureGroup) -> dg.AssetChecksDefinition:
    parent = group.reduction.parent if group.reduction else None
    sources = {name: asset_key(portfolio.name, "raw", name) for name in (group.table, parent) if name}

    asset = asset_key(portfolio.name, "aggregates", group.name)
    spec = dg.AssetCheckSpec(
        "point_in_time",
        asset=asset,
        description=f"Rows dated after the application, added to `{group.table}`, change no feature; how many there "
        "are in the table and are left out.",
        additional_deps=list(sources.values()),
        blocking=True,
    )

    @dg.multi_asset_check(
        name="__".join([*asset.path, spec.name]),
        specs=[spec],
        ins={name: dg.AssetIn(key=key) for name, key in sources.items()},
    )
    def point_in_time(**raw: StoredTable) -> dg.AssetCheckResult:
        seen = look(group, portfolio, {name: stored.frame for name, stored in raw.items()})
        return dg.AssetCheckResult(
            passed=seen.passed,
            metadata={"left_out": seen.left_out, "added": seen.added, "changed": list(seen.changed)},
            description=seen.sentence(group.table),
        )

    return point_in_time
