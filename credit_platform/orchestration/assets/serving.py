"""serving/promoted_model and serving/bento: what the gate let through, and its package."""

from dataclasses import asdict
from pathlib import Path

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.errors import PromotionRefusedError
from credit_platform.orchestration.assets.governance_evidence import governance_ins
from credit_platform.orchestration.assets.models import commit_info, model_ins
from credit_platform.orchestration.assets.scored_applicants import build_scored_applicants
from credit_platform.orchestration.policies import OPERATIONS, OUTSIDE_WORLD_RETRIES, asset_key, group_name
from credit_platform.orchestration.promotion import promote, promoted_since
from credit_platform.orchestration.tables import StoredTable, Table
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.served_source import SOURCE_DIGEST
from credit_platform.scoring.stored_histories import history_features
from credit_platform.serving.bentos import build_bento
from credit_platform.serving.freshness import fingerprint
from credit_platform.settings import Settings


def build_serving_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Champion, Bento, and the applicants to be scored where there are any."""
    return [_promoted_model(portfolio), _bento(portfolio, settings), *build_scored_applicants(portfolio)]


def _promoted_model(portfolio: Portfolio) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "serving", "promoted_model"),
        ins={
            **model_ins(portfolio, "scorer"),
            **governance_ins(portfolio, "registered_model", "promotion_decision"),
        },
        description="The champion: the model that answers applicants. Made only from a challenger that the gate "
        "promoted; the MLflow alias `champion` is moved to it. The table holds its scores of the holdout, which the "
        "next challenger is compared with.",
        group_name=group_name(portfolio.name, "serving"),
        owners=[OPERATIONS],
        kinds={"mlflow"},
        code_version=code_version("credit_platform.governance"),
        retry_policy=OUTSIDE_WORLD_RETRIES,
        required_resource_keys={"tracking", "lakehouse"},
    )
    def promoted_model(
        context: dg.AssetExecutionContext,
        scorer: StoredTable,
        registered_model: StoredTable,
        promotion_decision: StoredTable,
    ) -> Table:
        _require_promotion(portfolio, scorer, promotion_decision)
        model, version = registered_model.summary["model"], registered_model.summary["version"]
        tracking = context.resources.tracking.open(portfolio.name)
        promoted_at = promoted_since(context.resources.lakehouse.open(), portfolio.name, scorer.summary["digest"])
        promote(tracking, model, version)
        return Table(
            frame=scorer.frame,
            summary={**scorer.summary, "model": model, "version": version, "promoted_at": promoted_at},
            info=commit_info(portfolio, scorer),
            metadata={
                "model": model,
                "mlflow_version": version,
                "digest": scorer.summary["digest"],
                "candidate": scorer.summary["candidate"],
                "promoted_at": promoted_at,
                "threshold": scorer.summary["threshold"],
            },
        )

    return promoted_model


def _require_promotion(portfolio: Portfolio, scorer: StoredTable, decision: StoredTable) -> None:
    """Refuse to promote what the gate refused, or what it never judged; a run of this asset alone gets here too."""
    if decision.summary["digest"] != scorer.summary["digest"]:
        raise _refusal(
            f"The gate judged scorer {decision.summary['digest'][:12]}, not {scorer.summary['digest'][:12]}.",
            f"Materialise {portfolio.name}/governance/promotion_decision again.",
        )
    if not decision.summary["promoted"]:
        raise _refusal(
            f"The gate refused the challenger: {decision.summary['reason']}",
            "Mend what the failed checks name and run the portfolio again; the champion stays in place.",
        )


def _refusal(what: str, cure: str) -> dg.Failure:
    return dg.Failure(str(PromotionRefusedError(what, cure)), allow_retries=False)


def _bento(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "serving", "bento"),
        ins={"promoted_model": dg.AssetIn(key=asset_key(portfolio.name, "serving", "promoted_model"))},
        description="The champion packaged as a BentoML service: scorer, feature code and slim requirements"
        + (
            ", and the history features of known applicants, of the version of the feature table that the champion was "
            "trained on (unless CREDIT_PLATFORM_SHIP_HISTORIES=false)"
            if history_features(portfolio)
            else ""
        )
        + ". Start it with `credit-platform up` or `bentoml serve`.",
        group_name=group_name(portfolio.name, "serving"),
        owners=[OPERATIONS],
        kinds={"bentoml"},
        code_version=code_version("credit_platform.scoring", "credit_platform.features"),
        retry_policy=OUTSIDE_WORLD_RETRIES,
    )
    def bento(promoted_model: StoredTable) -> Table:
        champion = promoted_model.summary
        # A champion that was promoted before this was recorded has no date.
        promoted_at = champion.get("promoted_at")
        built = build_bento(Path(champion["path"]), portfolio, settings, promoted_at=promoted_at)
        row = {"tag": built.tag, "path": str(built.path), "digest": champion["digest"]}
        histories = {} if built.histories is None else {"stored_histories": asdict(built.histories)}
        return Table(
            frame=pl.DataFrame({**row, "bytes": built.bytes}),
            summary={
                **row,
                **histories,
                SOURCE_DIGEST: built.source_digest,
                "fingerprint": fingerprint(portfolio, settings),
            },
            info=commit_info(portfolio, promoted_model),
            metadata={
                "tag": built.tag,
                "bento_bytes": built.bytes,
                "folder": dg.MetadataValue.path(str(built.path)),
                **histories,
            },
        )

    return bento
