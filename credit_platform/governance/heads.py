"""What stands at the head of a document: what it is of, who answers for it, and what it comes to.

What is here: `about`, `software`, and `conclusion`, which is the first section.
What to add here: a line that every document of a model needs; a point that whoever approves must weigh.
What must not be here: a figure that is not taken from a stored table; who approved (`approval_section.py` says why).
"""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import polars as pl

from credit_platform import __version__, presented
from credit_platform.governance.approval import NO_APPROVAL, PolicyInForce
from credit_platform.governance.document import Bullets, Facts, Paragraph, Section, text
from credit_platform.portfolios.portfolio import Portfolio

_LIBRARIES: Final = ("polars", "narwhals", "numpy", "scikit-learn", "xgboost", "xgboost-cpu", "lightgbm")
_POINT: Final = 0.05
"""A mean calibration error from here on is a point to weigh: a twentieth is about what grades differ by."""


def software() -> str:
    """What a document was written with: this package, Python, and the libraries that figures come from."""
    found = [f"credit_platform {__version__}", f"Python {platform.python_version()}"]
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return presented.listed(found)


def owner(portfolio: Portfolio) -> Paragraph:
    """Who answers for the models, and where."""
    answers = portfolio.owner
    made_up = "; made up, the lender has to name their own" if answers.example else ""
    return Paragraph((f"{answers.name}, {answers.email}{made_up}",))


def about(portfolio: Portfolio, facts: Facts, policy: PolicyInForce = NO_APPROVAL) -> tuple[tuple[str, Paragraph], ...]:
    """Model, date, data, software, owner and state of approval; tables `scorer` and `applicants`."""
    return (
        (
            "Model",
            text(
                "{}, version {}",
                facts.summary("scorer", "candidate", "candidate"),
                facts.summary("scorer", "digest", "digest"),
            ),
        ),
        ("Made", text("{}", facts.version("scorer", "timestamp", "moment"))),
        (
            "Data",
            text(
                "feature table version {}, content hash {}, definitions {}",
                facts.version("applicants", "version"),
                facts.version("applicants", "content_hash", "digest"),
                facts.summary("scorer", "feature_version", "text"),
            ),
        ),
        ("Written with", Paragraph((software(),))),
        ("Owner", owner(portfolio)),
        ("Approval", Paragraph((f"Not decided when this was written. {policy.policy.sentence}",))),
    )


def conclusion(facts: Facts) -> Section:
    """What the model is worth, and what whoever approves must weigh; tables as of the model card."""
    worth = text(
        "On {} applicants that no fitting saw the AUC is {}. A decision costs {} per applicant there; on the training "
        "applicants, each decided by a threshold that others chose, {}, against {} if everybody were granted a loan "
        "and {} if nobody were.",
        facts.summary("soundness", "holdout_applicants", "whole"),
        facts.summary("scorer", "holdout_metrics.auc"),
        facts.summary("scorer", "holdout_metrics.cost_per_applicant"),
        facts.summary("threshold", "cost_per_applicant"),
        facts.summary("threshold", "accept_all_cost"),
        facts.summary("threshold", "refuse_all_cost"),
    )
    points = _points(facts)
    if not points:
        return Section("Conclusion", (worth, Paragraph(("Nothing was found that speaks against its use.",))))
    return Section("Conclusion", (worth, Paragraph(("To weigh before it is approved:",)), Bullets(tuple(points))))


def _points(facts: Facts) -> list[Paragraph]:
    found: list[Paragraph] = []
    if facts.version("applicants", "synthetic").value:
        found.append(Paragraph(("Do not use it for real decisions: it was trained on synthetic data.",)))
    groups = facts.rows("fairness").filter(~pl.col("intersection") & (pl.col("verdict") == "adverse"))
    for row in groups.iter_rows(named=True):
        cells = (facts.cell("fairness", row["_row"], column, style) for column, style in _GROUP)
        found.append(
            text("{}, {}: granted a loan {} as often as the best-off group, beyond chance.", *cells),
        )
    if abs(facts.summary("calibration", "report.expected_calibration_error").value) >= _POINT:
        error = facts.summary("calibration", "report.expected_calibration_error")
        found.append(text("Probabilities are off by {} on average.", error))
    if facts.summary("soundness", "flipped_features", "feature").value:
        flipped = facts.summary("soundness", "flipped_features", "feature")
        found.append(text("Features whose meaning flipped between training applicants and holdout: {}.", flipped))
    if facts.summary("reasons", "contradicted", "whole").value:
        contradicted = facts.summary("reasons", "contradicted", "whole")
        found.append(text("Sentences of reasons that the raw rows contradict: {}.", contradicted))
    if facts.summary("soundness", "parity.differing", "text").value:
        differing = facts.summary("soundness", "parity.differing", "text")
        found.append(text("Applicants who got another answer one by one than in the batch: {}.", differing))
    return found


_GROUP: Final = (("attribute", "plain"), ("group", "text"), ("impact_ratio", "percent"))
