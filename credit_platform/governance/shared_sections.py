"""What the model card and the validation report say in the same words: figures of one kind, and remarks on them.

What is here: paragraphs and grids that both documents hold.
What to add here: what a second document needs of the first.
What must not be here: a section of one document; a figure that is not taken from a stored table.
"""

from __future__ import annotations

import polars as pl

from credit_platform.governance.document import Bullets, Facts, Figure, Grid, Paragraph, Part, text

_OF_REFUSED = ("precision", "f1")
"""Measures that only exist where somebody is refused."""

_VERDICTS = {
    "watch": "watch: below four fifths of the best-off group, and chance could explain it.",
    "adverse": "adverse: below four fifths of the best-off group beyond chance.",
    "too_few": "too few: fewer than {} members, not judged.",
    "alone": "alone: no other group of the attribute has {} members, so it cannot be judged.",
    "nobody": "nobody: no judged group is granted any loan, so there is nothing to compare.",
}


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


def review_band(facts: Facts) -> tuple[Paragraph, ...]:
    """Who is decided by a person, where a price of a review is set."""
    if not facts.has("threshold", "review"):
        return ()
    return (
        text(
            "Applicants with a probability from {} to below {} are decided by a person.",
            facts.summary("threshold", "review.0", "percent"),
            facts.summary("threshold", "review.1", "percent"),
        ),
    )


def families_grid(facts: Facts) -> Grid:
    """Reason families by their share of the contributions."""
    count = len(facts.summary("explanations", "families", "text").value)
    rows = tuple(
        (
            facts.summary("explanations", f"families.{place}.family", "plain"),
            facts.summary("explanations", f"families.{place}.features", "whole"),
            facts.summary("explanations", f"families.{place}.share", "percent"),
        )
        for place in range(count)
    )
    return Grid(("Family", "Features", "Share of contributions"), rows)


def attributes(facts: Facts) -> tuple[Paragraph, ...]:
    """Which attributes are kept out of the features, and which the model reads; the same in all documents."""
    count = len(facts.summary("fairness", "attributes", "text").value)
    return tuple(text("{}", facts.summary("fairness", f"attributes.{place}", "text")) for place in range(count))


def omissions(facts: Facts) -> tuple[Paragraph, ...]:
    """What the model would be without an attribute that it reads."""
    count = len(facts.summary("fairness", "omissions", "text").value)
    return tuple(text("{}", facts.summary("fairness", f"omissions.{place}.sentence", "text")) for place in range(count))


def verdict_notes(facts: Facts) -> tuple[Bullets, ...]:
    """What the verdicts mean that are in the grid."""
    shown = facts.rows("fairness").filter(~pl.col("intersection"))["verdict"].unique().to_list()
    least = facts.summary("fairness", "least_members", "whole")
    notes = tuple(text(note, *[least] * note.count("{}")) for name, note in _VERDICTS.items() if name in shown)
    return (Bullets(notes),) if notes else ()


def fairness_grid(facts: Facts) -> Grid:
    """Groups of single attributes with their rates and verdicts."""
    columns = {
        "attribute": ("Attribute", "plain"),
        "group": ("Group", "text"),
        "members": ("Members", "whole"),
        "acceptance_rate": ("Granted", "percent"),
        "false_refusal_rate": ("Good applicants refused", "percent"),
        "false_acceptance_rate": ("Defaults granted", "percent"),
        "impact_ratio": ("Ratio to the best-off", "decimal"),
        "verdict": ("Verdict", "plain"),
    }
    return facts.grid("fairness", columns, where=~pl.col("intersection"))


def band_remark(facts: Facts) -> Paragraph:
    """Which bands have a mean prediction that their outcomes contradict; the same in card and validation report."""
    bands = facts.rows("scorecard")
    outside = bands.filter(~pl.col("predicted").is_between("default_rate_low", "default_rate_high"))
    if outside.is_empty():
        return text(
            "Of {} applicants, out of fold and holdout together. In every band the mean prediction lies within the "
            "95% interval of the observed default rate.",
            facts.summary("fairness", "applicants", "whole"),
        )
    parts: list[Part] = ["Outside the 95% interval of the observed default rate lies the mean prediction of the band"]
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
