"""monitoring/retrain_decision and monitoring/decided_applicants: whether to train again, and on whom."""

from dataclasses import replace

import dagster as dg

from credit_platform.errors import CreditPlatformError
from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.decisions.logs import open_logs
from credit_platform.monitoring.decisions.schema import NAME as DECISIONS
from credit_platform.monitoring.drift.records import DRIFT
from credit_platform.monitoring.outcomes.contract import NAME as OUTCOMES
from credit_platform.monitoring.performance.records import NAME as PERFORMANCE
from credit_platform.monitoring.retraining.records import DECISION, TAKEN_IN, DecidedRecord, RetrainRecord
from credit_platform.orchestration.asking_again import unmade_of
from credit_platform.orchestration.assets.monitoring import NO_PREVIEW
from credit_platform.orchestration.policies import HEAVY_POOL, asset_key
from credit_platform.orchestration.retraining_sensor import EVIDENCE_TAG
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.retraining import retrain_table, retraining_code, taken_in_table
from credit_platform.tables.table import Table


def build_retraining_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """The decision, and the applicants of a refit."""
    return [_decision(portfolio, settings), _taken_in(portfolio, settings)]


def _decision(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "monitoring", DECISION),
        deps=[
            asset_key(portfolio.name, "monitoring", DRIFT),
            asset_key(portfolio.name, "monitoring", PERFORMANCE),
        ],
        description="Whether the champion is to be trained again: none, suggest or refit, with its evidence and the "
        "reason in English and French. A broken feed is a data incident, not a reason. A sensor acts on refit, once "
        "for each evidence.",
        kinds={"polars"},
        code_version=retraining_code(),
        required_resource_keys={"lakehouse", "clock"},
    )
    def retrain_decision(context: dg.AssetExecutionContext) -> Table:
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        try:
            now, unmade = context.resources.clock.now(), unmade_of(context.run.tags)
            table = retrain_table(portfolio, lakehouse, open_logs(settings), now, unmade)
        except CreditPlatformError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        record = RetrainRecord.from_summary(table.summary)
        shown = {
            "answer": record.answer.value,
            "message": record.message,
            "message_fr": record.message_fr,
            "evidence": record.evidence_hash,
        }
        return replace(table, metadata=shown)

    return retrain_decision


def _taken_in(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "monitoring", TAKEN_IN),
        deps=[
            asset_key(portfolio.name, "monitoring", DECISIONS),
            asset_key(portfolio.name, "monitoring", OUTCOMES),
        ],
        description="Decided applicants whose loans have a mature outcome, with their features as of the decision, of "
        "what the decision log keeps; whom the newest refit took into features/applicants. Only whoever was accepted "
        "is here, so that they are no sample of those who apply. Nobody is named; who is erased goes from every "
        "version.",
        kinds={"polars", "deltalake"},
        code_version=retraining_code(),
        pool=HEAVY_POOL,
        required_resource_keys={"lakehouse", "clock"},
    )
    def decided_applicants(context: dg.AssetExecutionContext) -> Table:
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        expected, now = context.run.tags.get(EVIDENCE_TAG), context.resources.clock.now()
        try:
            table = taken_in_table(portfolio, lakehouse, open_logs(settings), now, expected=expected)
        except CreditPlatformError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        record = DecidedRecord.from_summary(table.summary)
        shown = {
            "message": record.message,
            "applicants": record.applicants,
            "defaults": record.defaults,
            "left_out": dg.MetadataValue.json(record.left_out),
            "preview": NO_PREVIEW,
        }
        return replace(table, metadata=shown)

    return decided_applicants
