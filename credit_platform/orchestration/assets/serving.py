"""serving/promoted_model and serving/bento: what the gate let through, and its package."""

from dataclasses import asdict
from functools import partial

import dagster as dg

from credit_platform.code_versions import code_version
from credit_platform.governance.decision import PromotionDecision
from credit_platform.governance.promotion_acts import require_promotion, require_registered
from credit_platform.governance.promotion_history import champion_table, policy_for, promoted_since, promoted_through
from credit_platform.governance.records import PromotedModel, RegisteredModel, promoted
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.records import ScorerRecord
from credit_platform.monitoring.promotion_checkpoints import vouch_for_promotions
from credit_platform.orchestration.assets.governance_evidence import governance_ins
from credit_platform.orchestration.assets.models import commit_info, model_ins
from credit_platform.orchestration.assets.scored_applicants import build_scored_applicants
from credit_platform.orchestration.policies import OUTSIDE_WORLD_RETRIES, asset_key
from credit_platform.orchestration.promotion import point_alias, require_newest
from credit_platform.portfolios.keys import bento_key, decision_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.stored_histories import history_features
from credit_platform.serving.bentos import build_bento
from credit_platform.serving.freshness import fingerprint
from credit_platform.serving.records import BentoRecord, bento_rows
from credit_platform.settings import Settings
from credit_platform.tables.table import Table


def build_serving_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Champion, Bento, and the applicants to be scored where there are any."""
    return [
        _promoted_model(portfolio, settings),
        _bento(portfolio, settings),
        *build_scored_applicants(portfolio, settings),
    ]


def _promoted_model(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "serving", "promoted_model"),
        ins={
            **model_ins(portfolio, "scorer"),
            **governance_ins(portfolio, "registered_model", "promotion_decision"),
        },
        description="The champion: the model that answers applicants. Made only from a challenger that the gate "
        "promoted; the MLflow alias `champion` is moved to it. The table holds its scores of the holdout, which the "
        "next challenger is compared with.",
        kinds={"mlflow"},
        code_version=code_version("credit_platform.governance"),
        retry_policy=OUTSIDE_WORLD_RETRIES,
        required_resource_keys={"tracking", "lakehouse", "clock"},
    )
    def promoted_model(
        context: dg.AssetExecutionContext,
        scorer: StoredTable,
        registered_model: StoredTable,
        promotion_decision: StoredTable,
    ) -> Table:
        made, judged = ScorerRecord.of(scorer), PromotionDecision.of(promotion_decision)
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        before = champion_table(lakehouse, portfolio.name)
        policy = policy_for(lakehouse, portfolio, made.digest, settings.approval).policy
        require_promotion(portfolio.name, made.digest, judged, promoted(before), policy)
        registered = RegisteredModel.of(registered_model)
        require_registered(registered, made.digest)
        vouch_for_promotions(settings, portfolio.name, lakehouse.seals(decision_key(portfolio.name)))
        promoted_at = promoted_since(lakehouse, portfolio.name, made.digest, context.resources.clock.now())
        promoted_by = promoted_through(lakehouse, portfolio.name, made.digest, context.run.run_id)
        champion = PromotedModel.made(made, registered, promoted_at, promoted_by)
        tracking = context.resources.tracking.open(portfolio.name)
        tracking.require_version(champion.model, champion.version)
        return Table(
            frame=scorer.frame,
            summary=champion.to_summary(),
            info=commit_info(portfolio, scorer),
            # The one who commits first wins, and only the winner's version gets the alias.
            after=None if before is None else before.version,
            afterwards=partial(point_alias, lakehouse, tracking, portfolio.name),
            metadata={
                "model": champion.model,
                "mlflow_version": champion.version,
                "digest": champion.digest,
                "candidate": champion.candidate,
                "promoted_at": promoted_at,
                "threshold": champion.rule.threshold,
            },
        )

    return promoted_model


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
        kinds={"bentoml"},
        code_version=code_version("credit_platform.scoring", "credit_platform.features"),
        retry_policy=OUTSIDE_WORLD_RETRIES,
        required_resource_keys={"lakehouse"},
    )
    def bento(context: dg.AssetExecutionContext, promoted_model: StoredTable) -> Table:
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        before = lakehouse.latest(bento_key(portfolio.name))
        require_newest(lakehouse, promoted_model, settings.pins)
        champion = PromotedModel.of(promoted_model)
        built = build_bento(
            champion.folder(Shelf.of(settings)),
            portfolio,
            settings,
            promoted_at=champion.promoted_at,
            promoted_by=champion.promoted_by,
        )
        record = BentoRecord.made(built, fingerprint(portfolio, settings))
        histories = {} if built.histories is None else {"stored_histories": asdict(built.histories)}
        return Table(
            frame=bento_rows(record, built.bytes),
            summary=record.to_summary(),
            info=commit_info(portfolio, promoted_model),
            # Whoever rolled back while it was built has put another one in place.
            after=before,
            metadata={
                "tag": record.tag,
                "bento_bytes": built.bytes,
                "artefact": record.key,
                **histories,
            },
        )

    return bento
