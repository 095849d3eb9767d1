"""Schedules: what starts by the clock."""

from __future__ import annotations

import dagster as dg

from credit_platform.orchestration.jobs import AssetJob
from credit_platform.portfolios.portfolio import Portfolio

WEEKLY = "0 4 * * 1"
"""Mondays at four in the morning, before the offices open."""


def weekly_schedule(portfolio: Portfolio, job: AssetJob) -> dg.ScheduleDefinition:
    """Run the whole portfolio once a week. Stopped until someone switches it on in the UI."""
    return dg.ScheduleDefinition(
        name=f"{portfolio.name}_weekly",
        job=job,
        cron_schedule=WEEKLY,
        execution_timezone="Europe/Paris",
        description=f"Rebuild {portfolio.title} every Monday at 04:00 (Paris).",
    )
