"""Checks of evidence and documents: about the scorer in force, complete, and files that can be kept."""

from __future__ import annotations

from credit_platform.governance import judges
from credit_platform.governance.records import AboutScorer, DocumentsRecord
from credit_platform.lakehouse import Lakehouse, Verdict
from credit_platform.portfolios.keys import scorer_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.quality.pages import page_written
from credit_platform.tables.judging import StoredCheck, Submission, WriteCheck, submission_of

DOCUMENTS = ("validation_report", "model_card")
RECORD = "promotion_decision"


def governance_write_checks(_: Portfolio, name: str) -> list[WriteCheck]:
    """What has to hold of table `governance/<name>` before it is written."""
    return [_FIGURES, _WRITTEN] if name in DOCUMENTS else []


def governance_stored_checks(portfolio: Portfolio, name: str) -> list[StoredCheck]:
    """What is only told of table `governance/<name>`; what is said of the record of the gate are its own rules."""
    return [] if name == RECORD else [_about_the_scorer(portfolio)]


_FIGURES = WriteCheck(
    name="every_figure_sourced",
    description="Every figure of the document is printed and names the stored table that it was read from.",
    judge=lambda document, _: judges.every_figure_sourced(document.frame),
)


def _written(document: Submission, lakehouse: Lakehouse) -> Verdict:
    record = document.record(DocumentsRecord)
    return page_written([record.path(name, lakehouse.shelf) for name in record.files], [record.digest[:12]])


_WRITTEN = WriteCheck(
    name="page_written",
    description="Its files are there, load nothing from elsewhere, and name the scorer that they are about.",
    judge=_written,
)


def _about_the_scorer(portfolio: Portfolio) -> StoredCheck:
    key = scorer_key(portfolio.name)

    def judge(evidence: Submission, lakehouse: Lakehouse) -> Verdict:
        scorer = submission_of(lakehouse.read(key), {}) if lakehouse.exists(key) else None
        return judges.about_the_scorer(
            evidence.record(AboutScorer).digest, scorer.record(AboutScorer).digest if scorer else None
        )

    return StoredCheck(
        name="about_the_scorer",
        description="It was made for the scorer that is in force.",
        judge=judge,
    )
