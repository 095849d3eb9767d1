"""What a person may say about a promotion, and what follows in MLflow once a table says who is champion.

What is here: `approve` (and override), `record_act` with `tell_dagster`, `promote` and `point_alias`, `require_newest`.
What to add here: another act of a person that changes which model answers; going back is in `rollback.py`.
What must not be here: the gate (`governance.gate`), who may go back to what (`governance.promotion_history`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg

from credit_platform.errors import PromotionRefusedError, TableMovedOnError
from credit_platform.governance.approval import (
    Approver,
    adopt_setting,
    require_second_person,
    trainers_of,
)
from credit_platform.governance.decision import PromotionDecision
from credit_platform.governance.promotion_acts import approved, overridden
from credit_platform.governance.promotion_history import newest, newest_stored, policy_for
from credit_platform.governance.records import PromotedModel
from credit_platform.lakehouse import CommitInfo, Lakehouse, StoredTable, TableVersion
from credit_platform.modelling.tracking import CHAMPION, Tracking
from credit_platform.monitoring.promotion_checkpoints import vouch_for_promotions
from credit_platform.monitoring.swap_sets import with_live_swaps
from credit_platform.orchestration.instance import open_instance
from credit_platform.orchestration.policies import asset_key
from credit_platform.portfolios.keys import champion_key, decision_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings


def approve(
    portfolio: Portfolio, settings: Settings, *, by: str, reason: str, override: bool = False
) -> PromotionDecision:
    """Record that a person approves (or overrides the gate on) the newest decision; the serving job promotes.

    Raises:
        PromotionRefusedError: see `promotion_acts.approved` and `overridden`; or four eyes are asked for and this
            person trained the model; or somebody else spoke, or the gate was asked, at the same time.
    """
    lakehouse = Lakehouse(settings.lakehouse_root)
    adopt_setting(lakehouse, settings.approval)
    stored = newest_stored(lakehouse, portfolio.name)
    judged = PromotionDecision.of(stored)
    approver, digest = Approver(name=by), judged.challenger.digest
    speak = overridden if override else approved
    decision = speak(judged, by=by, reason=reason, at=datetime.now(UTC), account=approver.account)
    policy = policy_for(lakehouse, portfolio, digest, settings.approval)
    trainers = trainers_of(lakehouse, portfolio.name, digest)
    require_second_person(policy.policy, approver, trainers)
    decision = replace(decision, policy=policy.to_dict(), trained_by=tuple(map(str, trainers)))
    decision = with_live_swaps(decision, portfolio, settings)
    record_act(lakehouse, portfolio, decision, settings, after=stored.version)
    return decision


def promote(tracking: Tracking, model: str, version: str) -> None:
    """Move the alias `champion`; the tag `stage` says the same in the words that people still use."""
    before = tracking.champion(model)
    tracking.set_alias(model, CHAMPION, version)
    tracking.set_version_tags(model, version, {"stage": "production"})
    if before not in (None, version) and tracking.holds(model, str(before)):
        tracking.set_version_tags(model, str(before), {"stage": "archived"})


def point_alias(lakehouse: Lakehouse, tracking: Tracking, portfolio: str) -> None:
    """Put the alias `champion` where the table of champions says, also when the table changes meanwhile."""
    while True:
        stored = lakehouse.read(champion_key(portfolio))
        champion = PromotedModel.of(stored)
        promote(tracking, champion.model, champion.version)
        newest_now = lakehouse.latest(champion_key(portfolio))
        if newest_now is not None and newest_now.version == stored.version.version:
            return


def require_newest(lakehouse: Lakehouse, stored: StoredTable, pins: Mapping[str, int]) -> None:
    """Refuse to go on from a version that is not in force any more, unless a pin asked for it.

    Raises:
        TableMovedOnError: a newer one came.
    """
    key, newest_now = stored.version.key, lakehouse.latest(stored.version.key)
    if key not in pins and newest_now is not None and newest_now.version != stored.version.version:
        raise TableMovedOnError(
            f"{key} moved on to version {newest_now.version} while version {stored.version.version} was worked on.",
            "Nothing was written; the same step, done again, works on the newest.",
        )


def record_act(
    lakehouse: Lakehouse,
    portfolio: Portfolio,
    decision: PromotionDecision,
    settings: Settings,
    *,
    after: TableVersion | None,
) -> TableVersion:
    """Write what a person said, right after what they had read.

    Raises:
        PromotionRefusedError: somebody else spoke, or the gate was asked, since `after`; nothing was written.
    """
    key = decision_key(portfolio.name)
    info = CommitInfo(portfolio=portfolio.name, run_id=decision.run_id)
    try:
        version = lakehouse.write(key, decision.to_frame(), summary=decision.to_summary(), info=info, after=after)
    except TableMovedOnError as error:
        first = newest(lakehouse, portfolio.name)
        raise PromotionRefusedError(
            f"Nothing was done: somebody else was first. {first.reason}",
            f"See credit-platform promotions {portfolio.name}, and do it again if it is still right.",
        ) from error
    vouch_for_promotions(settings, portfolio.name, lakehouse.seals(key))
    metadata = {"event": decision.event, "promoted": decision.promoted, "reason": decision.reason}
    told = asset_key(portfolio.name, "governance", "promotion_decision")
    tell_dagster(dg.AssetMaterialization(asset_key=told, metadata=metadata, description=decision.reason))
    return version


def tell_dagster(event: dg.AssetMaterialization) -> None:
    """Show an act among the materialisations of an asset, so that the UI's history is whole."""
    with open_instance() as instance:
        instance.report_runless_asset_event(event)
