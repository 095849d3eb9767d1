"""monitoring/reference, cell_counts, drift and population_shift: do applicants still look like those of training?

None of them has partitions in Dagster, although two of the tables lie in days: a day is judged with the 27 before, and
Dagster lets no asset with partitions read another one in a run of all that is new. Days that changed are found by what
each records of its ground (`monitoring/drift/days.py`).
"""

from dataclasses import replace

import dagster as dg

from credit_platform.code_versions import code_version
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.lakehouse.reports import reports_key, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.monitoring.decisions.schema import NAME as DECISIONS
from credit_platform.monitoring.drift import evidently_report, page
from credit_platform.monitoring.drift.days import COUNTS, JudgedDay, count_days, judge_days
from credit_platform.monitoring.drift.freezing import NAME as REFERENCE
from credit_platform.monitoring.drift.freezing import freeze_references
from credit_platform.monitoring.drift.mature_outcomes import made_up, mature_outcomes
from credit_platform.monitoring.drift.picture import drift_picture
from credit_platform.monitoring.drift.population_shift import NAME as SHIFT
from credit_platform.monitoring.drift.population_shift import measure_shift
from credit_platform.monitoring.drift.records import DRIFT, ReferenceRecord
from credit_platform.monitoring.drift.target import target_drift
from credit_platform.monitoring.outcomes.contract import NAME as OUTCOMES
from credit_platform.orchestration.metadata import image, markdown_table
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
            # Not on the decisions that a refit's reference is made of: their months are over long before, and in a
            # night whose decisions are refused a model that was promoted is frozen all the same.
        ],
        description="What a model learnt from, frozen once for each model version: counts of every feature in 256 "
        "cells, by where histories came from, with its importance; scores, decisions and outcomes of the holdout. Of a "
        "refit: of everybody decided about in the newest months that it learnt loans of.",
        kinds={"polars", "deltalake"},
        code_version=code_version("credit_platform.monitoring.drift.freezing"),
        pool=HEAVY_POOL,
        required_resource_keys={"lakehouse"},
    )
    def reference(context: dg.AssetExecutionContext) -> Table:
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
            asset_key(portfolio.name, "monitoring", OUTCOMES),
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
        path = _page_key(portfolio, DRIFT_FILE)
        found, newest = judge_days(lakehouse, portfolio, page=path)
        if newest is not None:
            _write_day(lakehouse, portfolio, settings, path, newest)
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
        path = _page_key(portfolio, SHIFT_FILE)
        found = measure_shift(context.resources.lakehouse.open(), portfolio, page=path)
        if found.drift is None or found.reference is None:
            table = page.nothing()
            told: dict[str, dg.MetadataValue[str] | str] = {}
        else:
            table = found.drift.judged.table
            html = page.render_drift_page(
                portfolio, found.drift, found.reference, subject=page.POPULATIONS, synthetic=found.synthetic
            )
            _keep(settings, path, html)
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
            asset_key(portfolio.name, "monitoring", OUTCOMES),
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
        path, lakehouse = _page_key(portfolio, EVIDENTLY_FILE), context.resources.lakehouse.open()
        with lakehouse.staging() as folder:
            found = evidently_report.write_report(lakehouse, portfolio, folder / EVIDENTLY_FILE)
            record = found.record
            if record.page is not None:
                _keep(settings, path, (folder / record.page).read_bytes())
                record = replace(record, page=path)
        return Table(
            frame=found.frame,
            summary=record.to_summary(),
            info=CommitInfo(portfolio=portfolio.name, synthetic=found.synthetic),
            metadata={
                "message": record.message,
                **({} if record.page is None else {"page": dg.MetadataValue.path(record.page)}),
            },
        )

    return evidently_page


def _page_key(portfolio: Portfolio, file: str) -> str:
    return f"{reports_key(portfolio.name)}/{file}"


def _keep(settings: Settings, key: str, html: str | bytes) -> None:
    place, _, file = key.rpartition("/")
    write_reports(Shelf.of(settings), place, {file: html})


def _write_day(lakehouse: Lakehouse, portfolio: Portfolio, settings: Settings, path: str, newest: JudgedDay) -> None:
    """The page of the newest day; whether the applicants of training are synthetic stands with the reference."""
    reference = lakehouse.read("/".join(asset_key(portfolio.name, "monitoring", REFERENCE).path))
    synthetic = reference.version.synthetic or made_up(lakehouse, portfolio)
    outcomes = mature_outcomes(lakehouse, portfolio, newest.drift.model)
    target = target_drift(outcomes, newest.reference)
    subject = page.decisions_of((ReferenceRecord.of(reference).decided or {}).get(newest.drift.model, ()))
    html = page.render_drift_page(
        portfolio, newest.drift, newest.reference, subject=subject, target=target, synthetic=synthetic
    )
    _keep(settings, path, html)


def _told(newest: JudgedDay, path: str) -> dict[str, dg.MetadataValue[str] | str]:
    """What the asset page shows of a day."""
    columns = ("feature", "verdict", "importance", "psi", "p_adjusted", "decisions", "days")
    drift = newest.drift
    drawn = drift_picture(drift)
    return {
        "level": drift.level.value,
        "page": dg.MetadataValue.path(path),
        **({} if drawn is None else {"drift": image(drawn)}),
        "first_features": markdown_table(drift.features.select(columns).head(_SHOWN)),
    }
