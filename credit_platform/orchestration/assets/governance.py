"""governance/registered_model and governance/promotion_decision: the challenger before the gate.

Explanations, fairness, scorecard, model card and validation report belong in this layer, between models/scorer and the
gate; each is an asset factory of its own.
"""

import getpass
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import polars as pl

from credit_platform.errors import CreditPlatformError
from credit_platform.governance.decision import Contender, PromotionDecision
from credit_platform.governance.evidence import Evidence, GateInput
from credit_platform.governance.gate import evaluate_gate
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.modelling.tracking import CHALLENGER
from credit_platform.orchestration.assets.models import commit_info, model_ins
from credit_platform.orchestration.code_versions import code_version
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import OUTSIDE_WORLD_RETRIES, RISK_MODELLING, asset_key, group_name
from credit_platform.orchestration.tables import Table
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings


def build_governance_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Registration of the challenger and the promotion decision."""
    return [_registered_model(portfolio), _promotion_decision(portfolio, settings)]


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
        tracking.set_alias(portfolio.name, CHALLENGER, version)
        if tracking.champion(portfolio.name) != version:
            tracking.set_version_tags(portfolio.name, version, {"stage": "staging"})
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
    figures = {
        "threshold": scorer.summary["threshold"],
        "auc": metrics["auc"],
        "cost_per_applicant": threshold.summary["cost_per_applicant"],
    }
    return {
        "candidate": scorer.summary["candidate"],
        **{name: f"{value:.4f}" for name, value in figures.items()},
        "feature_version": scorer.summary["feature_version"],
        "synthetic": str(scorer.version.synthetic).lower(),
    }


def _promotion_decision(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "governance", "promotion_decision"),
        ins={
            **model_ins(portfolio, "scorer", "calibration"),
            "registered_model": dg.AssetIn(key=asset_key(portfolio.name, "governance", "registered_model")),
        },
        description="May the challenger replace the champion? One row per check with figures and a sentence; the "
        "checks of this asset show them, and a failed one stops everything downstream. Its versions are the history "
        "of promotions: who, when, what, why.",
        group_name=group_name(portfolio.name, "governance"),
        owners=[RISK_MODELLING],
        kinds={"polars"},
        code_version=code_version("credit_platform.governance"),
        required_resource_keys={"lakehouse"},
    )
    def promotion_decision(
        context: dg.AssetExecutionContext,
        scorer: StoredTable,
        calibration: StoredTable,
        registered_model: StoredTable,
    ) -> Table:
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        champion = _champion(lakehouse, portfolio)
        challenger = Contender(
            name=scorer.summary["candidate"],
            version=registered_model.summary["version"],
            digest=scorer.summary["digest"],
        )
        try:
            given = GateInput(
                portfolio=portfolio,
                challenger=challenger,
                development=_development(portfolio, calibration, settings.seed),
                holdout=_evidence(_shared(portfolio, scorer, champion), scorer),
                champion=_contender(champion),
                champion_holdout=_evidence(_shared(portfolio, champion, scorer), champion) if champion else None,
                decided_by=_who(context),
                decided_at=datetime.now(UTC),
                run_id=context.run.run_id,
                digests={
                    "scorer": scorer.version.content_hash,
                    "calibration": calibration.version.content_hash,
                },
                seed=settings.seed,
            )
            decision = evaluate_gate(given)
        except CreditPlatformError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        return _decision_table(portfolio, decision, scorer)

    return promotion_decision


def _decision_table(portfolio: Portfolio, decision: PromotionDecision, scorer: StoredTable) -> Table:
    frame = decision.to_frame()
    return Table(
        frame=frame,
        summary=decision.summary(),
        info=commit_info(portfolio, scorer),
        metadata={
            "promoted": decision.promoted,
            "reason": decision.reason,
            "checks": markdown_table(frame.select("check", "passed", "value", "bound", "message")),
        },
    )


def _champion(lakehouse: Lakehouse, portfolio: Portfolio) -> StoredTable | None:
    """The promoted model as it was stored, with its scores of the holdout; None before the first promotion."""
    key = f"{portfolio.name}/serving/promoted_model"
    return lakehouse.read(key) if lakehouse.exists(key) else None


def _contender(champion: StoredTable | None) -> Contender | None:
    if champion is None:
        return None
    summary = champion.summary
    return Contender(name=summary["candidate"], version=summary["version"], digest=summary["digest"])


def _development(portfolio: Portfolio, calibration: StoredTable, seed: int) -> Evidence:
    oof = calibration.frame.collect()
    y, p, fold = (oof[name].to_numpy() for name in ("target", "probability", "fold"))
    return Evidence.cross_fitted(y, p, fold, portfolio.costs, seed=seed)


def _shared(portfolio: Portfolio, own: StoredTable, other: StoredTable | None) -> pl.DataFrame:
    """Rows of `own` whose applicant `other` scored too, sorted by applicant.

    The champion was scored on the holdout of its day. The holdout only grows, so what both scored is nearly all of it.
    """
    frame = own.frame.collect().sort(portfolio.applicant_key)
    if other is None:
        return frame
    return frame.join(other.frame.collect(), on=portfolio.applicant_key, how="semi", maintain_order="left")


def _evidence(holdout: pl.DataFrame, model: StoredTable) -> Evidence:
    return Evidence.at_threshold(holdout["target"], holdout["probability"], model.summary["threshold"])


def _who(context: dg.AssetExecutionContext) -> str:
    """The schedule or sensor that started the run, else the user of this machine."""
    tags = context.run.tags
    for kind in ("schedule", "sensor"):
        if name := tags.get(f"dagster/{kind}_name"):
            return f"{kind} {name}"
    return f"user {getpass.getuser()}"
