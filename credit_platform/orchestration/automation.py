"""What starts by itself because tables changed, and by when tables have to be new.

What is here: `with_automation`, applied once over the specs of a portfolio's assets, and the sensor that evaluates its
conditions. Each policy says when it fires, when it stops, and which test proves it.
What to add here: a condition for another layer; build it of `.newly_true()` or `.since(...)`. A bare condition on a
state, such as `execution_failed`, is true again at every look: elsewhere one started 368,000 runs.
What must not be here: what starts by the clock (`schedules.py`) or because of a file (`sensors.py`).
"""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

import dagster as dg

from credit_platform.orchestration.assets.deployment import deployment_asset
from credit_platform.orchestration.policies import asset_key, group_name
from credit_platform.orchestration.run_resources import run_tags
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

FOLLOWING = ("aggregates", "features")
"""Layers that are made anew when raw tables are."""
DAILY = ("monitoring",)
"""Layers that the nightly job of monitoring makes."""
LATE = "0 6 * * *"
"""Three hours after that job began, before anybody is at work."""
LOOK_SECONDS = 30


def with_automation(portfolio: Portfolio, spec: dg.AssetSpec) -> dg.AssetSpec:
    """`spec` with what follows from its layer: the condition of features, the deadline of what is watched daily."""
    layer = spec.key.path[1]
    if layer in FOLLOWING:
        return spec.replace_attributes(automation_condition=follows_raw_tables(portfolio))
    if layer in DAILY:
        return spec.replace_attributes(freshness_policy=made_every_night(portfolio))
    if spec.key == deployment_asset(portfolio.name):
        return spec.replace_attributes(automation_condition=follows_the_bento())
    return spec


def follows_raw_tables(portfolio: Portfolio) -> dg.AutomationCondition[dg.AssetKey]:
    """Features are made of raw tables that were ingested.

    Fires once when a table that it is made of was written by a run that does not make it as well, or when it is missing
    and all of these are there; all of the layer in one run. Waits while any raw table of the portfolio is about to be
    written, so that eight files are one run and not eight, and while blocking checks of raw tables have not passed.
    Stops when it was requested, or made by anybody: a run that fails is not repeated before its inputs change again.

    Proved by `test_automation.py`: it fires once, waits, follows no run that makes it, and is quiet after a failure.
    """
    condition = dg.AutomationCondition
    reading = [
        condition.asset_matches(asset_key(portfolio.name, "raw", table.name), condition.in_progress())
        for table in portfolio.tables
    ]
    waits = reduce(or_, reading, condition.in_progress() | condition.any_deps_in_progress())
    # Not `since_last_handled`, which forgets at the first look: an ingestion that ended before that look counts.
    handled = condition.newly_requested() | condition.newly_updated()
    news = (condition.missing().newly_true() | condition.any_deps_updated()).since(handled)
    # Checks of the layer itself stop the run that they are in; to wait for them would make a run of each table.
    itself = dg.AssetSelection.groups(*(group_name(portfolio.name, layer) for layer in FOLLOWING))
    ready = ~condition.any_deps_missing() & condition.all_deps_blocking_checks_passed().ignore(itself)
    return (news & ready & ~waits).with_label("follows raw tables")


def follows_the_bento() -> dg.AutomationCondition[Any]:
    """What is promoted is deployed.

    Fires once when serving/bento was written, by a run or by a rollback; in a run of its own, whose account may change
    what is served. Waits while one is under way: what is promoted meanwhile is deployed after it.
    Stops when it was requested, or made by anybody: one that failed is not repeated before something else is promoted.

    Proved by `test_automation.py`: it fires once after a promotion, waits for a run, and is quiet after a failure.
    """
    condition = dg.AutomationCondition
    handled = condition.newly_requested() | condition.newly_updated()
    news = condition.any_deps_updated().since(handled)
    waits = condition.in_progress() | condition.any_deps_in_progress()
    return (news & ~waits).with_label("follows the promoted Bento")


def made_every_night(portfolio: Portfolio) -> dg.FreshnessPolicy:
    """What is watched daily was made between midnight and six, where the lender is.

    Fails from six on while it was not made since midnight; passes as soon as it is. Unknown, and told to nobody, before
    it was made for the first time. The daemon evaluates it; `tell_of_problems` tells.

    Proved by `test_automation.py` for the deadline, `test_watching.py` for the telling.
    """
    return dg.FreshnessPolicy.cron(
        deadline_cron=LATE, lower_bound_delta=timedelta(hours=6), timezone=portfolio.monitoring.timezone
    )


def automation_sensor(portfolio: Portfolio, settings: Settings) -> dg.AutomationConditionSensorDefinition:
    """What evaluates the conditions of a portfolio. Running from the start; starts nothing by itself."""
    return dg.AutomationConditionSensorDefinition(
        name=f"{portfolio.name}_features_follow",
        target=dg.AssetSelection.groups(*(group_name(portfolio.name, layer) for layer in FOLLOWING)),
        minimum_interval_seconds=LOOK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Make the features of {portfolio.title} when its raw tables were ingested.",
        run_tags={"portfolio": portfolio.name, **run_tags(portfolio.name, "features", settings)},
    )


def deployment_sensor(portfolio: Portfolio, settings: Settings) -> dg.AutomationConditionSensorDefinition:
    """What deploys a portfolio's promoted Bento. Running from the start; starts nothing before a promotion."""
    return dg.AutomationConditionSensorDefinition(
        name=f"{portfolio.name}_deployment_follows",
        target=dg.AssetSelection.assets(deployment_asset(portfolio.name)),
        minimum_interval_seconds=LOOK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Bring the Bento of {portfolio.title} to where it answers when one was promoted.",
        run_tags={"portfolio": portfolio.name, **run_tags(portfolio.name, "deployment", settings)},
    )
