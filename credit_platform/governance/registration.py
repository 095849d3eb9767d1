"""What the registry of models says of a scorer: its tags.

What is here: `version_tags`.
What to add here: a figure that somebody looks for in the registry.
What must not be here: the registry itself (`modelling/tracking.py`).
"""

from __future__ import annotations

from credit_platform.lakehouse.versions import TableVersion
from credit_platform.modelling.records import ScorerRecord, ThresholdRecord


def version_tags(
    scorer: ScorerRecord, threshold: ThresholdRecord, *, made: TableVersion, applicants: TableVersion
) -> dict[str, object]:
    """Tags of a registered version: what it is, what it was made of, and how good it is.

    Args:
        scorer: the scorer.
        threshold: its threshold, and the out-of-fold metrics there.
        made: the version of models/scorer.
        applicants: the version of the feature table.
    """
    figures = {
        "threshold": scorer.rule.threshold,
        **{name: threshold.metrics[name] for name in ("auc", "gini", "ks", "brier")},
        "cost_per_applicant": threshold.cost_per_applicant,
        "holdout_auc": scorer.holdout_metrics["auc"],
        "holdout_cost_per_applicant": scorer.holdout_metrics["cost_per_applicant"],
    }
    return {
        "candidate": scorer.candidate,
        "date": made.timestamp.strftime("%Y-%m-%d"),
        "data_version": applicants.version,
        "data_hash": applicants.content_hash,
        **{name: f"{value:.4f}" for name, value in figures.items()},
        "feature_version": scorer.feature_version,
        "synthetic": str(made.synthetic).lower(),
    }
