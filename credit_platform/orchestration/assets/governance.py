"""governance/registered_model and governance/promotion_decision: the challenger before the gate.

What is measured before is in `governance_evidence.py`, `governance_soundness.py` and `governance_swap_set.py`, what is
written about it in `governance_documents.py`.
"""

from dataclasses import replace

import dagster as dg
import polars as pl

from credit_platform.accounts import account
from credit_platform.code_versions import code_version
from credit_platform.governance.approval import VARIABLE, adopt_setting, for_retrained, trainers_of
from credit_platform.governance.gate import evaluate_gate
from credit_platform.governance.gate_input import EVIDENCE, PAPERS, Asked, challenger_of, gather_gate_input
from credit_platform.governance.promotion_history import approver_of, champion_table, policy_for
from credit_platform.governance.records import DocumentsRecord, RegisteredModel, SwapSetRecord
from credit_platform.governance.registration import version_tags
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.lakehouse.reports import model_reports_key
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.records import ScorerRecord, ThresholdRecord
from credit_platform.modelling.tracking import CHALLENGER
from credit_platform.orchestration.assets.governance_documents import build_document_assets
from credit_platform.orchestration.assets.governance_evidence import build_evidence_assets, governance_ins
from credit_platform.orchestration.assets.governance_fairness import build_fairness_asset
from credit_platform.orchestration.assets.governance_reasons import build_reasons_asset
from credit_platform.orchestration.assets.governance_soundness import build_soundness_assets
from credit_platform.orchestration.assets.governance_swap_set import build_swap_set_asset
from credit_platform.orchestration.assets.models import applicants_in, commit_info, model_ins
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import OUTSIDE_WORLD_RETRIES, asset_key
from credit_platform.portfolios.keys import decision_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table


def build_governance_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Evidence, documents, registration of the challenger and the promotion decision."""
    return [
        *build_evidence_assets(portfolio, settings),
        build_fairness_asset(portfolio, settings),
        *build_soundness_assets(portfolio, settings),
        build_reasons_asset(portfolio, settings),
        build_swap_set_asset(portfolio, settings),
        *build_document_assets(portfolio, settings),
        _registered_model(portfolio, settings),
        _promotion_decision(portfolio, settings),
    ]


def _registered_model(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "governance", "registered_model"),
        ins={
            **applicants_in(portfolio),
            **model_ins(portfolio, "scorer", "threshold"),
            **governance_ins(portfolio, "validation_report", "model_card"),
        },
        description="The scorer as a version of the registered model in MLflow, with alias `challenger`, its documents "
        "beside it. A scorer that is registered already keeps its version.",
        kinds={"mlflow"},
        code_version=code_version("credit_platform.modelling.tracking"),
        retry_policy=OUTSIDE_WORLD_RETRIES,
        required_resource_keys={"tracking"},
    )
    def registered_model(  # noqa: PLR0917  # Dagster passes inputs by name
        context: dg.AssetExecutionContext,
        applicants: StoredTable,
        scorer: StoredTable,
        threshold: StoredTable,
        validation_report: StoredTable,
        model_card: StoredTable,
    ) -> Table:
        tracking, shelf = context.resources.tracking.open(portfolio.name), Shelf.of(settings)
        made, papers = ScorerRecord.of(scorer), DocumentsRecord.of(model_card)
        place = model_reports_key(portfolio.name, made.digest)
        tags = version_tags(made, ThresholdRecord.of(threshold), made=scorer.version, applicants=applicants.version)
        version = tracking.register(
            made.folder(shelf),
            portfolio.name,
            tags={**tags, "documents": place},
            run_id=made.mlflow_run_id,
            description=f"{portfolio.title}: {made.candidate}.",
        )
        with shelf.together(place) as folder:
            tracking.reopen(made.mlflow_run_id).log_folder(folder, "documents")
        tracking.set_alias(portfolio.name, CHALLENGER, version)
        if tracking.champion(portfolio.name) != version:
            tracking.set_version_tags(portfolio.name, version, {"stage": "staging"})
        record = RegisteredModel(model=portfolio.name, version=version, digest=made.digest)
        return Table(
            frame=pl.DataFrame(record.to_summary()),
            summary=record.to_summary(),
            info=commit_info(portfolio, scorer),
            metadata={
                "model": record.model,
                "mlflow_version": record.version,
                "digest": record.digest,
                "documents": place,
                "papers": ", ".join((*papers.files, *DocumentsRecord.of(validation_report).files)),
            },
        )

    return registered_model


def _promotion_decision(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "governance", "promotion_decision"),
        ins={
            **applicants_in(portfolio),
            **model_ins(portfolio, "scorer", "calibration"),
            **governance_ins(portfolio, "registered_model", "swap_set", *EVIDENCE, *PAPERS),
        },
        description="May the challenger replace the champion? One row per check with figures and a sentence; the "
        "checks of this asset show them, and a failed one stops everything downstream. Its versions are the history "
        "of promotions: who, when, what, why.",
        kinds={"polars"},
        code_version=code_version("credit_platform.governance"),
        retry_policy=OUTSIDE_WORLD_RETRIES,
        required_resource_keys={"lakehouse", "clock"},
    )
    def promotion_decision(context: dg.AssetExecutionContext, **tables: StoredTable) -> Table:
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        before = lakehouse.latest(decision_key(portfolio.name))
        if (adopted := adopt_setting(lakehouse, settings.approval)) is not None:
            context.log.warning(f"{VARIABLE}={settings.approval} is the policy of this home now: {adopted.reason}.")
        digest = challenger_of(tables).digest
        policy = policy_for(lakehouse, portfolio, digest, settings.approval)
        policy = for_retrained(policy, portfolio, tables["applicants"])
        trainers = trainers_of(lakehouse, portfolio.name, digest)
        asked = Asked(
            decided_by=_who(context),
            decided_at=context.resources.clock.now(),
            run_id=context.run.run_id,
            approval=policy,
            approved_by=approver_of(lakehouse, portfolio.name, digest, policy.policy, trainers),
            seed=settings.seed,
        )
        given = gather_gate_input(portfolio, tables, champion_table(lakehouse, portfolio.name), asked, lakehouse.shelf)
        decision = replace(
            evaluate_gate(given),
            swap_set=SwapSetRecord.of(tables["swap_set"]).compared,
            policy=policy.to_dict(),
            trained_by=tuple(map(str, trainers)),
        )
        frame = decision.to_frame()
        return Table(
            frame=frame,
            summary=decision.to_summary(),
            info=commit_info(portfolio, tables["scorer"]),
            # Whoever spoke meanwhile was not heard: then the gate is asked again.
            after=before,
            metadata={
                "approval_policy": f"{policy.policy.level}: {policy.basis}",
                "promoted": decision.promoted,
                "reason": decision.reason,
                "checks": markdown_table(frame.select("check", "passed", "value", "bound", "message")),
            },
        )

    return promotion_decision


def _who(context: dg.AssetExecutionContext) -> str:
    """The schedule or sensor that started the run, else the user of this machine."""
    tags = context.run.tags
    for kind in ("schedule", "sensor"):
        if name := tags.get(f"dagster/{kind}_name"):
            return f"{kind} {name}"
    return f"user {account()}"
