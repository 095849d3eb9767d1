"""governance/registered_model and governance/promotion_decision: the challenger before the gate.

What is measured before is in `governance_evidence.py`, `governance_soundness.py` and `governance_swap_set.py`, what is
written about it in `governance_documents.py`.
"""

import getpass
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.errors import CreditPlatformError
from credit_platform.governance.assurance import Assurance
from credit_platform.governance.decision import Contender, PromotionDecision
from credit_platform.governance.evidence import Evidence, GateInput
from credit_platform.governance.gate import evaluate_gate
from credit_platform.governance.promotion_history import approver_of
from credit_platform.governance.stability import Shift
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.modelling.tracking import CHALLENGER
from credit_platform.orchestration.assets.governance_documents import build_document_assets
from credit_platform.orchestration.assets.governance_evidence import build_evidence_assets, governance_ins, load_scorer
from credit_platform.orchestration.assets.governance_fairness import build_fairness_asset
from credit_platform.orchestration.assets.governance_reasons import build_reasons_asset
from credit_platform.orchestration.assets.governance_soundness import build_soundness_assets
from credit_platform.orchestration.assets.governance_swap_set import build_swap_set_asset
from credit_platform.orchestration.assets.models import applicants_in, commit_info, model_ins
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import OUTSIDE_WORLD_RETRIES, RISK_MODELLING, asset_key, group_name
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

Approval = Literal["automatic", "manual"]

_EVIDENCE = ("explanations", "fairness", "soundness", "reasons")
_PAPERS = ("scorecard", "validation_report", "model_card")


def build_governance_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Evidence, documents, registration of the challenger and the promotion decision."""
    return [
        *build_evidence_assets(portfolio, settings),
        build_fairness_asset(portfolio, settings),
        *build_soundness_assets(portfolio, settings),
        build_reasons_asset(portfolio),
        build_swap_set_asset(portfolio, settings),
        *build_document_assets(portfolio, settings),
        _registered_model(portfolio),
        _promotion_decision(portfolio, settings),
    ]


def _registered_model(portfolio: Portfolio) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "governance", "registered_model"),
        ins={
            **applicants_in(portfolio),
            **model_ins(portfolio, "scorer", "threshold"),
            **governance_ins(portfolio, "validation_report", "model_card"),
        },
        description="The scorer as a version of the registered model in MLflow, with alias `challenger`, its documents "
        "beside it. A scorer that is registered already keeps its version.",
        group_name=group_name(portfolio.name, "governance"),
        owners=[RISK_MODELLING],
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
        tracking = context.resources.tracking.open(portfolio.name)
        documents = Path(model_card.summary["folder"])
        version = tracking.register(
            Path(scorer.summary["path"]),
            portfolio.name,
            tags={**_version_tags(scorer, threshold, applicants), "documents": documents.as_posix()},
            run_id=scorer.summary["mlflow_run_id"],
            description=f"{portfolio.title}: {scorer.summary['candidate']}.",
        )
        tracking.reopen(scorer.summary["mlflow_run_id"]).log_folder(documents, "documents")
        tracking.set_alias(portfolio.name, CHALLENGER, version)
        if tracking.champion(portfolio.name) != version:
            tracking.set_version_tags(portfolio.name, version, {"stage": "staging"})
        row = {"model": portfolio.name, "version": version, "digest": scorer.summary["digest"]}
        return Table(
            frame=pl.DataFrame(row),
            summary=row,
            info=commit_info(portfolio, scorer),
            metadata={
                "model": portfolio.name,
                "mlflow_version": version,
                "digest": row["digest"],
                "documents": dg.MetadataValue.path(str(documents)),
                "papers": ", ".join((*model_card.summary["files"], *validation_report.summary["files"])),
            },
        )

    return registered_model


def _version_tags(scorer: StoredTable, threshold: StoredTable, applicants: StoredTable) -> dict[str, object]:
    metrics, holdout = threshold.summary["metrics"], scorer.summary["holdout_metrics"]
    figures = {
        "threshold": scorer.summary["threshold"],
        **{name: metrics[name] for name in ("auc", "gini", "ks", "brier")},
        "cost_per_applicant": threshold.summary["cost_per_applicant"],
        "holdout_auc": holdout["auc"],
        "holdout_cost_per_applicant": holdout["cost_per_applicant"],
    }
    return {
        "candidate": scorer.summary["candidate"],
        "date": scorer.version.timestamp.strftime("%Y-%m-%d"),
        "data_version": applicants.version.version,
        "data_hash": applicants.version.content_hash,
        **{name: f"{value:.4f}" for name, value in figures.items()},
        "feature_version": scorer.summary["feature_version"],
        "synthetic": str(scorer.version.synthetic).lower(),
    }


def _promotion_decision(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "governance", "promotion_decision"),
        ins={
            **applicants_in(portfolio),
            **model_ins(portfolio, "scorer", "calibration"),
            **governance_ins(portfolio, "registered_model", "swap_set", *_EVIDENCE, *_PAPERS),
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
    def promotion_decision(context: dg.AssetExecutionContext, **tables: StoredTable) -> Table:
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        scorer, champion = tables["scorer"], _champion(lakehouse, portfolio)
        challenger = Contender(
            name=scorer.summary["candidate"],
            version=tables["registered_model"].summary["version"],
            digest=scorer.summary["digest"],
        )
        try:
            given = GateInput(
                portfolio=portfolio,
                challenger=challenger,
                development=_development(portfolio, tables["calibration"], settings.seed),
                holdout=_evidence(_shared(portfolio, scorer, champion), scorer),
                champion=_contender(champion),
                champion_holdout=_evidence(_shared(portfolio, champion, scorer), champion) if champion else None,
                assurance=gather_assurance(
                    portfolio,
                    tables,
                    approval=settings.approval,
                    approved_by=approver_of(lakehouse, portfolio.name, challenger.digest),
                ),
                decided_by=_who(context),
                decided_at=datetime.now(UTC),
                run_id=context.run.run_id,
                digests={name: stored.version.content_hash for name, stored in sorted(tables.items())},
                seed=settings.seed,
            )
            swaps = {name: tables["swap_set"].summary[name] for name in ("sentences", "holdout", "live")}
            decision = replace(evaluate_gate(given), swap_set=swaps)
        except CreditPlatformError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        return _decision_table(portfolio, decision, scorer)

    return promotion_decision


def gather_assurance(
    portfolio: Portfolio, tables: Mapping[str, StoredTable], *, approval: Approval, approved_by: str | None
) -> Assurance:
    """The measured facts of the evidence assets, as the gate takes them."""
    scorer = tables["scorer"]
    explained, fair, sound, told = (tables[name].summary for name in _EVIDENCE)
    shifts = [
        Shift(name=row["name"], psi=row["psi"], bound=row["bound"])
        for row in tables["soundness"].frame.collect().iter_rows(named=True)
    ]
    trained_on = load_scorer(scorer, portfolio).metadata["data_hash"]
    return Assurance(
        digests={name: tables[name].summary["digest"] for name in ("scorer", "registered_model", *_EVIDENCE, *_PAPERS)},
        data_hashes={
            "scorer": trained_on,
            "applicants": tables["applicants"].version.content_hash,
            **{name: tables[name].summary["data_hash"] for name in _EVIDENCE},
        },
        fold_outcomes={int(fold): (counts[0], counts[1]) for fold, counts in sound["fold_outcomes"].items()},
        strongest_alone=(sound["strongest_alone"]["feature"], sound["strongest_alone"]["auc"]),
        alone_interval=tuple(sound["strongest_alone"].get("interval", ())) or None,
        dominant_by_chance=bool(sound.get("dominant_by_chance", False)),
        dominant=(explained["dominant"]["feature"], explained["dominant"]["share"]),
        unrelated=tuple(sound["unrelated"]),
        constant_features=tuple(sound["constant_features"]),
        features=sound["features"],
        unexplained_features=tuple(explained["unexplained_features"]),
        answers_checked=told["answers"],
        untrue_reasons=tuple(told["findings"]),
        largest_gap=explained["largest_gap"],
        score_shift=shifts[0],
        feature_shifts=tuple(shifts[1:]),
        flipped_features=tuple(sound["flipped_features"]),
        parity_applicants=sound["parity"]["applicants"],
        parity_differing=tuple(sound["parity"]["differing"]),
        p95_milliseconds=sound["parity"]["p95_milliseconds"],
        adverse_groups=tuple(fair["adverse"]),
        watched_groups=tuple(fair["watched"]),
        small_groups=tuple(fair["small_groups"]),
        fairness_severity=portfolio.fairness_severity,
        approval=approval,
        approved_by=approved_by,
    )


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
