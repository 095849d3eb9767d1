"""models/split, one asset per candidate, and models/comparison."""

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.features.decided import ORIGIN, has_decided
from credit_platform.lakehouse import CommitInfo, StoredTable
from credit_platform.lakehouse.reports import pictures, reports_key, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling import charts
from credit_platform.modelling.candidates import Candidate, get_candidate
from credit_platform.modelling.comparison import compare
from credit_platform.modelling.cross_validation import cross_validate
from credit_platform.modelling.records import ComparisonRecord, SplitRecord, cross_validation_of
from credit_platform.modelling.refit import labelled, points_of_bins
from credit_platform.modelling.splits import split
from credit_platform.modelling.tracked import log_cross_validation, tags_of_run
from credit_platform.orchestration.metadata import image, markdown_table
from credit_platform.orchestration.policies import (
    HEAVY_POOL,
    OUTSIDE_WORLD_RETRIES,
    asset_key,
)
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

MODELLING_CODE = ("credit_platform.modelling", "credit_platform.scoring")


def build_model_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Split, candidates, comparison."""
    candidates = [_candidate(portfolio, get_candidate(name), settings) for name in portfolio.candidates]
    return [
        _split(portfolio, settings),
        *candidates,
        _comparison(portfolio, settings),
    ]


def model_ins(portfolio: Portfolio, *names: str) -> dict[str, dg.AssetIn]:
    """Inputs from the models layer, by their names."""
    return {name: dg.AssetIn(key=asset_key(portfolio.name, "models", name)) for name in names}


def applicants_in(portfolio: Portfolio) -> dict[str, dg.AssetIn]:
    """The feature table as input `applicants`."""
    return {"applicants": dg.AssetIn(key=asset_key(portfolio.name, "features", "applicants"))}


def commit_info(portfolio: Portfolio, *inputs: StoredTable) -> CommitInfo:
    """Provenance of what modelling writes; synthetic when any input is."""
    return CommitInfo(
        portfolio=portfolio.name,
        code_version=code_version(*MODELLING_CODE),
        synthetic=any(stored.version.synthetic for stored in inputs),
    )


def _split(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "models", "split"),
        ins=applicants_in(portfolio),
        description="Who is in the holdout (by hash of the applicant key, stable as data grow) and who in which of "
        "five stratified folds. `fold` = -1 marks the holdout, which only models/scorer and the gate touch.",
        kinds={"polars", "deltalake"},
        code_version=code_version("credit_platform.modelling.splits"),
    )
    def models_split(applicants: StoredTable) -> Table:
        columns = applicants.frame.select(
            portfolio.applicant_key, portfolio.target, *([ORIGIN] if has_decided(applicants.frame) else [])
        )
        known = columns.filter(pl.col(portfolio.target).is_not_null()).collect()
        frame = split(known, portfolio, seed=settings.seed)
        counts = frame.group_by("fold").agg(applicants=pl.len(), default_rate=pl.col("target").mean()).sort("fold")
        return Table(
            frame=frame,
            summary=SplitRecord(table=applicants.version.key, table_version=applicants.version.version).to_summary(),
            info=commit_info(portfolio, applicants),
            metadata={"folds": markdown_table(counts)},
        )

    return models_split


def _candidate(portfolio: Portfolio, candidate: Candidate, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "models", candidate.name),
        ins={**applicants_in(portfolio), **model_ins(portfolio, "split")},
        description=f"{candidate.title}: out-of-fold scores over five folds, logged to MLflow. {candidate.imbalance}",
        kinds={candidate_kind(candidate.name), "mlflow"},
        code_version=code_version(*MODELLING_CODE),
        retry_policy=OUTSIDE_WORLD_RETRIES,
        required_resource_keys={"tracking"},
        pool=HEAVY_POOL,
    )
    def models_candidate(context: dg.AssetExecutionContext, applicants: StoredTable, split: StoredTable) -> Table:
        rows, folds = labelled(portfolio, applicants.frame), split.frame.collect()
        params = candidate.default_params(settings.profile)
        result = cross_validate(candidate, rows, folds, portfolio, params, seed=settings.seed, threads=settings.threads)
        record = log_cross_validation(
            context.resources.tracking.open(portfolio.name),
            portfolio,
            result,
            run_tags(context, portfolio, candidate.name, applicants),
        )
        points = points_of_bins(candidate, rows, folds, portfolio, params, seed=settings.seed, threads=settings.threads)
        if points is not None:
            write_reports(Shelf.of(settings), reports_key(portfolio.name), {"scorecard_points.csv": points})
        shown = pl.DataFrame({"metric": list(record.metrics), "value": list(record.metrics.values())})
        return Table(
            frame=result.oof,
            summary=record.to_summary(),
            info=commit_info(portfolio, applicants),
            metadata={
                "auc": record.metrics["auc"],
                "cost_per_applicant": record.metrics["cost_per_applicant"],
                "mlflow_run_id": record.mlflow_run_id,
                "seconds": result.seconds,
                "metrics": markdown_table(shown),
                **({} if points is None else {"points": markdown_table(points)}),
            },
        )

    return models_candidate


def candidate_kind(name: str) -> str:
    """Icon of a candidate in the Dagster UI: the library that trains it."""
    libraries = {"xgboost": "xgboost", "random_forest": "xgboost", "lightgbm": "lightgbm", "scorecard": "optbinning"}
    return libraries.get(name, "scikitlearn")


def run_tags(
    context: dg.AssetExecutionContext, portfolio: Portfolio, candidate: str, applicants: StoredTable
) -> dict[str, str]:
    """Tags of the MLflow run that this step logs."""
    return tags_of_run(
        portfolio,
        candidate,
        applicants.version,
        code_version=code_version(*MODELLING_CODE),
        dagster_run_id=context.run.run_id,
    )


def _comparison(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "models", "comparison"),
        ins=model_ins(portfolio, *portfolio.candidates),
        description="All candidates on the same folds: discrimination, calibration and business cost with 95% "
        "intervals. The one with the least cost is selected. Also written as models_comparison.csv with a chart.",
        kinds={"polars", "matplotlib"},
        code_version=code_version(*MODELLING_CODE),
    )
    def models_comparison(**candidates: StoredTable) -> Table:
        results = [cross_validation_of(candidates[name]) for name in portfolio.candidates]
        comparison = compare(results, portfolio)
        drawn = {
            "models_comparison": charts.comparison(comparison.table),
            "roc": charts.roc(results),
            "precision_recall": charts.precision_recall(results),
        }
        contents = {"models_comparison.csv": comparison.table, **pictures(drawn)}
        place = write_reports(Shelf.of(settings), reports_key(portfolio.name), contents)
        return Table(
            frame=comparison.table,
            summary=ComparisonRecord.made(comparison).to_summary(),
            info=commit_info(portfolio, *candidates.values()),
            metadata={
                "selected": comparison.winner,
                "conclusion": comparison.summary,
                "winner_against_others": markdown_table(comparison.differences),
                "comparison": markdown_table(comparison.table),
                **{name: image(png) for name, png in drawn.items()},
                "folder": place,
            },
        )

    return models_comparison
