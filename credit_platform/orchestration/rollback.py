"""Back to the champion before: what a person may do when the present one does harm.

What is here: `roll_back`, and finding, or registering again, what it goes back to.
What to add here: another thing that must be in place again after a rollback.
What must not be here: which model was before (`governance.promotion_history`), other acts of a person (`promotion.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import polars as pl

from credit_platform.accounts import account
from credit_platform.errors import ArtefactError, PromotionRefusedError, ScorerError, TableMovedOnError
from credit_platform.governance.approval import policy_in_force
from credit_platform.governance.decision import PromotionDecision
from credit_platform.governance.promotion_acts import rolled_back
from credit_platform.governance.promotion_history import newest, previous_champion
from credit_platform.governance.records import PromotedModel
from credit_platform.lakehouse import CommitInfo, Lakehouse, Record, TableVersion
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.tracking import Tracking
from credit_platform.orchestration.policies import asset_key
from credit_platform.orchestration.promotion import point_alias, record_act, tell_dagster
from credit_platform.portfolios.keys import bento_key, champion_key, decision_key, split_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.folder import read_manifest, verify_files
from credit_platform.scoring.served_source import SOURCE_DIGEST, recorded
from credit_platform.serving.bentos import stamp_promotion
from credit_platform.serving.kept_bentos import KeptBento, bento_of
from credit_platform.settings import Settings

_AT_IT = timedelta(minutes=1)
"""From the record of a rollback until it is in place takes a second or two."""


@dataclass(frozen=True, kw_only=True)
class RolledBack:
    """What a rollback put in place."""

    decision: PromotionDecision
    bento: str
    """Tag of the Bento that serves from now on."""


def roll_back(portfolio: Portfolio, settings: Settings, *, by: str, reason: str) -> RolledBack:
    """Put the champion before back into production: Bento, MLflow alias, tables, and a record of it.

    The Bento comes first, then the version in MLflow: either may fail, and then nothing has changed yet. The record
    decides: of several who roll back, approve or promote at once, one comes right after the record that all have read.
    From then on the tables and the alias follow the record, whatever else is being written to them.

    Raises:
        PromotionRefusedError: there is no model to go back to, name or reason is empty, or somebody else was first.
        ScorerError: its scorer is gone or altered, and no Bento of it is left.
        TrackingError: MLflow lacks the version, and it cannot be registered again.
    """
    if not by.strip() or not reason.strip():
        raise PromotionRefusedError("A name or a reason is missing.", "Give both: --by NAME --reason TEXT.")
    shelf, name = Shelf.of(settings), portfolio.name
    lakehouse = Lakehouse(settings.lakehouse_root, shelf=shelf)
    newest_record = lakehouse.latest(decision_key(name))
    before = previous_champion(lakehouse, name)
    present = lakehouse.read(champion_key(name))
    replaced = PromotedModel.of(present)
    require_nobody_at_it(lakehouse, name, replaced)
    model = PromotedModel.of(before)
    bento = bento_of(lakehouse, portfolio, settings, model)
    tracking = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, name)
    model = replace(model, version=registered_version(tracking, model, bento, shelf))
    speaker = {"by": by, "reason": reason, "account": account()}
    decision = rolled_back(name, model, replaced, at=datetime.now(UTC), **speaker)
    decision = replace(decision, policy=policy_in_force(lakehouse, portfolio, settings.approval).to_dict())
    record = record_act(lakehouse, portfolio, decision, settings, after=newest_record)
    info = CommitInfo(portfolio=name, run_id=decision.run_id, synthetic=before.version.synthetic)
    promoted_at = decision.decided_at.isoformat(timespec="seconds")
    folder = bento.record.brought(shelf)
    stamp_promotion(folder, promoted_at, decision.run_id)
    # The version of the first, where it was restored itself.
    first = before.version.version if model.restored_version is None else model.restored_version
    restored = replace(model, restored_version=first, promoted_at=promoted_at, promoted_by=decision.run_id)
    digest = recorded(folder / "src").get(SOURCE_DIGEST)
    served = replace(bento.record, source_digest=digest, promoted_at=promoted_at, promoted_by=decision.run_id)
    for key, frame, said in ((champion_key(name), before.frame, restored), (bento_key(name), bento.frame, served)):
        _put_in_place(lakehouse, key, frame, said, info=info, record=record)
    point_alias(lakehouse, tracking, name)
    metadata = {"restored": model.digest, "by": by, "reason": reason}
    for table in ("promoted_model", "bento"):
        told = asset_key(name, "serving", table)
        tell_dagster(dg.AssetMaterialization(asset_key=told, metadata=metadata, description=reason))
    return RolledBack(decision=decision, bento=bento.record.tag)


def require_nobody_at_it(lakehouse: Lakehouse, portfolio: str, champion: PromotedModel) -> None:
    """Refuse to roll back beside a rollback that is recorded and not in place yet.

    One that was killed before it was in place is old after a minute; then this one takes over.

    Raises:
        PromotionRefusedError: the newest record is such a rollback.
    """
    decision = newest(lakehouse, portfolio)
    open_since = datetime.now(UTC) - decision.decided_at
    if decision.event == "rollback" and decision.digests.get("replaced") == champion.digest and open_since < _AT_IT:
        raise PromotionRefusedError(
            f"{decision.person} is rolling back to {decision.challenger} right now ({decision.comment}).",
            f"See in a minute what is in production: credit-platform promotions {portfolio}.",
        )


def registered_version(tracking: Tracking, model: PromotedModel, bento: KeptBento, shelf: Shelf) -> str:
    """The version of `model` in the registry; one that was deleted there is registered again from the stored scorer.

    Raises:
        ScorerError: the scorer must be registered again, and neither its folder nor the Bento's copy is whole.
    """
    if tracking.holds(model.model, model.version, model.digest):
        return model.version
    tracking.restore_experiment()
    metrics = {f"holdout_{name}": f"{model.holdout_metrics[name]:.4f}" for name in ("auc", "cost_per_applicant")}
    tags = {"candidate": model.candidate, "feature_version": model.feature_version, **metrics}
    tags |= {"threshold": f"{model.rule.threshold:.4f}", "registered_again_for": f"version {model.version}"}
    said = f"{model.candidate}, which was version {model.version}: registered again for a rollback."
    return tracking.register(whole_scorer(model, bento, shelf), model.model, tags=tags, description=said)


def whole_scorer(model: PromotedModel, bento: KeptBento, shelf: Shelf) -> Path:
    """A folder that holds the scorer of `model` unaltered: its own, else the one in its Bento.

    Raises:
        ScorerError: neither is whole.
    """
    for place in (model.folder, bento.record.scorer_folder):
        try:
            folder = place(shelf)
            listed, digest = read_manifest(folder)
            verify_files(folder, listed)
        except (ArtefactError, ScorerError):
            continue
        if digest == model.digest:
            return folder
    raise ScorerError(
        f"MLflow lacks version {model.version} of {model.model}, and no whole copy of scorer {model.digest[:12]} is "
        f"left to register it again: neither its own nor the one in its Bento.",
        "Restore one of them from a backup.",
    )


def _put_in_place(
    lakehouse: Lakehouse, key: str, frame: pl.LazyFrame, said: Record, *, info: CommitInfo, record: TableVersion
) -> None:
    """Write what follows from a record, behind whatever else is written meanwhile, while it is the newest record."""
    while True:
        before = lakehouse.latest(key)
        spoken = lakehouse.latest(record.key)
        if spoken is None or spoken.version != record.version:
            after = newest(lakehouse, split_key(key).portfolio).reason
            raise PromotionRefusedError(
                f"The rollback is recorded, and somebody spoke after it: {after}",
                f"See what is in production: credit-platform promotions {info.portfolio}.",
            )
        try:
            lakehouse.write(key, frame, summary=said.to_summary(), info=info, after=before)
        except TableMovedOnError:
            continue
        return
