"""What a person may do about a promotion: approve, override, restore the champion before.

What is here: `approve` and `roll_back`, which act on the tables, MLflow and the Bento, and tell Dagster of it.
What to add here: another act of a person that changes which model answers.
What must not be here: the gate (`governance.gate`), who may go back to what (`governance.promotion_history`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from credit_platform.errors import PromotionRefusedError
from credit_platform.governance.decision import PromotionDecision
from credit_platform.governance.promotion_history import (
    approved,
    newest,
    overridden,
    previous_champion,
    rolled_back,
)
from credit_platform.governance.records import PromotedModel
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.tracking import CHAMPION, Tracking
from credit_platform.monitoring.promotion_checkpoints import vouch_for_promotions
from credit_platform.monitoring.swap_sets import on_live_decisions
from credit_platform.portfolios.keys import bento_key, champion_key, decision_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.served_source import SOURCE_DIGEST, recorded
from credit_platform.serving.bentos import stamp_promotion
from credit_platform.serving.kept_bentos import bento_of
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
    _record(lakehouse, portfolio, decision, settings)
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
    model = PromotedModel.of(before)
    bento = bento_of(lakehouse, portfolio, settings, model)
    tracking = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, portfolio.name)
    promote(tracking, model.model, model.version)
    replaced = PromotedModel.of(present)
    decision = rolled_back(portfolio.name, model, replaced, by=by, reason=reason, at=datetime.now(UTC))
    _record(lakehouse, portfolio, decision, settings)
    info = CommitInfo(portfolio=portfolio.name, run_id=decision.run_id, synthetic=before.version.synthetic)
    promoted_at = decision.decided_at.isoformat(timespec="seconds")
    folder = bento.record.brought(Shelf.of(settings))
    stamp_promotion(folder, promoted_at)
    # The version of the first, where it was restored itself.
    first = before.version.version if model.restored_version is None else model.restored_version
    restored = replace(model, restored_version=first, promoted_at=promoted_at)
    lakehouse.write(champion_key(portfolio.name), before.frame, summary=restored.to_summary(), info=info)
    digest = recorded(folder / "src").get(SOURCE_DIGEST)
    served = replace(bento.record, source_digest=digest, promoted_at=promoted_at)
    lakehouse.write(bento_key(portfolio.name), bento.frame, summary=served.to_summary(), info=info)
    for name in ("promoted_model", "bento"):
        _tell_dagster(portfolio, "serving", name, {"restored": model.digest, "by": by, "reason": reason})
    return RolledBack(decision=decision, bento=bento.record.tag)


def promote(tracking: Tracking, model: str, version: str) -> None:
    """Move the alias `champion`; the tag `stage` says the same in the words that people still use."""
    before = tracking.champion(model)
    tracking.set_alias(model, CHAMPION, version)
    tracking.set_version_tags(model, version, {"stage": "production"})
    if before not in (None, version):
        tracking.set_version_tags(model, str(before), {"stage": "archived"})


def _record(lakehouse: Lakehouse, portfolio: Portfolio, decision: PromotionDecision, settings: Settings) -> None:
    info = CommitInfo(portfolio=portfolio.name, run_id=decision.run_id)
    lakehouse.write(decision_key(portfolio.name), decision.to_frame(), summary=decision.to_summary(), info=info)
    vouch_for_promotions(settings, portfolio.name, lakehouse.seals(decision_key(portfolio.name)))
    metadata = {"event": decision.event, "promoted": decision.promoted, "reason": decision.reason}
    _tell_dagster(portfolio, "governance", "promotion_decision", metadata)


def _tell_dagster(portfolio: Portfolio, layer: str, name: str, metadata: dict[str, Any]) -> None:
    """Show the act among the materialisations of the asset, so that the UI's history is whole."""
    event = dg.AssetMaterialization(
        asset_key=dg.AssetKey([portfolio.name, layer, name]), metadata=metadata, description=str(metadata["reason"])
    )
    with dg.DagsterInstance.get() as instance:
        instance.report_runless_asset_event(event)
