"""From the selected candidate to a scorer: models/calibration and models/scorer (and the list of all on the way)."""

from dataclasses import asdict

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.lakehouse import StoredTable
from credit_platform.lakehouse.reports import pictures, reports_key, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling import charts, selection_charts
from credit_platform.modelling.calibration import before_and_after
from credit_platform.modelling.calibrators import calibrate
from credit_platform.modelling.records import CalibrationRecord, ThresholdRecord, TunedRecord, cross_validation_of
from credit_platform.modelling.refit import make_scorer
from credit_platform.orchestration.assets.imbalance import build_imbalance_asset
from credit_platform.orchestration.assets.models import MODELLING_CODE, applicants_in, commit_info, model_ins
from credit_platform.orchestration.assets.threshold import build_threshold_asset
from credit_platform.orchestration.assets.tuning import build_tuned_asset
from credit_platform.orchestration.metadata import image, markdown_table
from credit_platform.orchestration.policies import HEAVY_POOL, asset_key
from credit_platform.portfolios.portfolio import Portfolio
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
        kinds={"numpy"},
        code_version=code_version(*MODELLING_CODE),
    )
    def models_calibration(tuned: StoredTable) -> Table:
        calibrated = calibrate(cross_validation_of(tuned))
        y, p = (calibrated.oof[name].to_numpy() for name in ("target", "probability"))
        choice, uncalibrated = calibrated.choice, calibrated.ways["No calibration"]
        drawn = {
            "reliability": charts.reliability(y, p),
            "calibrations": selection_charts.calibrations(y, calibrated.ways),
        }
        write_reports(Shelf.of(settings), reports_key(portfolio.name), pictures(drawn))
        return Table(
            frame=calibrated.oof,
            summary=calibrated.record.to_summary(),
            info=commit_info(portfolio, tuned),
            metadata={
                **asdict(calibrated.report),
                "reason": choice.reason,
                "compared": markdown_table(choice.table),
                "before_and_after": markdown_table(before_and_after(y, uncalibrated, p)),
                **{name: image(png) for name, png in drawn.items()},
            },
        )

    return models_calibration


def _scorer(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "models", "scorer"),
        ins={**applicants_in(portfolio), **model_ins(portfolio, "split", "tuned", "calibration", "threshold")},
        description="The deployable unit: refitted on all applicants outside the holdout, with calibration, threshold "
        "and reasons, in safe formats under one digest. The table holds its scores of the holdout.",
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
        made = make_scorer(
            portfolio,
            settings,
            applicants,
            split.frame,
            tuned=TunedRecord.of(tuned),
            calibration=CalibrationRecord.of(calibration),
            threshold=ThresholdRecord.of(threshold),
            code_version=code_version(*MODELLING_CODE),
            dagster_run_id=context.run.run_id,
        )
        metrics = made.record.holdout_metrics
        return Table(
            frame=made.holdout,
            summary=made.record.to_summary(),
            info=commit_info(portfolio, applicants),
            metadata={
                "digest": made.record.digest,
                "candidate": made.record.candidate,
                "artefact": made.record.key,
                "holdout": markdown_table(pl.DataFrame({"metric": list(metrics), "value": list(metrics.values())})),
            },
        )

    return models_scorer
