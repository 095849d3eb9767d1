"""The gate's checks on `governance/promotion_decision`: one asset check per rule; some only advise."""

import dagster as dg
import polars as pl

from credit_platform.governance.assurance import advises
from credit_platform.governance.gate import CHECK_NAMES
from credit_platform.orchestration.policies import asset_key
from credit_platform.orchestration.tables import StoredTable
from credit_platform.portfolios.portfolio import Portfolio


def build_gate_checks(portfolio: Portfolio) -> list[dg.AssetChecksDefinition]:
    """One check per rule of the gate: a refused challenger stops there, and the UI says why."""
    return [_check(portfolio, name) for name in CHECK_NAMES]


def _check(portfolio: Portfolio, name: str) -> dg.AssetChecksDefinition:
    blocking = not advises(name, portfolio.fairness_severity)

    @dg.asset_check(
        asset=asset_key(portfolio.name, "governance", "promotion_decision"),
        name=name,
        description=f"Rule `{name}` of the promotion gate; its meaning stands in `credit_platform.governance.gate`.",
        blocking=blocking,
    )
    def gate_check(promotion_decision: StoredTable) -> dg.AssetCheckResult:
        rows = promotion_decision.frame.filter(pl.col("check") == name).collect()
        if rows.is_empty():
            return dg.AssetCheckResult(passed=True, description=str(promotion_decision.summary["reason"]))
        row = rows.row(0, named=True)
        figures = {key: row[key] for key in ("value", "bound") if row[key] is not None}
        severity = dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN
        return dg.AssetCheckResult(
            passed=row["passed"], severity=severity, metadata=figures, description=row["message"]
        )

    return gate_check
