"""monitoring/incidents: what went wrong, who was told, and when it was over."""

from dataclasses import replace

import dagster as dg

from credit_platform.errors import CreditPlatformError
from credit_platform.monitoring.notices.history import NAME, IncidentsRecord
from credit_platform.orchestration.policies import asset_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.incidents import incidents_code, incidents_table
from credit_platform.tables.table import Table


def build_incident_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """The incidents."""

    @dg.asset(
        key=asset_key(portfolio.name, "monitoring", NAME),
        description="Every incident about this portfolio, or about the platform as a whole: failed runs and checks, "
        "stale tables, failing sensors, and the alerts of Alertmanager. When it was opened, seen last and over, "
        "who was told, and by which way nobody could be. As the home remembers them when it is made, each once.",
        kinds={"polars", "deltalake"},
        code_version=incidents_code(),
        required_resource_keys={"clock"},
    )
    def incidents(context: dg.AssetExecutionContext) -> Table:
        try:
            table = incidents_table(portfolio, settings, context.resources.clock.now())
        except CreditPlatformError as error:
            raise dg.Failure(str(error), allow_retries=error.passing) from error
        record = IncidentsRecord.from_summary(table.summary)
        shown = {"message": record.message, "incidents": record.incidents, "not_over": record.unresolved}
        return replace(table, metadata=shown)

    return [incidents]
