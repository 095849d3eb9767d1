"""What model card and validation report say of the reasons that applicants get.

What is here: one section, filled with figures of the table `reasons`.
What to add here: a figure about sentences that a reviewer asks for.
What must not be here: measuring (`reason_truth.py`).
"""

from __future__ import annotations

import polars as pl

from credit_platform.governance.document import Facts, Paragraph, Section, text
from credit_platform.portfolios.portfolio import Portfolio


def reason_section(portfolio: Portfolio, facts: Facts) -> Section:
    """Whether reasons are true, how often each sentence is said, and what somebody who is refused may ask for."""
    contact = portfolio.contact
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
                "{} answers to {} applicants of the holdout and of the scoring table, in both languages, with and "
                "without histories where there are any, were held against the raw rows of each person: {} sentences "
                "were contradicted. Of {} sentences {} were said to nobody.",
                facts.summary("reasons", "answers", "whole"),
                facts.summary("reasons", "applicants", "whole"),
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
