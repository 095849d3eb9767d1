"""The model card: what a model is, what it is for, how good, how fair, and where it ends.

What is here: the sections of the card, filled with figures of stored tables.
What to add here: a section that a reader of cards expects.
What must not be here: a figure that is not taken from a stored table; rendering (`document.py`).

Source of the form: M. Mitchell et al., Model Cards for Model Reporting (2019).
"""

from __future__ import annotations

import polars as pl

from credit_platform.governance.document import Bullets, Document, Facts, Grid, Paragraph, Picture, Section, text, words
from credit_platform.governance.reason_section import reason_section
from credit_platform.portfolios.portfolio import Portfolio

NAME = "model_card"
_METRICS = {
    "auc": ("AUC", "decimal"),
    "gini": ("Gini", "decimal"),
    "ks": ("Kolmogorov-Smirnov", "decimal"),
    "average_precision": ("Average precision", "decimal"),
    "brier": ("Brier score", "decimal"),
    "log_loss": ("Log loss", "decimal"),
    "precision": ("Precision: defaults among refused", "percent"),
    "recall": ("Recall: defaults refused", "percent"),
    "acceptance_rate": ("Acceptance rate", "percent"),
    "cost_per_applicant": ("Cost per applicant", "decimal"),
}


def model_card(portfolio: Portfolio, facts: Facts) -> Document:
    """The card of one model version.

    Args:
        portfolio: whose model it is.
        facts: tables `applicants`, `scorer`, `threshold`, `calibration`, `explanations`, `fairness`, `soundness`,
            `scorecard` and `reasons`.
    """
    return Document(
        name=NAME,
        title=f"{portfolio.title}: model card",
        sections=(
            Section("Model", _model(portfolio, facts)),
            Section("Intended use", _use(portfolio)),
            Section("Training data", _data(portfolio, facts)),
            Section("Performance", _performance(portfolio, facts)),
            Section("What drives it", _drivers(facts)),
            Section("Fairness", _fairness(facts)),
            reason_section(portfolio, facts),
            Section("Points", _points(facts)),
            Section("Limits", limits(portfolio, facts)),
        ),
    )


def _model(portfolio: Portfolio, facts: Facts) -> tuple[Bullets]:
    del portfolio
    return (
        Bullets(
            (
                text("Kind of model: {}.", facts.summary("scorer", "candidate", "text")),
                text("Version (digest of the scorer): {}.", facts.summary("scorer", "digest", "digest")),
                text(
                    "Features: {}, definitions {}.",
                    facts.summary("soundness", "features", "whole"),
                    facts.summary("scorer", "feature_version", "text"),
                ),
                text(
                    "An application is refused from a probability of default of {}.",
                    facts.summary("scorer", "threshold"),
                ),
                text(
                    "Single requests are answered in {} ms (95 %), reasons included, where this was measured.",
                    facts.summary("soundness", "parity.p95_milliseconds", "one"),
                ),
            )
        ),
    )


def _use(portfolio: Portfolio) -> tuple[Bullets]:
    return (
        Bullets(
            (
                Paragraph(
                    (f"For: deciding on applications of {portfolio.title}, with reasons, before a loan is granted.",)
                ),
                Paragraph(("For people who decide: loan officers, with the right and the means to decide otherwise.",)),
                Paragraph(
                    (
                        "Not for: other products, existing customers' limits, collection, insurance, employment, or "
                        "any purpose the applicant was not told of.",
                    )
                ),
            )
        ),
    )


def _data(portfolio: Portfolio, facts: Facts) -> tuple[Paragraph | Bullets, ...]:
    synthetic = facts.version("applicants", "synthetic", "yes_no")
    return (
        Paragraph((portfolio.description + " ", f"Source: {portfolio.source}.")),
        Bullets(
            (
                text(
                    "Trained on {} applicants; {} were held out, chosen by a hash of their id.",
                    facts.summary("soundness", "training_applicants", "whole"),
                    facts.summary("soundness", "holdout_applicants", "whole"),
                ),
                text(
                    "Feature table version {}, content hash {}. Synthetic data: {}.",
                    facts.version("applicants", "version"),
                    facts.version("applicants", "content_hash", "digest"),
                    synthetic,
                ),
            )
        ),
    )


def _performance(portfolio: Portfolio, facts: Facts) -> tuple[Paragraph | Grid | Bullets, ...]:
    shown = [name for name in _METRICS if facts.has("scorer", f"holdout_metrics.{name}")]
    rows = tuple(
        (
            _METRICS[name][0],
            facts.summary("threshold", f"metrics.{name}", _METRICS[name][1]),
            facts.summary("scorer", f"holdout_metrics.{name}", _METRICS[name][1]),
        )
        for name in shown
        if facts.has("threshold", f"metrics.{name}")
    )
    return (
        Paragraph((f"Costs: {portfolio.costs.source}.",)),
        Grid(("Measure", "Out of fold", "Holdout"), rows),
        text(
            "Cross-fitted cost per applicant {}, against {} if all were accepted and {} if all were refused.",
            facts.summary("threshold", "cost_per_applicant"),
            facts.summary("threshold", "accept_all_cost"),
            facts.summary("threshold", "refuse_all_cost"),
        ),
        text(
            "Calibration out of fold: slope {}, intercept {}, mean calibration error {}.",
            facts.summary("calibration", "report.slope"),
            facts.summary("calibration", "report.intercept"),
            facts.summary("calibration", "report.expected_calibration_error"),
        ),
    )


def _drivers(facts: Facts) -> tuple[Paragraph | Grid | Picture, ...]:
    columns = {
        "feature": ("Feature", "text"),
        "description": ("What it is", "text"),
        "family": ("Reason family", "text"),
        "mean_absolute": ("Mean absolute contribution (log-odds)", "decimal"),
        "share": ("Share", "percent"),
    }
    return (
        text(
            "Mean contributions on {} applicants of the holdout. They add up to the score; the largest gap is {}.",
            facts.summary("explanations", "applicants", "whole"),
            facts.summary("explanations", "largest_gap", "tiny"),
        ),
        facts.grid("explanations", columns, most=10),
        Picture("shap_summary.png", "SHAP summary: a dot per applicant and feature"),
    )


def _fairness(facts: Facts) -> tuple[Paragraph | Grid, ...]:
    return (
        text(
            "Out-of-sample decisions on {} applicants. Protected attributes are not among the features. Groups too "
            "small to judge are shown, not judged.",
            facts.summary("fairness", "applicants", "whole"),
        ),
        fairness_grid(facts),
        text("{}", facts.summary("fairness", "exclusion.sentence", "text")),
    )


def fairness_grid(facts: Facts) -> Grid:
    """Groups of single attributes with their rates and verdicts."""
    columns = {
        "attribute": ("Attribute", "text"),
        "group": ("Group", "text"),
        "members": ("Members", "whole"),
        "acceptance_rate": ("Granted", "percent"),
        "false_refusal_rate": ("Good applicants refused", "percent"),
        "false_acceptance_rate": ("Defaults granted", "percent"),
        "impact_ratio": ("Ratio to the best-off", "decimal"),
        "verdict": ("Verdict", "text"),
    }
    return facts.grid("fairness", columns, where=~pl.col("intersection"))


def _points(facts: Facts) -> tuple[Paragraph | Grid, ...]:
    columns = {
        "points_from": ("Points from", "whole"),
        "points_to": ("to", "whole"),
        "applicants": ("Applicants", "whole"),
        "predicted": ("Mean predicted probability", "percent"),
        "default_rate": ("Default rate", "percent"),
        "refused": ("Refused", "percent"),
    }
    return (
        text(
            "{} points stand for odds of {} to one of repaying; {} more double the odds.",
            facts.summary("scorecard", "base_points", "whole"),
            facts.summary("scorecard", "base_odds", "whole"),
            facts.summary("scorecard", "points_to_double_odds", "whole"),
        ),
        facts.grid("scorecard", columns),
    )


def limits(portfolio: Portfolio, facts: Facts) -> tuple[Bullets]:
    """What the figures do not say; the same in card and validation report."""
    protected = [column.name for column in portfolio.application_columns if column.protected]
    items = [
        Paragraph(
            (
                "Reject inference: outcomes are known only of loans that were granted. Applicants whom the lender of "
                "the day refused are not in the data, and the model may be wrong about people like them. Nothing was "
                "imputed for them: that would need assumptions which these data cannot test.",
            )
        ),
        text(
            "Figures on the holdout rest on {} applicants; differences within their intervals are no differences.",
            facts.summary("soundness", "holdout_applicants", "whole"),
        ),
        Paragraph(
            (
                "Reasons say what moved the score, not what causes default. Changing one answer does not promise "
                "another decision.",
            )
        ),
        Paragraph(
            (
                f"Attributes not used: {words(protected)}. Other features may carry traces of them; the audit measures "
                "the result.",
            )
            if protected
            else ("The portfolio declares no protected attribute.",)
        ),
    ]
    if facts.version("applicants", "synthetic").value:
        items.append(Paragraph(("The data are synthetic: no figure here says anything of real applicants.",)))
    return (Bullets(tuple(items)),)
