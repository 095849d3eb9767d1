"""What a person may do about a promotion: approve, override, restore the champion before.

What is here: `approve` and `roll_back`, which act on the tables, MLflow and the Bento, and tell Dagster of it.
What to add here: another act of a person that changes which model answers.
What must not be here: the gate (`governance.gate`), who may go back to what (`governance.promotion_history`).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from credit_platform.errors import PromotionRefusedError, ScorerError
from credit_platform.governance.decision import Contender, GateCheck, PromotionDecision
from credit_platform.governance.promotion_history import (
    approved,
    champion_key,
    decision_key,
    newest,
    overridden,
    previous_champion,
)
from credit_platform.lakehouse import CommitInfo, Lakehouse, StoredTable
from credit_platform.modelling.tracking import CHAMPION, Tracking
from credit_platform.monitoring.swap_sets import on_live_decisions
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.folder import read_manifest, verify_files
from credit_platform.scoring.served_source import SOURCE_DIGEST, recorded
from credit_platform.serving.bentos import build_bento, stamp_promotion
from credit_platform.serving.freshness import fingerprint
from credit_platform.settings import Settings


@dataclass(frozen=True, kw_only=True)
class RolledBack:
    """What a rollback put in place."""

    decision: PromotionDecision
    bento: str
    """Tag of the Bento that serves from now on."""


def approve(
    portfolio: Portfolio, settings: Settings, *, by: str, reason: str, override: bool = False
) -> PromotionDecision:
    """Record that a person approves (or overrides the gate on) the newest decision; the serving job promotes.

    Raises:
        PromotionRefusedError: see `promotion_history.approved` and `overridden`.
    """
    lakehouse = Lakehouse(settings.lakehouse_root)
    speak = overridden if override else approved
    decision = speak(newest(lakehouse, portfolio.name), by=by, reason=reason, at=datetime.now(UTC))
    decision = _with_live_swaps(decision, portfolio, settings)
    _record(lakehouse, portfolio, decision)
    return decision


def _with_live_swaps(decision: PromotionDecision, portfolio: Portfolio, settings: Settings) -> PromotionDecision:
    """The record with the live decisions that the challenger has scored along since the gate judged it."""
    champion = None if decision.champion is None else decision.champion.digest
    live = on_live_decisions(portfolio, settings, champion, decision.challenger.digest)
    known = dict(decision.swap_set)
    known["sentences"] = {**known.get("sentences", {}), "live": live.sentence}
    known["live"] = None if live.found is None else live.found.to_dict()
    return replace(decision, swap_set=known)


def roll_back(portfolio: Portfolio, settings: Settings, *, by: str, reason: str) -> RolledBack:
    """Put the champion before back into production: Bento, MLflow alias, tables, and a record of it.

    The Bento comes first, because building is what may fail: then nothing has changed yet.

    Raises:
        PromotionRefusedError: there is no model to go back to, or name or reason is empty.
        ScorerError: its scorer is gone or altered, and no Bento of it is left.
    """
    if not by.strip() or not reason.strip():
        raise PromotionRefusedError("A name or a reason is missing.", "Give both: --by NAME --reason TEXT.")
    lakehouse = Lakehouse(settings.lakehouse_root)
    before = previous_champion(lakehouse, portfolio.name)
    present = lakehouse.read(champion_key(portfolio.name))
    bento = _bento_of(lakehouse, portfolio, settings, before)
    summary = before.summary
    tracking = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, portfolio.name)
    promote(tracking, summary["model"], summary["version"])
    decision = _rollback_record(portfolio, before, present, by=by, reason=reason)
    _record(lakehouse, portfolio, decision)
    info = CommitInfo(portfolio=portfolio.name, run_id=decision.run_id, synthetic=before.version.synthetic)
    promoted_at = decision.decided_at.isoformat(timespec="seconds")
    stamp_promotion(Path(bento.summary["path"]), promoted_at)
    # The version of the first, where it was restored itself.
    restored = {"restored_version": before.version.version, **summary, "promoted_at": promoted_at}
    lakehouse.write(champion_key(portfolio.name), before.frame, summary=restored, info=info)
    served = {**bento.summary, SOURCE_DIGEST: recorded(Path(bento.summary["path"]) / "src").get(SOURCE_DIGEST)}
    lakehouse.write(f"{portfolio.name}/serving/bento", bento.frame, summary=served, info=info)
    for name in ("promoted_model", "bento"):
        _tell_dagster(portfolio, "serving", name, {"restored": summary["digest"], "by": by, "reason": reason})
    return RolledBack(decision=decision, bento=str(bento.summary["tag"]))


def promote(tracking: Tracking, model: str, version: str) -> None:
    """Move the alias `champion`; the tag `stage` says the same in the words that people still use."""
    before = tracking.champion(model)
    tracking.set_alias(model, CHAMPION, version)
    tracking.set_version_tags(model, version, {"stage": "production"})
    if before not in (None, version):
        tracking.set_version_tags(model, str(before), {"stage": "archived"})


def promoted_since(lakehouse: Lakehouse, portfolio: str, digest: str) -> str:
    """When the scorer of this digest became the champion (ISO 8601): now, unless it is the champion already."""
    key = champion_key(portfolio)
    if lakehouse.exists(key):
        champion = lakehouse.read(key).summary
        if champion["digest"] == digest and "promoted_at" in champion:
            return str(champion["promoted_at"])
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class _Bento:
    """Row and summary of the table `serving/bento`."""

    frame: pl.LazyFrame
    summary: dict[str, Any]


def _bento_of(lakehouse: Lakehouse, portfolio: Portfolio, settings: Settings, model: StoredTable) -> _Bento:
    """The Bento that served this model, if it is still there; else one built anew."""
    key, digest = f"{portfolio.name}/serving/bento", model.summary["digest"]
    for version in lakehouse.versions(key):
        stored = lakehouse.read(key, version.version)
        if stored.summary["digest"] == digest and _holds(Path(stored.summary["path"]), digest):
            return _Bento(stored.frame, dict(stored.summary))
    built = build_bento(Path(model.summary["path"]), portfolio, settings)
    row = {"tag": built.tag, "path": str(built.path), "digest": digest}
    summary = {**row, SOURCE_DIGEST: built.source_digest, "fingerprint": fingerprint(portfolio, settings)}
    return _Bento(pl.LazyFrame({**row, "bytes": built.bytes}), summary)


def _holds(bento: Path, digest: str) -> bool:
    """Whether the Bento holds that scorer, unaltered.

    The scorer is not loaded: a Bento brings the feature code that its model was trained with, which may not be today's,
    and to go back behind a change of that code is what a rollback is often for.
    """
    folder = bento / "src" / "scorer"
    try:
        listed, found = read_manifest(folder)
        verify_files(folder, listed)
    except ScorerError:
        return False
    return found == digest


def _rollback_record(
    portfolio: Portfolio, restored: StoredTable, replaced: StoredTable, *, by: str, reason: str
) -> PromotionDecision:
    check = GateCheck(
        name="rollback", passed=True, blocking=True, value=None, bound=None, message=f"Rolled back by {by}: {reason}"
    )
    return PromotionDecision(
        portfolio=portfolio.name,
        challenger=_contender(restored),
        champion=_contender(replaced),
        checks=(check,),
        decided_by=by,
        decided_at=datetime.now(UTC),
        run_id=f"rollback-{uuid.uuid4()}",
        digests={"restored": restored.summary["digest"], "replaced": replaced.summary["digest"]},
        event="rollback",
        person=by,
        comment=reason,
    )


def _contender(model: StoredTable) -> Contender:
    summary = model.summary
    return Contender(name=summary["candidate"], version=summary["version"], digest=summary["digest"])


def _record(lakehouse: Lakehouse, portfolio: Portfolio, decision: PromotionDecision) -> None:
    info = CommitInfo(portfolio=portfolio.name, run_id=decision.run_id)
    lakehouse.write(decision_key(portfolio.name), decision.to_frame(), summary=decision.summary(), info=info)
    metadata = {"event": decision.event, "promoted": decision.promoted, "reason": decision.reason}
    _tell_dagster(portfolio, "governance", "promotion_decision", metadata)


def _tell_dagster(portfolio: Portfolio, layer: str, name: str, metadata: dict[str, Any]) -> None:
    """Show the act among the materialisations of the asset, so that the UI's history is whole."""
    event = dg.AssetMaterialization(
        asset_key=dg.AssetKey([portfolio.name, layer, name]), metadata=metadata, description=str(metadata["reason"])
    )
    with dg.DagsterInstance.get() as instance:
        instance.report_runless_asset_event(event)
