"""What model card and validation report say of the reasons that applicants get.

What is here: one section, filled with figures of the table `reasons`.
What to add here: a figure about sentences that a reviewer asks for.
What must not be here: measuring (`reason_truth.py`).
"""

from __future__ import annotations

import polars as pl

from credit_platform.governance.document import Facts, Figure, Paragraph, Section, text
from credit_platform.portfolios.portfolio import Portfolio

LANGUAGES = ("fr", "en")
"""Languages of an answer."""


def reason_section(portfolio: Portfolio, facts: Facts) -> Section:
    """Whether reasons are true, how often each sentence is said, and what somebody who is refused may ask for."""
    contact = portfolio.contact
    answers, applicants = (facts.summary("reasons", name, "whole") for name in ("answers", "applicants"))
    asked, ways = _asked(portfolio), _ways(answers, applicants)
    example = " This contact is an example: the lender has to name their own." if contact.example else ""
    columns = {
        "code": ("Family", "text"),
        "text": ("Sentence", "text"),
        "said": ("Said in answers", "whole"),
        "contradicted": ("Contradicted", "whole"),
    }
    return Section(
        "Reasons and rights",
        (
            text(
                f"{{}} answers to {{}} applicants of {asked}, in both languages{ways}, "
                "were held against the raw rows of each person: {} sentences were contradicted. Of {} sentences {} "
                "were said to nobody.",
                answers,
                applicants,
                facts.summary("reasons", "contradicted", "whole"),
                facts.summary("reasons", "sentences", "whole"),
                facts.summary("reasons", "never_said", "whole"),
            ),
            facts.grid("reasons", columns, where=(pl.col("language") == "en") & (pl.col("said") > 0)),
            Paragraph(
                (
                    "Every answer that refuses or sends to review names the applicant's rights: review by a person, "
                    f"own point of view, explanation, contest; whom to ask ({contact.name}, {contact.email}); and "
                    f"which data were used.{example}",
                )
            ),
        ),
    )


def _asked(portfolio: Portfolio) -> str:
    return "the holdout" if portfolio.scoring_table is None else "the holdout and of the scoring table"


def _ways(answers: Figure, applicants: Figure) -> str:
    """How answers differ beside the language: a model that reads no history gives one answer in each."""
    return ", with and without histories" if answers.value > len(LANGUAGES) * applicants.value else ""
