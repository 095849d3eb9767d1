"""monitoring/decisions: what monitoring needs of every decision of every service, by day."""

from collections.abc import Sequence
from datetime import date

import dagster as dg

from credit_platform.code_versions import code_version
from credit_platform.errors import CreditPlatformError, DamagedTableError
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.monitoring.decisions.forgetting import forget
from credit_platform.monitoring.decisions.logs import open_logs
from credit_platform.monitoring.decisions.passes import Pass, read_logs
from credit_platform.monitoring.decisions.schema import NAME
from credit_platform.orchestration.partitions import decision_days
from credit_platform.orchestration.policies import HEAVY_POOL, OUTSIDE_WORLD_RETRIES, asset_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

NO_PREVIEW = (
    "Rows of people are not kept in Dagster's records, where an erasure would not find them: `credit-platform show`."
)


def build_monitoring_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """The decisions."""
    return [_decisions(portfolio, settings)]


def _decisions(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    days = decision_days(portfolio)

    @dg.asset(
        key=asset_key(portfolio.name, "monitoring", NAME),
        description="What monitoring needs of every decision in the logs of all services, a partition for each day "
        f"({portfolio.monitoring.timezone}): score, decision, model and features, and nobody's name. Run without a "
        "partition, every day that differs from the logs is made anew; with one, that day. Who is erased from a log "
        "goes from every version.",
        kinds={"polars", "deltalake"},
        code_version=code_version("credit_platform.monitoring.decisions"),
        partitions_def=days,
        retry_policy=OUTSIDE_WORLD_RETRIES,
        pool=HEAVY_POOL,
        required_resource_keys={"lakehouse"},
    )
    def decisions(context: dg.AssetExecutionContext) -> Table:
        chosen = _days(context.partition_keys) if context.has_partition_key else None
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        try:
            found = _read(lakehouse, portfolio, settings, chosen)
        except CreditPlatformError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        if found.record.rebuilt:
            context.instance.add_dynamic_partitions(days.name or "", list(found.record.rebuilt))
        return Table(
            frame=found.frame,
            replacement=found.replacement,
            unchanged=found.unchanged,
            summary=found.record.to_summary(),
            info=CommitInfo(portfolio=portfolio.name),
            metadata={
                "message": found.record.message,
                "days_made": len(found.record.rebuilt),
                "decisions": sum(found.record.logs.values()),
                "preview": NO_PREVIEW,
            },
        )

    # Many days are one run: they are one commit of one table, and of several runs each would begin again at another's.
    # (`dg.asset` warns that its parameter of the same name is a beta; this one is not.)
    return decisions.with_attributes(backfill_policy=dg.BackfillPolicy.single_run())


def _days(keys: Sequence[str]) -> list[date]:
    try:
        return [date.fromisoformat(key) for key in keys]
    except ValueError as error:  # anybody may add a partition in the UI
        raise dg.Failure(
            f"A partition is no day: {error}. Delete it and choose days, written as 2026-11-30.", allow_retries=False
        ) from error


def _read(lakehouse: Lakehouse, portfolio: Portfolio, settings: Settings, days: list[date] | None) -> Pass:
    logs = open_logs(settings)
    try:
        forget(lakehouse, portfolio.name, logs)
    except DamagedTableError as error:
        # All of the table is made again out of the logs, which hold nobody who was erased.
        dg.get_dagster_logger().warning("%s", error)
    return read_logs(lakehouse, portfolio, logs, days)
