"""monitoring/reference, cell_counts, drift and population_shift: do applicants still look like those of training?

None of them has partitions in Dagster, although two of the tables lie in days: a day is judged with the 27 before, and
Dagster lets no asset with partitions read another one in a run of all that is new. Days that changed are found by what
each records of its ground (`monitoring/drift/days.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from credit_platform.code_versions import code_version
from credit_platform.errors import CreditPlatformError
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.lakehouse.reports import write_reports
from credit_platform.monitoring.decisions.schema import NAME as DECISIONS
from credit_platform.monitoring.drift import evidently_report, page
from credit_platform.monitoring.drift.days import COUNTS, DRIFT, JudgedDay, count_days, judge_days
from credit_platform.monitoring.drift.freezing import NAME as REFERENCE
from credit_platform.monitoring.drift.freezing import freeze_references
from credit_platform.monitoring.drift.population_shift import NAME as SHIFT
from credit_platform.monitoring.drift.population_shift import measure_shift
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import HEAVY_POOL, asset_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

DRIFT_CODE = ("credit_platform.monitoring.drift",)
DRIFT_FILE, SHIFT_FILE, EVIDENTLY_FILE = "drift.html", "population_shift.html", "evidently_drift.html"
_SHOWN = 15


def build_drift_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Reference, daily counts, drift, population shift, and Evidently's page."""
    return [
        _reference(portfolio),
        _cell_counts(portfolio),
        _drift(portfolio, settings),
        _population_shift(portfolio, settings),
        _evidently(portfolio, settings),
    ]


def _reference(portfolio: Portfolio) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "monitoring", REFERENCE),
        deps=[
            asset_key(portfolio.name, "models", "scorer"),
            asset_key(portfolio.name, "serving", "promoted_model"),
        ],
        description="What a model learnt from, frozen once for each model version: counts of every feature in 256 "
        "cells, by where histories came from, with its importance; scores, decisions and outcomes of the holdout.",
        kinds={"polars", "deltalake"},
        code_version=code_version("credit_platform.monitoring.drift.freezing"),
        pool=HEAVY_POOL,
        required_resource_keys={"lakehouse"},
    )
    def reference(context: dg.AssetExecutionContext) -> Table:
        with _mistakes():
            frozen = freeze_references(context.resources.lakehouse.open(), portfolio)
        return Table(
            frame=frozen.frame,
            summary=frozen.record.to_summary(),
            info=frozen.info,
            unchanged=frozen.unchanged,
            metadata={"message": frozen.record.message, "models": len(frozen.record.models)},
        )

    return reference


def _cell_counts(portfolio: Portfolio) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "monitoring", COUNTS),
        deps=[
            asset_key(portfolio.name, "monitoring", DECISIONS),
            asset_key(portfolio.name, "monitoring", REFERENCE),
        ],
        description="How many decisions of each day lie in which frozen cell of each feature: all that drift needs, "
        "and nobody's values. Every day whose decisions changed is counted anew.",
        kinds={"polars", "deltalake"},
        code_version=code_version("credit_platform.monitoring.drift.days"),
        pool=HEAVY_POOL,
        required_resource_keys={"lakehouse"},
    )
    def cell_counts(context: dg.AssetExecutionContext) -> Table:
        with _mistakes():
            found = count_days(context.resources.lakehouse.open(), portfolio)
        return Table(
            frame=found.frame,
            replacement=found.replacement,
            unchanged=found.unchanged,
            summary=found.record.to_summary(),
            info=CommitInfo(portfolio=portfolio.name),
            metadata={"message": found.record.message, "days_made": len(found.made)},
        )

    return cell_counts


def _drift(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "monitoring", DRIFT),
        deps=[
            asset_key(portfolio.name, "monitoring", COUNTS),
            asset_key(portfolio.name, "monitoring", REFERENCE),
        ],
        description="A word for each feature, the score and the decisions, each day, by three questions: certain (KS "
        "or chi-square, Holm over all features), material (PSI on frozen bins), consequential (importance, score, "
        f"expected acceptance and cost). In windows of 1, 7 and 28 days. Also written as {DRIFT_FILE}.",
        kinds={"polars", "html"},
        code_version=code_version(*DRIFT_CODE),
        required_resource_keys={"lakehouse"},
    )
    def drift(context: dg.AssetExecutionContext) -> Table:
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        path = _page_path(settings, portfolio, DRIFT_FILE)
        with _mistakes():
            found, newest = judge_days(lakehouse, portfolio, page=str(path))
        if newest is not None:
            _write_day(lakehouse, portfolio, path, newest)
        return Table(
            frame=found.frame,
            replacement=found.replacement,
            unchanged=found.unchanged,
            summary=found.record.to_summary(),
            info=CommitInfo(portfolio=portfolio.name),
            metadata={
                "message": found.record.message,
                "days_made": len(found.made),
                **({} if newest is None else _told(newest, path)),
            },
        )

    return drift


def _population_shift(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "monitoring", SHIFT),
        deps=[
            asset_key(portfolio.name, "features", "applicants"),
            asset_key(portfolio.name, "models", "scorer"),
            asset_key(portfolio.name, "monitoring", REFERENCE),
        ],
        description="Training applicants against those who are to be scored, by the questions of monitoring/drift. "
        f"Also written as {SHIFT_FILE}. A portfolio without a scoring table has nothing to compare.",
        kinds={"polars", "html"},
        code_version=code_version("credit_platform.monitoring.drift.population_shift"),
        pool=HEAVY_POOL,
        required_resource_keys={"lakehouse"},
    )
    def population_shift(context: dg.AssetExecutionContext) -> Table:
        path = _page_path(settings, portfolio, SHIFT_FILE)
        with _mistakes():
            found = measure_shift(context.resources.lakehouse.open(), portfolio, page=str(path))
        if found.drift is None or found.reference is None:
            table = page.nothing()
            told: dict[str, dg.MetadataValue[str] | str] = {}
        else:
            table = found.drift.judged.table
            html = page.render_drift_page(
                portfolio, found.drift, found.reference, subject=page.POPULATIONS, synthetic=found.synthetic
            )
            write_reports(path.parent, {path.name: html})
            told = _told(JudgedDay(drift=found.drift, reference=found.reference), path)
        return Table(
            frame=table,
            summary=found.record.to_summary(),
            info=CommitInfo(portfolio=portfolio.name, synthetic=found.synthetic),
            metadata={"message": found.record.message, **told},
        )

    return population_shift


def _evidently(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "monitoring", evidently_report.NAME),
        deps=[
            asset_key(portfolio.name, "monitoring", COUNTS),
            asset_key(portfolio.name, "monitoring", SHIFT),
        ],
        description=f"Evidently's page ({EVIDENTLY_FILE}) of data, target and model drift on the 50 most important "
        "features and a sample: decisions of 28 days against training, or the applicants to be scored where nobody was "
        "decided about yet. For people who know it; it raises no alarm.",
        kinds={"evidently", "html"},
        code_version=code_version("credit_platform.monitoring.drift.evidently_report"),
        pool=HEAVY_POOL,
        required_resource_keys={"lakehouse"},
    )
    def evidently_page(context: dg.AssetExecutionContext) -> Table:
        path = _page_path(settings, portfolio, EVIDENTLY_FILE)
        with _mistakes():
            found = evidently_report.write_report(context.resources.lakehouse.open(), portfolio, path)
        return Table(
            frame=found.frame,
            summary=found.record.to_summary(),
            info=CommitInfo(portfolio=portfolio.name),
            metadata={
                "message": found.record.message,
                **({} if found.record.page is None else {"page": dg.MetadataValue.path(found.record.page)}),
            },
        )

    return evidently_page


def _page_path(settings: Settings, portfolio: Portfolio, file: str) -> Path:
    return settings.reports_folder(portfolio.name).resolve() / file


def _write_day(lakehouse: Lakehouse, portfolio: Portfolio, path: Path, newest: JudgedDay) -> None:
    """The page of the newest day; whether the applicants of training are synthetic stands with the reference."""
    synthetic = lakehouse.read("/".join(asset_key(portfolio.name, "monitoring", REFERENCE).path)).version.synthetic
    html = page.render_drift_page(portfolio, newest.drift, newest.reference, synthetic=synthetic)
    write_reports(path.parent, {path.name: html})


def _told(newest: JudgedDay, path: Path) -> dict[str, dg.MetadataValue[str] | str]:
    """What the asset page shows of a day."""
    columns = ("feature", "verdict", "importance", "psi", "p_adjusted", "decisions", "days")
    drift = newest.drift
    return {
        "level": drift.level.value,
        "page": dg.MetadataValue.path(str(path)),
        "first_features": markdown_table(drift.features.select(columns).head(_SHOWN)),
    }


@contextmanager
def _mistakes() -> Iterator[None]:
    """What a person has to mend ends the step; trying again would not help."""
    try:
        yield
    except CreditPlatformError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
