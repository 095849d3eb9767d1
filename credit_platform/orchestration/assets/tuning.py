"""models/tuned: the Optuna study on the selected candidate."""

import json

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.modelling import selection_charts
from credit_platform.modelling.candidates import Candidate, get_candidate
from credit_platform.modelling.cross_validation import CrossValidation, cross_validate
from credit_platform.modelling.splits import HOLDOUT, thin
from credit_platform.modelling.threshold import choose_threshold
from credit_platform.modelling.tracking import Tracking
from credit_platform.modelling.tuning import Tuning, tune
from credit_platform.orchestration.assets.models import (
    MODELLING_CODE,
    applicants_in,
    commit_info,
    cross_validation_table,
    labelled,
    log_cross_validation,
    model_ins,
    stored_cross_validation,
)
from credit_platform.orchestration.metadata import image, markdown_table
from credit_platform.orchestration.policies import (
    HEAVY_POOL,
    OUTSIDE_WORLD_RETRIES,
    RISK_MODELLING,
    asset_key,
    group_name,
)
from credit_platform.orchestration.tables import StoredTable, Table
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

TUNING_ROWS = 15_000
"""Applicants that a trial is trained and judged on at most: parameters that do well on them do well on all, and 60
trials of five folds each end within the time of the design. What is found is then checked on everybody."""


def build_tuned_asset(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    """The study, and the cross-validation of the parameters that it found."""

    @dg.asset(
        key=asset_key(portfolio.name, "models", "tuned"),
        ins={**applicants_in(portfolio), **model_ins(portfolio, "split", "comparison", *portfolio.candidates)},
        description=f"Optuna study of {settings.trials} trials on the selected candidate, scored by business cost on "
        f"the same folds, of which at most {TUNING_ROWS:,} applicants. The default parameters are trial 0, and they "
        "are kept when the best ones cost more on everybody, so tuning is never worse than not tuning on the "
        "objective. A killed study goes on where it stopped. Each trial is a child run in MLflow.",
        group_name=group_name(portfolio.name, "models"),
        owners=[RISK_MODELLING],
        kinds={"optuna", "mlflow"},
        code_version=code_version(*MODELLING_CODE),
        retry_policy=OUTSIDE_WORLD_RETRIES,
        required_resource_keys={"tracking"},
        pool=HEAVY_POOL,
    )
    def models_tuned(
        context: dg.AssetExecutionContext,
        applicants: StoredTable,
        split: StoredTable,
        comparison: StoredTable,
        **candidates: StoredTable,
    ) -> Table:
        candidate = get_candidate(comparison.summary["winner"])
        frame, folds = labelled(portfolio, applicants), split.frame.collect()
        sample = thin(folds, portfolio, TUNING_ROWS, seed=settings.seed)
        tuning = tune(
            candidate,
            frame,
            sample,
            portfolio,
            trials=settings.trials,
            storage_url=_study_storage(settings, portfolio),
            study_name=_study_name(portfolio, f"{candidate.name}-{settings.profile}", applicants, split),
            seed=settings.seed,
            threads=settings.threads,
            profile=settings.profile,
        )
        default = stored_cross_validation(candidates[candidate.name])
        result = _validate(
            candidate, frame, folds, portfolio=portfolio, settings=settings, tuning=tuning, default=default
        )
        run_id, metrics = log_cross_validation(context, portfolio, result, applicants)
        pictures = {"tuning_history": selection_charts.tuning_history(tuning.trials)}
        if not tuning.importance.is_empty():
            pictures["tuning_importance"] = selection_charts.tuning_importance(tuning.importance)
        log_study(context.resources.tracking.open(portfolio.name), run_id, candidate, tuning, pictures)
        table = cross_validation_table(
            result,
            metrics=metrics,
            mlflow_run_id=run_id,
            trials=tuning.trials.height,
            best_cost=tuning.best_cost,
            default_cost=tuning.default_cost,
            importance=tuning.importance.to_dicts(),
        )
        return Table(
            frame=table.frame,
            summary=table.summary,
            info=commit_info(portfolio, applicants),
            metadata={
                "candidate": candidate.name,
                "params": dg.MetadataValue.json(dict(result.params)),
                "applicants_of_the_study": sample.filter(pl.col("fold") != HOLDOUT).height,
                "auc": metrics["auc"],
                "cost_per_applicant": metrics["cost_per_applicant"],
                "mlflow_run_id": run_id,
                "importance": markdown_table(tuning.importance),
                "trials": markdown_table(tuning.trials),
                **{name: image(png) for name, png in pictures.items()},
                "folder": dg.MetadataValue.path(_write(settings, portfolio, tuning, pictures)),
            },
        )

    return models_tuned


def _validate(
    candidate: Candidate,
    frame: pl.DataFrame,
    folds: pl.DataFrame,
    *,
    portfolio: Portfolio,
    settings: Settings,
    tuning: Tuning,
    default: CrossValidation,
) -> CrossValidation:
    """The best parameters on everybody, or the defaults where these cost less: the study may have seen a sample only.

    The defaults have been cross-validated already, by the candidate's own asset, on the same rows, folds and seed; so
    has the best trial, where the study saw everybody and was not begun by another process.
    """
    if tuning.best_params == default.params:
        return default
    best = tuning.best
    if best is None or best.oof.height < default.oof.height:
        params, threads = tuning.best_params, settings.threads
        best = cross_validate(candidate, frame, folds, portfolio, params, seed=settings.seed, threads=threads)
    return min((best, default), key=lambda result: _cost(result, portfolio, settings))


def _cost(result: CrossValidation, portfolio: Portfolio, settings: Settings) -> float:
    y, p, fold = (result.oof[name].to_numpy() for name in ("target", "probability", "fold"))
    return choose_threshold(y, p, portfolio.costs, fold, seed=settings.seed).cost_per_applicant_cross_fitted


def log_study(
    tracking: Tracking, run_id: str, candidate: Candidate, tuning: Tuning, pictures: dict[str, bytes]
) -> None:
    """Attach the study to the run of the tuned model: each trial a child run, tables and pictures beside it."""
    run = tracking.reopen(run_id)
    run.set_tags({"stage": "tuned", "trials": tuning.trials.height})
    for name, png in pictures.items():
        run.log_figure(f"{name}.png", png)
    run.log_table("trials.csv", tuning.trials.write_csv())
    for row in tuning.trials.iter_rows(named=True):
        tags = {"candidate": candidate.name, "state": row["state"], "best": str(row["best"]).lower()}
        name = f"{candidate.name} trial {row['trial']}"
        with tracking.run(name, params=json.loads(row["params"]), tags=tags, parent=run_id) as child:
            figures = ("objective", "cost_per_applicant", "auc", "folds", "seconds")
            child.log_metrics({figure: row[figure] for figure in figures if row[figure] is not None})


def _write(settings: Settings, portfolio: Portfolio, tuning: Tuning, pictures: dict[str, bytes]) -> str:
    folder = settings.reports_folder(portfolio.name)
    folder.mkdir(parents=True, exist_ok=True)
    tuning.trials.write_csv(folder / "tuning_trials.csv")
    for name, png in pictures.items():
        (folder / f"{name}.png").write_bytes(png)
    return str(folder.resolve())


def _study_storage(settings: Settings, portfolio: Portfolio) -> str:
    if settings.tuning_database is not None:
        return settings.tuning_database
    path = (settings.home / "optuna" / f"{portfolio.name}.db").resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    # Optuna fills in its schema's version where an address says so in braces; doubled ones stand for themselves.
    return f"sqlite:///{path}".replace("{", "{{").replace("}", "}}")


def _study_name(portfolio: Portfolio, candidate: str, applicants: StoredTable, split: StoredTable) -> str:
    """A study goes on only while data, folds and code stay the same: trials of others do not compare."""
    parts = (applicants.version.content_hash[:12], split.version.content_hash[:12], code_version(*MODELLING_CODE))
    return "-".join((portfolio.name, candidate, *parts))
