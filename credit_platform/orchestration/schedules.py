"""Schedules: what starts by the clock."""

from __future__ import annotations

import dagster as dg

from credit_platform.orchestration.jobs import AssetJob
from credit_platform.portfolios.portfolio import Portfolio

WEEKLY = "0 4 * * 1"
"""Mondays at four in the morning, before the offices open."""

AFTER_MIDNIGHT = "0 3 * * *"
"""Every night at three: the day is over everywhere it is counted, and retention (half past one) has been."""

NIGHTLY = "0 2 * * *"
"""Every night at two in the morning: before the weekly run, which begins at four."""


DAILY = "30 1 * * *"
"""Every night at half past one, before anything else begins."""


def retention_schedule(portfolio: Portfolio, job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """Remove what may be kept no longer, once a day. Running from the start: it is a duty, not an option."""
    return dg.ScheduleDefinition(
        name=f"{portfolio.name}_retention",
        job=job,
        cron_schedule=DAILY,
        execution_timezone="Europe/Paris",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Remove what {portfolio.title} may keep no longer, every night at 01:30 (Paris).",
    )


def monitoring_schedule(portfolio: Portfolio, job: AssetJob) -> dg.ScheduleDefinition:
    """Read the decisions that are new, once a day. Running from the start: what is switched off watches nobody."""
    return dg.ScheduleDefinition(
        name=f"{portfolio.name}_monitoring",
        job=job,
        cron_schedule=AFTER_MIDNIGHT,
        execution_timezone=portfolio.monitoring.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Read the decisions about {portfolio.title} that are new, every night at 03:00 "
        f"({portfolio.monitoring.timezone}).",
    )


def weekly_schedule(portfolio: Portfolio, job: AssetJob, *, running: bool) -> dg.ScheduleDefinition:
    """Run the whole portfolio once a week; off unless `running`, until someone switches it on in the UI."""
    return dg.ScheduleDefinition(
        name=f"{portfolio.name}_weekly",
        job=job,
        cron_schedule=WEEKLY,
        execution_timezone="Europe/Paris",
        default_status=dg.DefaultScheduleStatus.RUNNING if running else dg.DefaultScheduleStatus.STOPPED,
        description=f"Rebuild {portfolio.title} every Monday at 04:00 (Paris).",
    )


def nightly_scoring_schedule(portfolio: Portfolio, job: AssetJob) -> dg.ScheduleDefinition:
    """Score the applicants of the feature table every night. Stopped until someone switches it on in the UI."""
    return dg.ScheduleDefinition(
        name=f"{portfolio.name}_nightly_scoring",
        job=job,
        cron_schedule=NIGHTLY,
        execution_timezone="Europe/Paris",
        description=f"Score the applicants of {portfolio.title} every night at 02:00 (Paris).",
    )
