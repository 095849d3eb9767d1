"""monitoring/outcomes and monitoring/performance: what became of the loans, and how the model did."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg

from credit_platform.errors import CreditPlatformError
from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.decisions.logs import open_logs
from credit_platform.monitoring.decisions.schema import NAME as DECISIONS
from credit_platform.monitoring.outcomes.contract import NAME as OUTCOMES
from credit_platform.monitoring.outcomes.contract import REJECTED as SET_ASIDE
from credit_platform.monitoring.outcomes.records import OutcomesRecord
from credit_platform.monitoring.performance.records import NAME as PERFORMANCE
from credit_platform.monitoring.performance.records import PerformanceRecord
from credit_platform.orchestration.metadata import image
from credit_platform.orchestration.policies import OUTSIDE_WORLD_RETRIES, asset_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.outcomes import outcome_tables, outcomes_code
from credit_platform.tables.performance import performance_code, performance_table
from credit_platform.tables.table import Table

KEPT, REJECTED = "kept", "rejected"
NO_PREVIEW = (
    "Rows of people are not kept in Dagster's records, where an erasure would not find them: `credit-platform show`."
)


def build_performance_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Outcomes, and performance."""
    return [_outcomes(portfolio, settings), _performance(portfolio, settings)]


def _outcomes(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    kinds = {"csv", "polars", "deltalake"}
    kept = (
        "What became of granted loans: files dropped into the folder `outcomes` beside the raw files, matched to the "
        "decisions of all logs. A row is that of a decision; nobody is named."
    )
    rejected = "Rows of those files that count for no decision, with their line and the reason, and nobody's name."

    @dg.multi_asset(
        name=f"{portfolio.name}__monitoring__{OUTCOMES}",
        outs={
            KEPT: dg.AssetOut(key=asset_key(portfolio.name, "monitoring", OUTCOMES), description=kept, kinds=kinds),
            REJECTED: dg.AssetOut(
                key=asset_key(portfolio.name, "monitoring", SET_ASIDE),
                description=rejected,
                kinds=kinds,
                is_required=False,
            ),
        },
        deps=[asset_key(portfolio.name, "monitoring", DECISIONS)],
        code_version=outcomes_code(),
        retry_policy=OUTSIDE_WORLD_RETRIES,
        required_resource_keys={"lakehouse"},
    )
    def outcomes(context: dg.AssetExecutionContext) -> Iterator[dg.Output[Table]]:
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        with lakehouse.staging() as staging:
            try:
                found = outcome_tables(
                    portfolio,
                    open_logs(settings),
                    settings=settings,
                    lakehouse=lakehouse,
                    staging=staging,
                    now=datetime.now(UTC),
                )
            except CreditPlatformError as error:
                raise dg.Failure(str(error), allow_retries=False) from error
            record = OutcomesRecord.from_summary(found.kept.summary)
            # Rows set aside go first: when the new version of the table can be read, so can what it left out.
            if found.rejected is not None:
                yield dg.Output(found.rejected, output_name=REJECTED)
            shown = {
                "message": record.message,
                "folder": dg.MetadataValue.path(str(found.path)),
                "rows_in": record.rows_in,
                "rows_set_aside": sum(record.by_reason.values()),
                "outcomes": record.loans,
                "defaults": record.defaults,
                "preview": NO_PREVIEW,
            }
            yield dg.Output(replace(found.kept, metadata=shown), output_name=KEPT)

    return outcomes


def _performance(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "monitoring", PERFORMANCE),
        deps=[
            asset_key(portfolio.name, "monitoring", DECISIONS),
            asset_key(portfolio.name, "monitoring", OUTCOMES),
        ],
        description="How the model did on those whom it accepted, by month of decision and maturity, against the "
        "holdout restricted to whom the champion accepts; before outcomes, what is to be expected. Also a page.",
        kinds={"polars", "html"},
        code_version=performance_code(),
        required_resource_keys={"lakehouse"},
    )
    def performance(context: dg.AssetExecutionContext) -> Table:
        try:
            table, pictures = performance_table(portfolio, context.resources.lakehouse.open(), settings)
        except CreditPlatformError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        record = PerformanceRecord.from_summary(table.summary)
        shown = {
            "message": record.message,
            "page": dg.MetadataValue.path(record.page),
            "mature_outcomes": record.mature_outcomes,
            "mature_defaults": record.mature_defaults,
            "calibration": record.verdicts.calibration.reason,
            "discrimination": record.verdicts.discrimination.reason,
            "concept": record.verdicts.concept.reason,
            **{name: image(png) for name, png in pictures.items()},
        }
        return replace(table, metadata=shown)

    return performance
