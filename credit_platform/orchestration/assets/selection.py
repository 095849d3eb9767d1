"""From the selected candidate to a scorer: models/calibration and models/scorer (and the list of all on the way)."""

from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.features import feature_version
from credit_platform.lakehouse import StoredTable
from credit_platform.modelling import charts, selection_charts
from credit_platform.modelling.calibration import (
    before_and_after,
    calibration_slope_intercept,
    expected_calibration_error,
)
from credit_platform.modelling.calibrators import choose_calibrator, cross_fit, fit_isotonic
from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.metrics import classification_metrics
from credit_platform.modelling.splits import HOLDOUT
from credit_platform.orchestration.assets.imbalance import build_imbalance_asset
from credit_platform.orchestration.assets.models import (
    MODELLING_CODE,
    applicants_in,
    commit_info,
    labelled,
    model_ins,
    stored_cross_validation,
)
from credit_platform.orchestration.assets.threshold import build_threshold_asset
from credit_platform.orchestration.assets.tuning import build_tuned_asset
from credit_platform.orchestration.metadata import image, markdown_table
from credit_platform.orchestration.policies import HEAVY_POOL, RISK_MODELLING, asset_key, group_name
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Scorer, calibrator_from_json, sigmoid
from credit_platform.settings import Settings
from credit_platform.tables.table import Table


def build_selection_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Imbalance; tuning, calibration, threshold and scorer of the selected candidate."""
    return [
        build_imbalance_asset(portfolio, settings),
        build_tuned_asset(portfolio, settings),
        _calibration(portfolio, settings),
        build_threshold_asset(portfolio, settings),
        _scorer(portfolio, settings),
    ]


def _calibration(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "models", "calibration"),
        ins=model_ins(portfolio, "tuned"),
        description="Turns the model's score into a probability of default, fitted on out-of-fold scores: Platt, or an "
        "isotonic curve where there are enough defaults and it is better beyond chance. The probabilities stored here "
        "are cross-fitted: each fold is calibrated by the others.",
        group_name=group_name(portfolio.name, "models"),
        owners=[RISK_MODELLING],
        kinds={"numpy"},
        code_version=code_version(*MODELLING_CODE),
    )
    def models_calibration(tuned: StoredTable) -> Table:
        result = stored_cross_validation(tuned)
        y, margin, fold = (result.oof[name].to_numpy() for name in ("target", "margin", "fold"))
        choice = choose_calibrator(margin, y, fold)
        p = choice.probability
        slope = calibration_slope_intercept(y, p)
        report = {
            "slope": slope.slope,
            "intercept": slope.intercept,
            "expected_calibration_error": expected_calibration_error(y, p),
        }
        ways = {"No calibration": sigmoid(margin), "Platt": result.oof["probability"].to_numpy()}
        ways["Isotonic"] = cross_fit(fit_isotonic, margin, y, fold)
        pictures = {"reliability": charts.reliability(y, p), "calibrations": selection_charts.calibrations(y, ways)}
        folder = settings.reports_folder(portfolio.name)
        folder.mkdir(parents=True, exist_ok=True)
        for name, png in pictures.items():
            (folder / f"{name}.png").write_bytes(png)
        return Table(
            frame=result.oof.with_columns(probability=pl.Series(p)),
            summary={
                "calibrator": choice.calibrator.to_json(),
                "method": choice.calibrator.kind,
                "reason": choice.reason,
                "compared": choice.table.to_dicts(),
                "report": report,
            },
            info=commit_info(portfolio, tuned),
            metadata={
                **report,
                "reason": choice.reason,
                "compared": markdown_table(choice.table),
                "before_and_after": markdown_table(before_and_after(y, sigmoid(margin), p)),
                **{name: image(png) for name, png in pictures.items()},
            },
        )

    return models_calibration


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
            review=_band(threshold.summary["review"]),
            metadata=_scorer_metadata(applicants, tuned, threshold),
            # A table gets a new version at each run; the hash of its content is what the digest should know.
            provenance={
                "data_version": applicants.version.version,
                "data_versions": {applicants.version.key: applicants.version.version},
                "dagster_run_id": context.run.run_id,
            },
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
                "table_version": applicants.version.version,
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


def _band(stored: list[float] | None) -> tuple[float, float] | None:
    return None if stored is None else (stored[0], stored[1])


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
