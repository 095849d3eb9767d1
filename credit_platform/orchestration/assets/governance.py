"""governance/registered_model and governance/promotion_decision: the challenger before the gate.

Explanations, fairness, scorecard, model card and validation report belong in this layer, between models/scorer and the
gate; each is an asset factory of its own.
"""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import polars as pl

from credit_platform.lakehouse import StoredTable
from credit_platform.orchestration.assets.models import commit_info, model_ins
from credit_platform.orchestration.code_versions import code_version
from credit_platform.orchestration.policies import OUTSIDE_WORLD_RETRIES, RISK_MODELLING, asset_key, group_name
from credit_platform.orchestration.tables import Table
from credit_platform.portfolios.portfolio import Portfolio

GOVERNANCE_CODE = ("credit_platform.governance",)


def build_governance_assets(portfolio: Portfolio) -> list[dg.AssetsDefinition]:
    """Registration of the challenger and the promotion decision."""
    return [_registered_model(portfolio), _promotion_decision(portfolio)]


def _registered_model(portfolio: Portfolio) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "governance", "registered_model"),
        ins=model_ins(portfolio, "scorer", "threshold"),
        description="The scorer as a version of the registered model in MLflow, with alias `challenger`. A scorer "
        "that is registered already keeps its version.",
        group_name=group_name(portfolio.name, "governance"),
        owners=[RISK_MODELLING],
        kinds={"mlflow"},
        code_version=code_version("credit_platform.modelling.tracking"),
        retry_policy=OUTSIDE_WORLD_RETRIES,
        required_resource_keys={"tracking"},
    )
    def registered_model(context: dg.AssetExecutionContext, scorer: StoredTable, threshold: StoredTable) -> Table:
        tracking = context.resources.tracking.open(portfolio.name)
        version = tracking.register(
            Path(scorer.summary["path"]),
            portfolio.name,
            tags=_version_tags(scorer, threshold),
            run_id=scorer.summary["mlflow_run_id"],
            description=f"{portfolio.title}: {scorer.summary['candidate']}.",
        )
        tracking.set_alias(portfolio.name, "challenger", version)
        row = {"model": portfolio.name, "version": version, "digest": scorer.summary["digest"]}
        return Table(
            frame=pl.DataFrame(row),
            summary=row,
            info=commit_info(portfolio, scorer),
            metadata={"model": portfolio.name, "mlflow_version": version, "digest": row["digest"]},
        )

    return registered_model


def _version_tags(scorer: StoredTable, threshold: StoredTable) -> dict[str, object]:
    metrics = threshold.summary["metrics"]
    return {
        "candidate": scorer.summary["candidate"],
        "threshold": scorer.summary["threshold"],
        "auc": metrics["auc"],
        "cost_per_applicant": threshold.summary["cost_per_applicant"],
        "feature_version": scorer.summary["feature_version"],
        "synthetic": scorer.version.synthetic,
        "stage": "staging",
    }
