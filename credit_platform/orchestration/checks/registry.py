"""What the model registry says of the models that the tables record: the same scorer, the alias where it should be.

What is here: `build_registry_checks`. They ask MLflow, which only steps of Dagster are given: no `StoredCheck`.
What must not be here: comparing (`governance/judges.py`).
"""

import dagster as dg

from credit_platform.governance import judges
from credit_platform.governance.promotion_history import champion_table
from credit_platform.governance.records import PromotedModel, RegisteredModel
from credit_platform.lakehouse import StoredTable
from credit_platform.orchestration.checks.together import shown
from credit_platform.orchestration.policies import asset_key
from credit_platform.orchestration.registry import difference
from credit_platform.portfolios.portfolio import Portfolio


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
