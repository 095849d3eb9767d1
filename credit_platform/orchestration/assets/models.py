"""models/split, one asset per candidate, and models/comparison."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.lakehouse import CommitInfo, StoredTable
from credit_platform.modelling import charts
from credit_platform.modelling.candidates import Candidate, get_candidate
from credit_platform.modelling.comparison import Comparison, compare
from credit_platform.modelling.cross_validation import CrossValidation, cross_validate, training_rows
from credit_platform.modelling.metrics import classification_metrics
from credit_platform.modelling.splits import split
from credit_platform.modelling.threshold import choose_threshold
from credit_platform.orchestration.metadata import image, markdown_table
from credit_platform.orchestration.policies import (
    HEAVY_POOL,
    OUTSIDE_WORLD_RETRIES,
    RISK_MODELLING,
    asset_key,
    group_name,
)
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import points_table
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


def labelled(portfolio: Portfolio, applicants: StoredTable) -> pl.DataFrame:
    """Rows of the feature table whose outcome is known."""
    return applicants.frame.filter(pl.col(portfolio.target).is_not_null()).collect()


def commit_info(portfolio: Portfolio, *inputs: StoredTable) -> CommitInfo:
    """Provenance of what modelling writes; synthetic when any input is."""
    return CommitInfo(
        portfolio=portfolio.name,
        code_version=code_version(*MODELLING_CODE),
        synthetic=any(stored.version.synthetic for stored in inputs),
    )


def cross_validation_table(result: CrossValidation, **summary: Any) -> Table:
    """Out-of-fold scores as a table, parameters and time as its summary."""
    return Table(
        frame=result.oof,
        summary={"candidate": result.candidate, "params": result.params, "seconds": result.seconds, **summary},
    )


def stored_cross_validation(stored: StoredTable) -> CrossValidation:
    """The cross-validation that `cross_validation_table` stored."""
    summary = stored.summary
    return CrossValidation(
        candidate=summary["candidate"],
        params=summary["params"],
        oof=stored.frame.collect(),
        seconds=summary["seconds"],
    )


def _split(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "models", "split"),
        ins=applicants_in(portfolio),
        description="Who is in the holdout (by hash of the applicant key, stable as data grow) and who in which of "
        "five stratified folds. `fold` = -1 marks the holdout, which only models/scorer and the gate touch.",
        group_name=group_name(portfolio.name, "models"),
        owners=[RISK_MODELLING],
        kinds={"polars", "deltalake"},
        code_version=code_version("credit_platform.modelling.splits"),
    )
    def models_split(applicants: StoredTable) -> Table:
        columns = applicants.frame.select(portfolio.applicant_key, portfolio.target)
        known = columns.filter(pl.col(portfolio.target).is_not_null()).collect()
        frame = split(known, portfolio, seed=settings.seed)
        counts = frame.group_by("fold").agg(applicants=pl.len(), default_rate=pl.col("target").mean()).sort("fold")
        return Table(
            frame=frame,
            summary={"table": applicants.version.key, "table_version": applicants.version.version},
            info=commit_info(portfolio, applicants),
            metadata={"folds": markdown_table(counts)},
        )

    return models_split


def _candidate(portfolio: Portfolio, candidate: Candidate, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "models", candidate.name),
        ins={**applicants_in(portfolio), **model_ins(portfolio, "split")},
        description=f"{candidate.title}: out-of-fold scores over five folds, logged to MLflow. {candidate.imbalance}",
        group_name=group_name(portfolio.name, "models"),
        owners=[RISK_MODELLING],
        kinds={candidate_kind(candidate.name), "mlflow"},
        code_version=code_version(*MODELLING_CODE),
        retry_policy=OUTSIDE_WORLD_RETRIES,
        required_resource_keys={"tracking"},
        pool=HEAVY_POOL,
    )
    def models_candidate(context: dg.AssetExecutionContext, applicants: StoredTable, split: StoredTable) -> Table:
        result = cross_validate(
            candidate,
            labelled(portfolio, applicants),
            split.frame.collect(),
            portfolio,
            candidate.default_params(settings.profile),
            seed=settings.seed,
            threads=settings.threads,
        )
        run_id, metrics = log_cross_validation(context, portfolio, result, applicants)
        table = cross_validation_table(result, metrics=metrics, mlflow_run_id=run_id)
        points = scorecard_points(candidate, portfolio, settings, applicants, split)
        shown = pl.DataFrame({"metric": list(metrics), "value": list(metrics.values())})
        return Table(
            frame=table.frame,
            summary=table.summary,
            info=commit_info(portfolio, applicants),
            metadata={
                "auc": metrics["auc"],
                "cost_per_applicant": metrics["cost_per_applicant"],
                "mlflow_run_id": run_id,
                "seconds": result.seconds,
                "metrics": markdown_table(shown),
                **points,
            },
        )

    return models_candidate


def scorecard_points(
    candidate: Candidate, portfolio: Portfolio, settings: Settings, applicants: StoredTable, split: StoredTable
) -> dict[str, Any]:
    """For a scorecard: its points per bin, from all training applicants, as `scorecard_points.csv` and as metadata."""
    if candidate.name != "scorecard":
        return {}
    rows = training_rows(labelled(portfolio, applicants), split.frame.collect(), portfolio)
    params = candidate.default_params(settings.profile)
    fitted = candidate.fit(
        rows, rows["target"].to_numpy(), portfolio.features, params, seed=settings.seed, threads=settings.threads
    )
    table = points_table(fitted.encoder.encodings, fitted.model, portfolio.points)
    if table is None:
        return {}
    folder = settings.reports_folder(portfolio.name)
    folder.mkdir(parents=True, exist_ok=True)
    table.write_csv(folder / "scorecard_points.csv")
    return {"points": markdown_table(table)}


def candidate_kind(name: str) -> str:
    """Icon of a candidate in the Dagster UI: the library that trains it."""
    libraries = {"xgboost": "xgboost", "random_forest": "xgboost", "lightgbm": "lightgbm", "scorecard": "optbinning"}
    return libraries.get(name, "scikitlearn")


def log_cross_validation(
    context: dg.AssetExecutionContext, portfolio: Portfolio, result: CrossValidation, applicants: StoredTable
) -> tuple[str, dict[str, float]]:
    """Log one cross-validation to MLflow as a run of its own; return its id and the pooled metrics."""
    y, p, fold = (result.oof[name].to_numpy() for name in ("target", "probability", "fold"))
    choice = choose_threshold(y, p, portfolio.costs, fold)
    metrics = classification_metrics(y, p, choice.threshold, portfolio.costs)
    metrics["cost_per_applicant"] = choice.cost_per_applicant_cross_fitted
    tracking = context.resources.tracking.open(portfolio.name)
    tags = {
        "portfolio": portfolio.name,
        "candidate": result.candidate,
        "dagster_run_id": context.run.run_id,
        "data_version": str(applicants.version.version),
        "data_hash": applicants.version.content_hash,
        "code_version": code_version(*MODELLING_CODE),
        "synthetic": str(applicants.version.synthetic).lower(),
    }
    with tracking.run(result.candidate, params=result.params, tags=tags) as run:
        run.log_metrics({**metrics, "seconds": result.seconds})
        for index in sorted(set(fold.tolist())):
            rows = fold == index
            of_fold = classification_metrics(y[rows], p[rows], choice.threshold, portfolio.costs)
            run.log_metrics({f"fold_{name}": value for name, value in of_fold.items()}, step=int(index))
        run.log_figure("cost_curve.png", charts.cost_curve(choice))
        run.log_figure("roc.png", charts.roc([result]))
        run.log_figure("precision_recall.png", charts.precision_recall([result]))
        return run.run_id, metrics


def _comparison(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "models", "comparison"),
        ins=model_ins(portfolio, *portfolio.candidates),
        description="All candidates on the same folds: discrimination, calibration and business cost with 95 % "
        "intervals. The one with the least cost is selected. Also written as models_comparison.csv with a chart.",
        group_name=group_name(portfolio.name, "models"),
        owners=[RISK_MODELLING],
        kinds={"polars", "matplotlib"},
        code_version=code_version(*MODELLING_CODE),
    )
    def models_comparison(**candidates: StoredTable) -> Table:
        results = [stored_cross_validation(candidates[name]) for name in portfolio.candidates]
        comparison = compare(results, portfolio)
        pictures = {
            "models_comparison": charts.comparison(comparison.table),
            "roc": charts.roc(results),
            "precision_recall": charts.precision_recall(results),
        }
        folder = _write_comparison(settings, portfolio, comparison, pictures)
        return Table(
            frame=comparison.table,
            summary={
                "winner": comparison.winner,
                "sentence": comparison.summary,
                "differences": comparison.differences.to_dicts(),
            },
            info=commit_info(portfolio, *candidates.values()),
            metadata={
                "selected": comparison.winner,
                "conclusion": comparison.summary,
                "winner_against_others": markdown_table(comparison.differences),
                "comparison": markdown_table(comparison.table),
                **{name: image(png) for name, png in pictures.items()},
                "folder": dg.MetadataValue.path(folder),
            },
        )

    return models_comparison


def _write_comparison(
    settings: Settings, portfolio: Portfolio, comparison: Comparison, pictures: Mapping[str, bytes]
) -> str:
    folder = settings.reports_folder(portfolio.name)
    folder.mkdir(parents=True, exist_ok=True)
    comparison.table.write_csv(folder / "models_comparison.csv")
    for name, png in pictures.items():
        (folder / f"{name}.png").write_bytes(png)
    return str(folder.resolve())
