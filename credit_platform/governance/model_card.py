"""The model card: what a model is, what it is for, how good, how fair, and where it ends.

What is here: the sections of the card, filled with figures of stored tables.
What to add here: a section that a reader of cards expects.
What must not be here: a figure that is not taken from a stored table; rendering (`document.py`).

Source of the form: M. Mitchell et al., Model Cards for Model Reporting (2019).
"""

from __future__ import annotations

from credit_platform.governance.approval import NO_APPROVAL, PolicyInForce
from credit_platform.governance.approval_section import approval_section
from credit_platform.governance.document import (
    Bullets,
    Document,
    Facts,
    Grid,
    Paragraph,
    Picture,
    Section,
    text,
)
from credit_platform.governance.heads import about, conclusion
from credit_platform.governance.reason_section import reason_section
from credit_platform.governance.shared_sections import (
    attributes,
    band_remark,
    fairness_grid,
    families_grid,
    limits,
    measure,
    omissions,
    review_band,
    verdict_notes,
    which_figures,
)
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


def model_card(portfolio: Portfolio, facts: Facts, policy: PolicyInForce = NO_APPROVAL) -> Document:
    """The card of one model version.

    Args:
        portfolio: whose model it is.
        facts: tables `applicants`, `scorer`, `threshold`, `calibration`, `explanations`, `fairness`, `soundness`,
            `scorecard` and `reasons`.
        policy: of approval, as it is when the card is written.
    """
    return Document(
        name=NAME,
        title=f"{portfolio.title}: model card",
        about=about(portfolio, facts, policy),
        sections=(
            conclusion(facts),
            Section("Model", _model(facts)),
            Section("Intended use", _use(portfolio)),
            Section("Training data", _data(portfolio, facts)),
            Section("Performance", _performance(portfolio, facts)),
            Section("What drives it", _drivers(facts)),
            Section("Fairness", _fairness(facts)),
            reason_section(portfolio, facts),
            Section("Points", _points(facts)),
            approval_section(facts, policy),
            Section("Limits", limits(facts)),
        ),
    )


def _model(facts: Facts) -> tuple[Bullets]:
    return (
        Bullets(
            (
                text("Kind of model: {}.", facts.summary("scorer", "candidate", "candidate")),
                text("Version (digest of the scorer): {}.", facts.summary("scorer", "digest", "digest")),
                text(
                    "Features: {}, definitions {}.",
                    facts.summary("soundness", "features", "whole"),
                    facts.summary("scorer", "feature_version", "text"),
                ),
                text(
                    "An application is refused from a probability of default of {}.",
                    facts.summary("scorer", "threshold", "percent"),
                ),
                *review_band(facts),
                text(
                    "Single requests are answered in {} ms (95%), reasons included, where this was measured.",
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
        Paragraph((f"The data as the portfolio declares them: {portfolio.description} Source: {portfolio.source}.",)),
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
                *_decided(facts),
            )
        ),
    )


def _decided(facts: Facts) -> tuple[Paragraph, ...]:
    """Whom a refit took in, and why they are no sample."""
    if not facts.has("applicants", "decided") or not facts.summary("applicants", "decided", "whole").value:
        return ()
    return (
        text(
            "{} of the applicants trained on are not of the raw files: they were decided about by this platform, with "
            "their features as of the decision, and whether their loans had defaulted at {} months. Only whoever was "
            "accepted has an outcome: of those the models before refused nobody knows what they would have done, and "
            "the more a model refused, the less these loans tell of people like them (selection bias). None of them "
            "is in the holdout, which stays the same people as before.",
            facts.summary("applicants", "decided", "whole"),
            facts.summary("applicants", "maturity_months", "whole"),
        ),
    )


def _performance(portfolio: Portfolio, facts: Facts) -> tuple[Paragraph | Grid | Bullets, ...]:
    shown = [name for name in _METRICS if facts.has("scorer", f"holdout_metrics.{name}")]
    rows = tuple(
        (
            _METRICS[name][0],
            measure(facts, "threshold", f"metrics.{name}", _METRICS[name][1]),
            measure(facts, "scorer", f"holdout_metrics.{name}", _METRICS[name][1]),
        )
        for name in shown
        if facts.has("threshold", f"metrics.{name}")
    )
    return (
        Paragraph((f"Costs: {portfolio.costs.source}.",)),
        which_figures(facts),
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
        "feature": ("Feature", "feature"),
        "description": ("What it is", "text"),
        "family": ("Reason family", "plain"),
        "mean_absolute": ("Mean absolute contribution (log-odds)", "decimal"),
        "share": ("Share", "percent"),
    }
    return (
        text(
            "Mean contributions on {} applicants of the holdout. They add up to the score; the largest gap is {}.",
            facts.summary("explanations", "applicants", "whole"),
            facts.summary("explanations", "largest_gap", "tiny"),
        ),
        Paragraph(
            (
                "By family of reasons, as applicants are told them. Contributions of a family are added up for each "
                "applicant first, so that features which say the same, or opposite things, count once:",
            )
        ),
        families_grid(facts),
        Paragraph(
            (
                "By feature. Each is taken alone here, so the shares of a family's features need not add up to that of "
                "the family:",
            )
        ),
        facts.grid("explanations", columns, most=10),
        Picture("shap_summary.png", "SHAP summary: a dot per applicant and feature"),
    )


def _fairness(facts: Facts) -> tuple[Paragraph | Grid | Bullets, ...]:
    return (
        text(
            "Out-of-sample decisions on {} applicants, out of fold and holdout together. Groups too small to judge are "
            "shown, not judged.",
            facts.summary("fairness", "applicants", "whole"),
        ),
        Bullets(attributes(facts)),
        fairness_grid(facts),
        *verdict_notes(facts),
        text("{}", facts.summary("fairness", "exclusion.sentence", "text")),
        *omissions(facts),
    )


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
        band_remark(facts),
    )
