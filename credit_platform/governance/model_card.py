"""The model card: what a model is, what it is for, how good, how fair, and where it ends.

What is here: the sections of the card, filled with figures of stored tables.
What to add here: a section that a reader of cards expects.
What must not be here: a figure that is not taken from a stored table; rendering (`document.py`).

Source of the form: M. Mitchell et al., Model Cards for Model Reporting (2019).
"""

from __future__ import annotations

import polars as pl

from credit_platform.governance.approval import NO_APPROVAL, PolicyInForce
from credit_platform.governance.approval_section import approval_section
from credit_platform.governance.document import (
    Bullets,
    Document,
    Facts,
    Figure,
    Grid,
    Paragraph,
    Part,
    Picture,
    Section,
    text,
)
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

_OF_REFUSED = ("precision", "f1")
"""Measures that only exist where somebody is refused."""


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
        sections=(
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


def review_band(facts: Facts) -> tuple[Paragraph, ...]:
    """Who is decided by a person, where a price of a review is set."""
    if not facts.has("threshold", "review"):
        return ()
    return (
        text(
            "Applicants with a probability from {} to below {} are decided by a person.",
            facts.summary("threshold", "review.0"),
            facts.summary("threshold", "review.1"),
        ),
    )


def _model(facts: Facts) -> tuple[Bullets]:
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
                *review_band(facts),
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
            )
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


def measure(facts: Facts, table: str, path: str, style: str) -> Figure:
    """A measure of decisions; one of the refused where nobody was refused is no number."""
    group, _, name = path.rpartition(".")
    if name in _OF_REFUSED and all(
        facts.summary(table, f"{group}.{count}", "whole").value == 0 for count in ("tp", "fp")
    ):
        style = "none_refused"
    return facts.summary(table, path, style)


def which_figures(facts: Facts) -> Paragraph:
    """Why one quantity has several figures; the same in card and validation report."""
    return text(
        "Which applicants a figure is of: out of fold are the {} training applicants, each scored by a model that was "
        "not trained on the applicant, calibrated and decided at the threshold in use; holdout are the {} applicants "
        "that no fitting saw; cross-fitted are the training applicants again, each decided by a threshold that only "
        "the others chose; fairness and bands of points put out of fold and holdout together. Candidates are compared "
        "before tuning and calibration, each at a threshold of its own. So one quantity has several figures.",
        facts.summary("soundness", "training_applicants", "whole"),
        facts.summary("soundness", "holdout_applicants", "whole"),
    )


def families_grid(facts: Facts) -> Grid:
    """Reason families by their share of the contributions."""
    count = len(facts.summary("explanations", "families", "text").value)
    rows = tuple(
        (
            facts.summary("explanations", f"families.{place}.family", "text"),
            facts.summary("explanations", f"families.{place}.features", "whole"),
            facts.summary("explanations", f"families.{place}.share", "percent"),
        )
        for place in range(count)
    )
    return Grid(("Family", "Features", "Share of contributions"), rows)


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


def attributes(facts: Facts) -> tuple[Paragraph, ...]:
    """Which attributes are kept out of the features, and which the model reads; the same in all documents."""
    count = len(facts.summary("fairness", "attributes", "text").value)
    return tuple(text("{}", facts.summary("fairness", f"attributes.{place}", "text")) for place in range(count))


def omissions(facts: Facts) -> tuple[Paragraph, ...]:
    """What the model would be without an attribute that it reads."""
    count = len(facts.summary("fairness", "omissions", "text").value)
    return tuple(text("{}", facts.summary("fairness", f"omissions.{place}.sentence", "text")) for place in range(count))


_VERDICTS = {
    "watch": "watch: below four fifths of the best-off group, and chance could explain it.",
    "adverse": "adverse: below four fifths of the best-off group beyond chance.",
    "too_few": "too_few: fewer than {} members, not judged.",
    "alone": "alone: no other group of the attribute has {} members, so it cannot be judged.",
    "nobody": "nobody: no judged group is granted any loan, so there is nothing to compare.",
}


def verdict_notes(facts: Facts) -> tuple[Bullets, ...]:
    """What the verdicts mean that are in the grid."""
    shown = facts.rows("fairness").filter(~pl.col("intersection"))["verdict"].unique().to_list()
    least = facts.summary("fairness", "least_members", "whole")
    notes = tuple(text(note, *[least] * note.count("{}")) for name, note in _VERDICTS.items() if name in shown)
    return (Bullets(notes),) if notes else ()


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
        band_remark(facts),
    )


def band_remark(facts: Facts) -> Paragraph:
    """Which bands have a mean prediction that their outcomes contradict; the same in card and validation report."""
    bands = facts.rows("scorecard")
    outside = bands.filter(~pl.col("predicted").is_between("default_rate_low", "default_rate_high"))
    if outside.is_empty():
        return text(
            "Of {} applicants, out of fold and holdout together. In every band the mean prediction lies within the "
            "95 % interval of the observed default rate.",
            facts.summary("fairness", "applicants", "whole"),
        )
    parts: list[Part] = ["Outside the 95 % interval of the observed default rate lies the mean prediction of the band"]
    for place, row in enumerate(outside.iter_rows(named=True)):
        number = row["_row"]
        parts += [
            " from " if place == 0 else "; from ",
            facts.cell("scorecard", number, "points_from", "whole"),
            " to ",
            facts.cell("scorecard", number, "points_to", "whole"),
            " (predicted ",
            facts.cell("scorecard", number, "predicted", "percent"),
            ", observed ",
            facts.cell("scorecard", number, "default_rate", "percent"),
            ", interval ",
            facts.cell("scorecard", number, "default_rate_low", "percent"),
            " to ",
            facts.cell("scorecard", number, "default_rate_high", "percent"),
            ")",
        ]
    ending = ". By chance alone about one band in twenty is expected to be outside."
    return Paragraph((*parts, ending))


def limits(facts: Facts) -> tuple[Bullets]:
    """What the figures do not say; the same in card and validation report."""
    if facts.version("applicants", "synthetic").value:
        origin = (
            "The data are synthetic: no figure here says anything of real applicants. Nobody was refused before they "
            "were made, so that what a model learns of a lender's own choice of applicants cannot be seen in them."
        )
    else:
        origin = (
            "Reject inference: outcomes are known only of loans that were granted. Applicants whom the lender of "
            "the day refused are not in the data, and the model may be wrong about people like them. Nothing was "
            "imputed for them: that would need assumptions which these data cannot test."
        )
    items = [
        Paragraph((origin,)),
        text(
            "The holdout has {} applicants, {} of whom defaulted: the fewer, the more of a figure on it is chance.",
            facts.summary("soundness", "holdout_applicants", "whole"),
            facts.summary("soundness", "fold_outcomes.-1.0", "whole"),
        ),
        Paragraph(
            (
                "Reasons say what moved the score, not what causes default. Changing one answer does not promise "
                "another decision.",
            )
        ),
        *attributes(facts),
        Paragraph(("Features may carry traces of attributes that they do not read; the audit measures the result.",)),
    ]
    return (Bullets(tuple(items)),)
