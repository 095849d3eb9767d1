"""What of modelling goes into MLflow: a run per cross-validation, a child run per trial of a study.

What is here: `log_cross_validation` and `log_study`.
What to add here: a figure or picture that somebody looks for in the run.
What must not be here: MLflow itself (`tracking.py`), computing what is logged, but for the metrics of a
cross-validation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from credit_platform.lakehouse.versions import TableVersion
from credit_platform.modelling import charts
from credit_platform.modelling.candidates import Candidate
from credit_platform.modelling.cross_validation import CrossValidation
from credit_platform.modelling.metrics import classification_metrics
from credit_platform.modelling.records import CrossValidationRecord
from credit_platform.modelling.threshold import choose_threshold
from credit_platform.modelling.tracking import Tracking
from credit_platform.modelling.tuning import Tuning
from credit_platform.portfolios.portfolio import Portfolio

_OF_TRIAL = ("objective", "cost_per_applicant", "auc", "folds", "seconds")


def tags_of_run(
    portfolio: Portfolio, candidate: str, applicants: TableVersion, *, code_version: str, dagster_run_id: str
) -> dict[str, str]:
    """What a run says of where it comes from."""
    return {
        "portfolio": portfolio.name,
        "candidate": candidate,
        "dagster_run_id": dagster_run_id,
        "data_version": str(applicants.version),
        "data_hash": applicants.content_hash,
        "code_version": code_version,
        "synthetic": str(applicants.synthetic).lower(),
    }


def log_cross_validation(
    tracking: Tracking, portfolio: Portfolio, result: CrossValidation, tags: Mapping[str, str]
) -> CrossValidationRecord:
    """Log one cross-validation as a run of its own, and give its record.

    Raises:
        ModellingError: the scores cannot be judged, see `threshold.choose_threshold`.
    """
    y, p, fold = (result.oof[name].to_numpy() for name in ("target", "probability", "fold"))
    choice = choose_threshold(y, p, portfolio.costs, fold)
    metrics = classification_metrics(y, p, choice.threshold, portfolio.costs)
    metrics["cost_per_applicant"] = choice.cost_per_applicant_cross_fitted
    with tracking.run(result.candidate, params=result.params, tags=dict(tags)) as run:
        run.log_metrics({**metrics, "seconds": result.seconds})
        for index in sorted(set(fold.tolist())):
            rows = fold == index
            of_fold = classification_metrics(y[rows], p[rows], choice.threshold, portfolio.costs)
            run.log_metrics({f"fold_{name}": value for name, value in of_fold.items()}, step=int(index))
        run.log_figure("cost_curve.png", charts.cost_curve(choice))
        run.log_figure("roc.png", charts.roc([result]))
        run.log_figure("precision_recall.png", charts.precision_recall([result]))
        return CrossValidationRecord.made(result, metrics=metrics, mlflow_run_id=run.run_id)


def log_study(
    tracking: Tracking, run_id: str, candidate: Candidate, tuning: Tuning, pictures: Mapping[str, bytes]
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
            child.log_metrics({figure: row[figure] for figure in _OF_TRIAL if row[figure] is not None})
