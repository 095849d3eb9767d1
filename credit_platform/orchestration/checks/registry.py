"""What the model registry says of the models that the tables record: the same scorer, the alias where it should be.

What is here: `build_registry_checks`. They ask MLflow, which only steps of Dagster are given: no `StoredCheck`.
`registry_difference` and `mend_registry`: the same question, and its cure, for whoever asks outside of a run. What is
served follows the tables; no alias is read for it.
What must not be here: comparing (`governance/judges.py`).
"""

from dataclasses import replace
from pathlib import Path

import dagster as dg

from credit_platform.governance import judges
from credit_platform.governance.promotion_history import champion_table
from credit_platform.governance.records import PromotedModel, RegisteredModel
from credit_platform.lakehouse import CommitInfo, Lakehouse, StoredTable
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.tracking import CHAMPION, Tracking
from credit_platform.orchestration.checks.together import shown
from credit_platform.orchestration.policies import asset_key
from credit_platform.orchestration.promotion import point_alias
from credit_platform.orchestration.rollback import registered_version
from credit_platform.portfolios.keys import champion_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.serving.kept_bentos import bento_of
from credit_platform.settings import Settings

_FILE = "sqlite:///"


def build_registry_checks(portfolio: Portfolio) -> list[dg.AssetChecksDefinition]:
    """Two beside the registered challenger, one of the champion."""
    return [_registered(portfolio), _untouched(portfolio), _alias(portfolio)]


def _untouched(portfolio: Portfolio) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset_key(portfolio.name, "governance", "registered_model"),
        name="champion_untouched",
        description="The champion of before this run is in the registry as the promotion history says: nobody deleted "
        "its version, or moved its alias by hand.",
        required_resource_keys={"tracking", "lakehouse"},
    )
    def champion_untouched(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        stored = champion_table(context.resources.lakehouse.open(), portfolio.name)
        if stored is None:
            return shown(judges.champion_untouched(None))
        champion, tracking = PromotedModel.of(stored), context.resources.tracking.open(portfolio.name)
        return shown(judges.champion_untouched(difference(tracking, champion, tracking.champion(champion.model))))

    return champion_untouched


def _registered(portfolio: Portfolio) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset_key(portfolio.name, "governance", "registered_model"),
        name="registered_as_recorded",
        description="The version of the model registry carries the digest of the scorer that is recorded.",
        required_resource_keys={"tracking"},
    )
    def registered_as_recorded(
        context: dg.AssetCheckExecutionContext, registered_model: StoredTable
    ) -> dg.AssetCheckResult:
        record = RegisteredModel.of(registered_model)
        tags = context.resources.tracking.open(portfolio.name).version_tags(record.model, record.version)
        return shown(judges.registered_as(record.digest, tags.get("digest"), record.version))

    return registered_as_recorded


def _alias(portfolio: Portfolio) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset_key(portfolio.name, "serving", "promoted_model"),
        name="alias_agrees",
        description="The alias `champion` of the model registry is on the version that is recorded.",
        required_resource_keys={"tracking"},
    )
    def alias_agrees(context: dg.AssetCheckExecutionContext, promoted_model: StoredTable) -> dg.AssetCheckResult:
        record = PromotedModel.of(promoted_model)
        champion = context.resources.tracking.open(portfolio.name).champion(record.model)
        return shown(judges.alias_agrees(record.version, champion))

    return alias_agrees


def registry_difference(settings: Settings, portfolio: str) -> str | None:
    """What the registry says otherwise than the table of champions, as sentences; None where they agree.

    Raises:
        RecordError: the champion's record cannot be read.
        Exception: of MLflow, when its store cannot be used.
    """
    stored = champion_table(Lakehouse(settings.lakehouse_root), portfolio)
    if settings.mlflow_uri.startswith(_FILE) and not Path(settings.mlflow_uri.removeprefix(_FILE)).exists():
        return None if stored is None else _told(PromotedModel.of(stored), "MLflow's database is gone")
    tracking = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, portfolio)
    alias = tracking.alias_version(portfolio, CHAMPION)
    if stored is None:
        return alias and (
            f"MLflow's alias `{CHAMPION}` of {portfolio} is on version {alias}, though no model was promoted here. "
            "Nothing is served by it."
        )
    return difference(tracking, PromotedModel.of(stored), alias)


def difference(tracking: Tracking, champion: PromotedModel, alias: str | None) -> str | None:
    """The same for a champion and the version that its alias is on; None where they agree."""
    if not tracking.holds(champion.model, champion.version, champion.digest):
        return _told(
            champion, f"MLflow has no version {champion.version} of {champion.model} with that scorer any more"
        )
    if alias is None:
        return _told(champion, f"MLflow's alias `{CHAMPION}` of {champion.model} was removed")
    if alias != champion.version:
        return _told(champion, f"MLflow's alias `{CHAMPION}` of {champion.model} was moved to version {alias} by hand")
    return None


def mend_registry(portfolio: Portfolio, settings: Settings) -> str | None:
    """Register the champion again if its version is gone, and put the alias on it; what was wrong, None if nothing.

    Raises:
        ScorerError: it must be registered again, and no whole copy of its scorer is left.
        TableMovedOnError: somebody promoted or rolled back meanwhile.
    """
    found = registry_difference(settings, portfolio.name)
    lakehouse = Lakehouse(settings.lakehouse_root)
    stored = champion_table(lakehouse, portfolio.name)
    if found is None or stored is None:
        return found
    tracking = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, portfolio.name)
    champion = PromotedModel.of(stored)
    if not tracking.holds(champion.model, champion.version, champion.digest):
        bento = bento_of(lakehouse, portfolio, settings, champion)
        again = replace(champion, version=registered_version(tracking, champion, bento, Shelf.of(settings)))
        info = CommitInfo(portfolio=portfolio.name, synthetic=stored.version.synthetic)
        key = champion_key(portfolio.name)
        lakehouse.write(key, stored.frame, summary=again.to_summary(), info=info, after=stored.version)
    point_alias(lakehouse, tracking, portfolio.name)
    return found


def _told(champion: PromotedModel, what: str) -> str:
    return (
        f"{what}. In production, and served, is {champion.contender} (scorer {champion.digest[:12]}), as the promotion "
        f"history says: no alias decides that. Put MLflow right: credit-platform registry {champion.model} --mend"
    )
