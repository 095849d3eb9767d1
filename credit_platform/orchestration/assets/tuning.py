"""models/tuned: the Optuna study on the selected candidate."""

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.lakehouse import StoredTable
from credit_platform.lakehouse.reports import pictures, reports_key, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling import selection_charts
from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.records import ComparisonRecord, TunedRecord, cross_validation_of
from credit_platform.modelling.refit import labelled
from credit_platform.modelling.splits import HOLDOUT, thin
from credit_platform.modelling.tracked import log_cross_validation, log_study
from credit_platform.modelling.tuned import better_on_everybody, study_name, study_storage
from credit_platform.modelling.tuning import tune
from credit_platform.orchestration.assets.models import (
    MODELLING_CODE,
    applicants_in,
    commit_info,
    model_ins,
    run_tags,
)
from credit_platform.orchestration.metadata import image, markdown_table
from credit_platform.orchestration.policies import (
    HEAVY_POOL,
    OUTSIDE_WORLD_RETRIES,
    asset_key,
)
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

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
        candidate = get_candidate(ComparisonRecord.of(comparison).winner)
        frame, folds = labelled(portfolio, applicants.frame), split.frame.collect()
        sample = thin(folds, portfolio, TUNING_ROWS, seed=settings.seed)
        tuning = tune(
            candidate,
            frame,
            sample,
            portfolio,
            trials=settings.trials,
            storage_url=study_storage(settings, portfolio),
            study_name=study_name(
                portfolio,
                f"{candidate.name}-{settings.profile}",
                applicants.version,
                split.version,
                code_version(*MODELLING_CODE),
            ),
            seed=settings.seed,
            threads=settings.threads,
            profile=settings.profile,
        )
        default = cross_validation_of(candidates[candidate.name])
        result = better_on_everybody(
            candidate, frame, folds, portfolio=portfolio, settings=settings, tuning=tuning, default=default
        )
        tracking = context.resources.tracking.open(portfolio.name)
        logged = log_cross_validation(
            tracking, portfolio, result, run_tags(context, portfolio, candidate.name, applicants)
        )
        drawn = selection_charts.of_study(tuning)
        log_study(tracking, logged.mlflow_run_id, candidate, tuning, drawn)
        contents = {"tuning_trials.csv": tuning.trials, **pictures(drawn)}
        place = write_reports(Shelf.of(settings), reports_key(portfolio.name), contents)
        record = TunedRecord.of_study(logged, tuning)
        return Table(
            frame=result.oof,
            summary=record.to_summary(),
            info=commit_info(portfolio, applicants),
            metadata={
                "candidate": candidate.name,
                "params": dg.MetadataValue.json(record.params),
                "applicants_of_the_study": sample.filter(pl.col("fold") != HOLDOUT).height,
                "auc": record.metrics["auc"],
                "cost_per_applicant": record.metrics["cost_per_applicant"],
                "mlflow_run_id": record.mlflow_run_id,
                "importance": markdown_table(tuning.importance),
                "trials": markdown_table(tuning.trials),
                **{name: image(png) for name, png in drawn.items()},
                "folder": place,
            },
        )

    return models_tuned
