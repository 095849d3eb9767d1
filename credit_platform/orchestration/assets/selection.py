"""From the selected candidate to a scorer: models/tuned, calibration, threshold and scorer."""

from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from credit_platform.features import feature_version
from credit_platform.modelling import charts
from credit_platform.modelling.calibration import (
    before_and_after,
    calibration_slope_intercept,
    expected_calibration_error,
    fit_platt,
)
from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.cross_validation import cross_validate
from credit_platform.modelling.metrics import classification_metrics
from credit_platform.modelling.splits import HOLDOUT
from credit_platform.modelling.threshold import ThresholdChoice, choose_threshold
from credit_platform.modelling.tuning import tune
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
from credit_platform.orchestration.code_versions import code_version
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
from credit_platform.scoring import Scorer, calibrator_from_json, sigmoid
from credit_platform.settings import Settings


def build_selection_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Tuning, calibration, threshold and scorer of the selected candidate."""
    return [
        _tuned(portfolio, settings),
        _calibration(portfolio),
        _threshold(portfolio, settings),
        _scorer(portfolio, settings),
    ]


def _tuned(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "models", "tuned"),
        ins={**applicants_in(portfolio), **model_ins(portfolio, "split", "comparison")},
        description=f"Optuna study of {settings.trials} trials on the selected candidate, scored by business cost on "
        "the same folds. The default parameters are trial 0, so tuning is never worse than not tuning on the "
        "objective. A killed study goes on where it stopped.",
        group_name=group_name(portfolio.name, "models"),
        owners=[RISK_MODELLING],
        kinds={"optuna", "mlflow"},
        code_version=code_version(*MODELLING_CODE),
        retry_policy=OUTSIDE_WORLD_RETRIES,
        required_resource_keys={"tracking"},
        pool=HEAVY_POOL,
    )
    def models_tuned(
        context: dg.AssetExecutionContext, applicants: StoredTable, split: StoredTable, comparison: StoredTable
    ) -> Table:
        candidate = get_candidate(comparison.summary["winner"])
        frame, folds = labelled(portfolio, applicants), split.frame.collect()
        tuning = tune(
            candidate,
            frame,
            folds,
            portfolio,
            trials=settings.trials,
            storage_url=_study_storage(settings, portfolio),
            study_name=_study_name(portfolio, f"{candidate.name}-{settings.profile}", applicants, split),
            seed=settings.seed,
            threads=settings.threads,
            profile=settings.profile,
        )
        result = cross_validate(
            candidate, frame, folds, portfolio, tuning.best_params, seed=settings.seed, threads=settings.threads
        )
        run_id, metrics = log_cross_validation(context, portfolio, result, applicants)
        trials = tuning.trials
        table = cross_validation_table(
            result, metrics=metrics, mlflow_run_id=run_id, trials=trials.height, best_cost=tuning.best_cost
        )
        return Table(
            frame=table.frame,
            summary=table.summary,
            info=commit_info(portfolio, applicants),
            metadata={
                "candidate": candidate.name,
                "params": dg.MetadataValue.json(dict(tuning.best_params)),
                "auc": metrics["auc"],
                "cost_per_applicant": metrics["cost_per_applicant"],
                "mlflow_run_id": run_id,
                "trials": markdown_table(trials),
            },
        )

    return models_tuned


def _study_storage(settings: Settings, portfolio: Portfolio) -> str:
    path = (settings.home / "optuna" / f"{portfolio.name}.db").resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{path}"


def _study_name(portfolio: Portfolio, candidate: str, applicants: StoredTable, split: StoredTable) -> str:
    """A study goes on only while data, folds and code stay the same: trials of others do not compare."""
    parts = (applicants.version.content_hash[:12], split.version.content_hash[:12], code_version(*MODELLING_CODE))
    return "-".join((portfolio.name, candidate, *parts))


def _calibration(portfolio: Portfolio) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "models", "calibration"),
        ins=model_ins(portfolio, "tuned"),
        description="Turns the model's score into a probability of default (Platt), fitted on out-of-fold scores. "
        "The probabilities stored here are cross-fitted: each fold is calibrated by the others.",
        group_name=group_name(portfolio.name, "models"),
        owners=[RISK_MODELLING],
        kinds={"numpy"},
        code_version=code_version(*MODELLING_CODE),
    )
    def models_calibration(tuned: StoredTable) -> Table:
        result = stored_cross_validation(tuned)
        y, margin, p = (result.oof[name].to_numpy() for name in ("target", "margin", "probability"))
        calibrator = fit_platt(margin, y)
        slope = calibration_slope_intercept(y, p)
        report = {
            "slope": slope.slope,
            "intercept": slope.intercept,
            "expected_calibration_error": expected_calibration_error(y, p),
        }
        measures = before_and_after(y, sigmoid(margin), p)
        return Table(
            frame=result.oof,
            summary={"calibrator": calibrator.to_json(), "report": report},
            info=commit_info(portfolio, tuned),
            metadata={
                **report,
                "before_and_after": markdown_table(measures),
                "reliability": image(charts.reliability(y, p)),
            },
        )

    return models_calibration


def _threshold(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "models", "threshold"),
        ins=model_ins(portfolio, "calibration"),
        description=f"Probability of default from which an application is refused, at a cost of "
        f"{portfolio.costs.false_negative:g} per missed default and {portfolio.costs.false_positive:g} per good "
        "applicant refused. Searched over all scores; the optimum replaces the break-even probability only when it "
        "is cheaper beyond chance. Also on the grid 0.10..0.90.",
        group_name=group_name(portfolio.name, "models"),
        owners=[RISK_MODELLING],
        kinds={"polars", "matplotlib"},
        code_version=code_version(*MODELLING_CODE),
    )
    def models_threshold(calibration: StoredTable) -> Table:
        oof = calibration.frame.collect()
        y, p, fold = (oof[name].to_numpy() for name in ("target", "probability", "fold"))
        choice = choose_threshold(y, p, portfolio.costs, fold, seed=settings.seed)
        summary = _threshold_summary(choice) | {
            "metrics": classification_metrics(y, p, choice.threshold, portfolio.costs)
        }
        chart = charts.cost_curve(choice)
        folder = settings.reports_folder(portfolio.name)
        folder.mkdir(parents=True, exist_ok=True)
        choice.grid.write_csv(folder / "threshold_grid.csv")
        (folder / "cost_curve.png").write_bytes(chart)
        return Table(
            frame=choice.curve,
            summary=summary,
            info=commit_info(portfolio, calibration),
            metadata={
                "threshold": choice.threshold,
                "method": str(choice.method),
                "cost_per_applicant": choice.cost_per_applicant_cross_fitted,
                "accept_all_cost": choice.accept_all_cost,
                "refuse_all_cost": choice.refuse_all_cost,
                "acceptance_rate": choice.acceptance_rate,
                "cost_curve": image(chart),
                "methods": markdown_table(choice.methods),
                "grid": markdown_table(choice.grid),
            },
        )

    return models_threshold


def _threshold_summary(choice: ThresholdChoice) -> dict[str, Any]:
    return {
        "threshold": choice.threshold,
        "method": str(choice.method),
        "cost_per_applicant": choice.cost_per_applicant_cross_fitted,
        "cost_low": choice.cost_interval.low,
        "cost_high": choice.cost_interval.high,
        "acceptance_rate": choice.acceptance_rate,
        "break_even": choice.theoretical,
        "accept_all_cost": choice.accept_all_cost,
        "refuse_all_cost": choice.refuse_all_cost,
    }


def _scorer(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "models", "scorer"),
        ins={**applicants_in(portfolio), **model_ins(portfolio, "split", "tuned", "calibration", "threshold")},
        description="The deployable unit: refitted on all applicants outside the holdout, with calibration, threshold "
        "and reasons, in safe formats under one digest. The table holds its scores of the holdout.",
        group_name=group_name(portfolio.name, "models"),
        owners=[RISK_MODELLING],
        kinds={"numpy"},
        code_version=code_version(*MODELLING_CODE),
        pool=HEAVY_POOL,
    )
    def models_scorer(  # noqa: PLR0917  # Dagster passes inputs by name
        context: dg.AssetExecutionContext,
        applicants: StoredTable,
        split: StoredTable,
        tuned: StoredTable,
        calibration: StoredTable,
        threshold: StoredTable,
    ) -> Table:
        rows = labelled(portfolio, applicants).join(
            split.frame.select(portfolio.applicant_key, "fold").collect(), on=portfolio.applicant_key
        )
        training, holdout = rows.filter(pl.col("fold") != HOLDOUT), rows.filter(pl.col("fold") == HOLDOUT)
        candidate = get_candidate(tuned.summary["candidate"])
        fitted = candidate.fit(
            training,
            training[portfolio.target].to_numpy(),
            portfolio.features,
            tuned.summary["params"],
            seed=settings.seed,
            threads=settings.threads,
        )
        scorer = Scorer(
            portfolio=portfolio,
            fitted=fitted,
            calibrator=calibrator_from_json(calibration.summary["calibrator"]),
            threshold=threshold.summary["threshold"],
            metadata=_scorer_metadata(applicants, tuned, threshold),
            # A table gets a new version at each run; the hash of its content is what the digest should know.
            provenance={"data_version": applicants.version.version, "dagster_run_id": context.run.run_id},
        )
        folder, digest = _save(scorer, settings)
        frame = holdout.select(portfolio.applicant_key, pl.col(portfolio.target).alias("target")).with_columns(
            probability=pl.Series(scorer.score_features(holdout))
        )
        y, p = frame["target"].to_numpy(), frame["probability"].to_numpy()
        metrics = classification_metrics(y, p, scorer.threshold, portfolio.costs)
        return Table(
            frame=frame,
            summary={
                "digest": digest,
                "path": str(folder),
                "candidate": candidate.name,
                "threshold": scorer.threshold,
                "feature_version": feature_version(portfolio),
                "holdout_metrics": metrics,
                "mlflow_run_id": tuned.summary["mlflow_run_id"],
            },
            info=commit_info(portfolio, applicants),
            metadata={
                "digest": digest,
                "candidate": candidate.name,
                "folder": dg.MetadataValue.path(str(folder)),
                "holdout": markdown_table(pl.DataFrame({"metric": list(metrics), "value": list(metrics.values())})),
            },
        )

    return models_scorer


def _scorer_metadata(applicants: StoredTable, tuned: StoredTable, threshold: StoredTable) -> dict[str, Any]:
    return {
        "candidate": tuned.summary["candidate"],
        "data_hash": applicants.version.content_hash,
        "code_version": code_version(*MODELLING_CODE),
        "synthetic": applicants.version.synthetic,
        "params": tuned.summary["params"],
        "training_metrics": threshold.summary["metrics"],
        "cost_per_applicant": threshold.summary["cost_per_applicant"],
    }


def _save(scorer: Scorer, settings: Settings) -> tuple[Path, str]:
    """Save under the scorer's own digest, so that equal scorers share a folder and none is overwritten."""
    root = (settings.home / "scorers" / scorer.portfolio.name).resolve()
    folder = root / scorer.digest[:16]
    if not folder.exists():
        scorer.save(folder)
    return folder, scorer.digest
