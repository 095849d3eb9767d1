"""The validation report: what a validator who did not build the model needs to challenge it.

What is here: its sections, filled with figures of stored tables.
What to add here: a section, when validators keep asking for the same thing.
What must not be here: a figure that is not taken from a stored table; a verdict, which is the validator's.

Sources of the form: Federal Reserve and OCC, SR 11-7, Guidance on Model Risk Management (2011), section V (conceptual
soundness, ongoing monitoring, outcomes analysis); ECB, Guide to internal models (2024), on validation.
"""

from __future__ import annotations

import polars as pl

from credit_platform import presented
from credit_platform.governance.approval import NO_APPROVAL, PolicyInForce
from credit_platform.governance.approval_section import approval_section
from credit_platform.governance.document import Bullets, Document, Facts, Grid, Paragraph, Picture, Section, text
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

NAME = "validation_report"


def validation_report(portfolio: Portfolio, facts: Facts, policy: PolicyInForce = NO_APPROVAL) -> Document:
    """The report of one model version.

    Args:
        portfolio: whose model it is.
        facts: tables `applicants`, `split`, `comparison`, `tuned`, `calibration`, `threshold`, `scorer`,
            `explanations`, `fairness`, `soundness`, `scorecard`, `reasons` and `swap_set`.
        policy: of approval, as it is when the report is written.
    """
    return Document(
        name=NAME,
        title=f"{portfolio.title}: validation report",
        about=about(portfolio, facts, policy),
        sections=(
            conclusion(facts),
            Section("Subject", _subject(facts)),
            Section("Data", _data(portfolio, facts)),
            Section("Conceptual soundness", _soundness(facts)),
            Section("Outcome analysis", _outcomes(facts)),
            Section("Stability", _stability(facts)),
            Section("Sensitivity", _sensitivity(portfolio, facts)),
            Section("Implementation", _implementation(facts)),
            reason_section(portfolio, facts),
            Section("Fairness", _fairness(facts)),
            Section("Swap set: what changes for applicants", _swap_set(facts)),
            approval_section(facts, policy),
            Section("Limits", limits(facts)),
        ),
    )


def _subject(facts: Facts) -> tuple[Paragraph, ...]:
    return (
        text(
            "A {} model, version {}, with {} features, refusing from a probability of {}.",
            facts.summary("scorer", "candidate", "candidate"),
            facts.summary("scorer", "digest", "digest"),
            facts.summary("soundness", "features", "whole"),
            facts.summary("scorer", "threshold", "percent"),
        ),
        *review_band(facts),
    )


def _data(portfolio: Portfolio, facts: Facts) -> tuple[Paragraph | Grid, ...]:
    folds = sorted(facts.summary("soundness", "fold_outcomes", "text").value, key=int)
    rows = tuple(
        (
            "holdout" if int(fold) < 0 else f"fold {fold}",
            facts.summary("soundness", f"fold_outcomes.{fold}.0", "whole"),
            facts.summary("soundness", f"fold_outcomes.{fold}.1", "whole"),
        )
        for fold in folds
    )
    return (
        Paragraph((f"The data as the portfolio declares them: {portfolio.description} Source: {portfolio.source}.",)),
        text(
            "Feature table: {} rows, version {}, content hash {}, feature definitions {}. Synthetic data: {}.",
            facts.version("applicants", "rows", "whole"),
            facts.version("applicants", "version"),
            facts.version("applicants", "content_hash", "digest"),
            facts.summary("scorer", "feature_version", "text"),
            facts.version("applicants", "synthetic", "yes_no"),
        ),
        Grid(("Part", "Defaults", "Repaid"), rows),
        text(
            "The feature that separates best alone is {}, with an AUC of {}. Constant features of the model: {}.",
            facts.summary("soundness", "strongest_alone.feature", "feature"),
            facts.summary("soundness", "strongest_alone.auc"),
            facts.summary("soundness", "constant_features", "feature"),
        ),
    )


def _soundness(facts: Facts) -> tuple[Paragraph | Grid | Picture, ...]:
    comparison = {
        "candidate": ("Candidate", "candidate"),
        "auc": ("AUC", "decimal"),
        "auc_low": ("from", "decimal"),
        "auc_high": ("to", "decimal"),
        "cost_per_applicant": ("Cost per applicant", "decimal"),
        "cost_per_applicant_low": ("from", "decimal"),
        "cost_per_applicant_high": ("to", "decimal"),
        "selected": ("Selected", "yes_no"),
    }
    present = {name: shown for name, shown in comparison.items() if name in facts.rows("comparison").columns}
    return (
        Paragraph(
            (
                "Candidates on the same folds, before tuning and calibration and each at a threshold of its own, with "
                "intervals at 95%:",
            )
        ),
        facts.grid("comparison", present),
        text("{}", facts.summary("comparison", "sentence", "text")),
        Paragraph(("Contributions by family of reasons:",)),
        families_grid(facts),
        Picture("importance.png", "Importance of the strongest features"),
    )


_STYLES = {
    **dict.fromkeys(presented.COUNTS, "whole"),
    **dict.fromkeys(presented.SHARES, "percent"),
    "cost": "one",
}
"""How measures are written that are no plain decimals."""


def _outcomes(facts: Facts) -> tuple[Paragraph | Grid, ...]:
    names = [
        n for n in facts.summary("scorer", "holdout_metrics", "text").value if facts.has("threshold", f"metrics.{n}")
    ]
    rows = tuple(
        (
            presented.measure(name),
            measure(facts, "threshold", f"metrics.{name}", style),
            measure(facts, "scorer", f"holdout_metrics.{name}", style),
        )
        for name in names
        for style in (_STYLES.get(name, "decimal"),)
    )
    bands = {
        "points_from": ("Points from", "whole"),
        "points_to": ("to", "whole"),
        "applicants": ("Applicants", "whole"),
        "predicted": ("Predicted", "percent"),
        "default_rate": ("Observed", "percent"),
        "default_rate_low": ("from", "percent"),
        "default_rate_high": ("to", "percent"),
    }
    return (
        which_figures(facts),
        Paragraph(("Every measure, out of fold and on the holdout that no fitting saw:",)),
        Grid(("Measure", "Out of fold", "Holdout"), rows),
        text(
            "Calibration out of fold: slope {}, intercept {}, mean error {}.",
            facts.summary("calibration", "report.slope"),
            facts.summary("calibration", "report.intercept"),
            facts.summary("calibration", "report.expected_calibration_error"),
        ),
        Paragraph(("Predicted against observed by band of points:",)),
        facts.grid("scorecard", bands),
        band_remark(facts),
    )


def _stability(facts: Facts) -> tuple[Paragraph | Grid, ...]:
    columns = {
        "name": ("Score or feature", "feature"),
        "psi": ("PSI", "decimal"),
        "bound": ("Allowed", "decimal"),
        "shifted": ("Shifted", "yes_no"),
    }
    return (
        Paragraph(("Training applicants (scores out of fold) against the holdout:",)),
        facts.grid("soundness", columns),
        text("Features whose meaning flipped: {}.", facts.summary("soundness", "flipped_features", "feature")),
    )


def _sensitivity(portfolio: Portfolio, facts: Facts) -> tuple[Paragraph | Grid, ...]:
    count = len(facts.summary("soundness", "sensitivity", "text").value)
    rows = tuple(
        (
            facts.summary("soundness", f"sensitivity.{place}.answer", "text"),
            facts.summary("soundness", f"sensitivity.{place}.step", "text"),
            facts.summary("soundness", f"sensitivity.{place}.applicants", "percent"),
            facts.summary("soundness", f"sensitivity.{place}.mean_change", "signed"),
            facts.summary("soundness", f"sensitivity.{place}.largest_change"),
            facts.summary("soundness", f"sensitivity.{place}.decisions_changed", "percent"),
        )
        for place in range(count)
    )
    headings = ("Answer", "Step", "Applicants it changes", "Mean change of probability", "Largest", "Decisions changed")
    fixed = facts.summary("soundness", "sensitivity_not_varied", "text")
    histories = ", and the histories," if any(group.history for group in portfolio.feature_groups) else ""
    blocks: list[Paragraph | Grid] = [
        text(
            "Answers that the strongest features are made of, changed one at a time for {} applicants of the holdout. "
            "Every feature that depends on an answer is computed again, so they move together; the other answers"
            f"{histories} stay as they are:",
            facts.summary("soundness", "sensitivity_applicants", "whole"),
        ),
        Grid(headings, rows) if rows else Paragraph(("None of them can be changed: all applicants answer alike.",)),
    ]
    if fixed.value:
        blocks.append(text("Made of histories, which are not varied here: {}.", fixed))
    return (*blocks, _break_even(facts))


def _break_even(facts: Facts) -> Paragraph:
    if facts.summary("threshold", "method", "text").value == "break_even":
        return text(
            "The threshold is that at which the costs break even, {}.",
            facts.summary("threshold", "break_even", "percent"),
        )
    return text(
        "The threshold is the {}; where the costs break even it would be {}.",
        facts.summary("threshold", "method", "method"),
        facts.summary("threshold", "break_even", "percent"),
    )


def _implementation(facts: Facts) -> tuple[Bullets]:
    return (
        Bullets(
            (
                text(
                    "{} applicants were scored one by one from raw rows; {} got another answer than in the batch. The "
                    "largest difference of a probability is {}.",
                    facts.summary("soundness", "parity.applicants", "whole"),
                    facts.summary("soundness", "parity.differing", "text"),
                    facts.summary("soundness", "parity.largest_difference", "tiny"),
                ),
                text(
                    "Contributions add up to the log-odds; the largest gap is {}.",
                    facts.summary("explanations", "largest_gap", "tiny"),
                ),
                text(
                    "Features of the model without a reason for the applicant: {}.",
                    facts.summary("explanations", "unexplained_features", "feature"),
                ),
            )
        ),
    )


def _fairness(facts: Facts) -> tuple[Paragraph | Grid | Bullets, ...]:
    return (
        text(
            "Severity in the gate: {}. Judged groups that are out of calibration: {}.",
            facts.summary("fairness", "severity", "text"),
            facts.summary("fairness", "miscalibrated", "whole"),
        ),
        Bullets(attributes(facts)),
        fairness_grid(facts),
        *verdict_notes(facts),
        text("{}", facts.summary("fairness", "exclusion.sentence", "text")),
        *_alternatives(facts),
    )


def _alternatives(facts: Facts) -> tuple[Paragraph | Bullets, ...]:
    """Less discriminatory thresholds and models, and for which attribute there is none."""
    count = len(facts.summary("fairness", "alternatives", "text").value)
    without = facts.summary("fairness", "without_alternative", "text")
    unsure = facts.summary("fairness", "alternatives_not_comparable", "text")
    if not count and not without.value and not unsure.value:
        return (
            Paragraph(("No group is below four fifths of another, so no alternative was sought.",)),
            *omissions(facts),
        )
    found = [text("{}", facts.summary("fairness", f"alternatives.{place}.sentence", "text")) for place in range(count)]
    if without.value:
        found.append(text("{}: no threshold and no other candidate is less discriminatory at equal cost.", without))
    if unsure.value:
        found.append(text("{}: only one group has that many of them, so alternatives cannot be compared.", unsure))
    return (
        text(
            "Less discriminatory alternatives at equal cost (at most {} more) were sought among thresholds and "
            "candidates on the {} training applicants, out of fold. Groups of fewer than {} of them are left out, so "
            "ratios can differ from those of the table.",
            facts.summary("fairness", "equal_cost", "percent"),
            facts.summary("fairness", "alternatives_applicants", "whole"),
            facts.summary("fairness", "least_members", "whole"),
        ),
        Bullets((*found, *omissions(facts))),
    )


def _swap_set(facts: Facts) -> tuple[Paragraph | Grid, ...]:
    cells = {
        "cell": ("Cell", "plain"),
        "applicants": ("Applicants", "whole"),
        "share": ("Share", "percent"),
        "champion_mean_pd": ("Mean PD, champion", "decimal"),
        "challenger_mean_pd": ("Mean PD, challenger", "decimal"),
        "expected_by_champion": ("Expected cost change, by the champion", "fine"),
        "expected_by_challenger": ("by the challenger", "fine"),
        "defaults": ("Defaults", "whole"),
        "cost_difference": ("Cost change that came about", "fine"),
    }
    blocks: list[Paragraph | Grid] = []
    for basis, heading in (("holdout", "On the holdout:"), ("live", "On live decisions, in shadow mode:")):
        blocks += [Paragraph((heading,)), text("{}", facts.summary("swap_set", f"sentences.{basis}", "text"))]
        if facts.has("swap_set", f"{basis}.applicants"):
            blocks.append(facts.grid("swap_set", cells, where=pl.col("basis") == basis))
            blocks += [Paragraph(("Where the two differ most:",)), _largest_differences(facts, basis)]
    return tuple(blocks)


def _largest_differences(facts: Facts, basis: str) -> Grid:
    columns = {
        "applicant": ("Applicant" if basis == "holdout" else "Request", "text"),
        "cell": ("Cell", "plain"),
        "champion_probability": ("Champion", "decimal"),
        "challenger_probability": ("Challenger", "decimal"),
    }
    count = len(facts.summary("swap_set", f"{basis}.largest", "text").value)
    rows = tuple(
        tuple(
            facts.summary("swap_set", f"{basis}.largest.{place}.{name}", style) for name, (_, style) in columns.items()
        )
        for place in range(count)
    )
    return Grid(tuple(heading for heading, _ in columns.values()), rows)
