"""Which asset or check serves which duty of the EU AI Act and of the GDPR.

What is here: `DUTIES`, and the document made of it.
What to add here: a duty, with the assets and checks that serve it (a test compares them with the graph).
What must not be here: legal advice. The map says where the evidence lies; whether it suffices is for the
lender's counsel.

Sources: Regulation (EU) 2024/1689 (AI Act): annex III 5(b) makes creditworthiness of natural persons high-risk;
Regulation (EU) 2016/679 (GDPR), articles 13 to 15 and 22; Court of Justice C-634/21 (SCHUFA), 7 December 2023: a score
on which a lender draws strongly is itself an automated decision. Directive (EU) 2023/2225, article 18, on
consumer credit.
"""

from __future__ import annotations

from dataclasses import dataclass

from credit_platform.features.inputs import unused_columns
from credit_platform.governance.attributes import attribute_sentences
from credit_platform.governance.document import Document, Grid, Paragraph, Section
from credit_platform.governance.heads import owner, software
from credit_platform.portfolios.keys import tables_of
from credit_platform.portfolios.portfolio import Portfolio

NAME = "regulatory_map"


@dataclass(frozen=True, kw_only=True)
class Duty:
    """A duty and where it is served."""

    article: str
    duty: str
    assets: tuple[str, ...]
    """Assets by `<layer>/<name>`."""
    checks: tuple[str, ...] = ()
    """Checks by `<layer>/<name>: <check>`."""
    how: str
    """What of the duty the platform serves, and what stays with the lender; `{attributes}`, `{unused}` and `{review}`
    stand for what is true of the portfolio."""


DUTIES: tuple[Duty, ...] = (
    Duty(
        article="AI Act 9",
        duty="Risk management over the whole life of the system",
        assets=("models/threshold", "governance/soundness", "governance/promotion_decision"),
        checks=(
            "governance/promotion_decision: cost_evidence",
            "governance/promotion_decision: not_worse_than_champion",
        ),
        how="Errors are priced, the threshold follows from the price, and a model that does not pay is refused. "
        "Naming the lender's other risks stays with the lender.",
    ),
    Duty(
        article="AI Act 10",
        duty="Data governance: quality, relevance, examination for bias",
        assets=("quality/report", "features/catalogue", "features/protected_attributes", "governance/fairness"),
        checks=(
            "features/applicants: leakage",
            "features/applicants: range",
            "governance/promotion_decision: fairness",
        ),
        how="Each file has a contract, each rejected row a rule; attributes are examined for bias (article 10(5)). "
        "{attributes}",
    ),
    Duty(
        article="AI Act 11 and annex IV",
        duty="Technical documentation, kept up to date",
        assets=("governance/model_card", "governance/validation_report"),
        checks=("governance/promotion_decision: evidence_matches",),
        how="Written from stored tables for each model version; the gate refuses papers of another model.",
    ),
    Duty(
        article="AI Act 12",
        duty="Automatic recording of events",
        assets=("governance/promotion_decision", "serving/promoted_model"),
        how="Each promotion, approval, override and rollback is a version of a table; the service logs each decision "
        "before it answers.",
    ),
    Duty(
        article="AI Act 13",
        duty="Transparency towards whoever deploys the system",
        assets=("governance/explanations", "governance/scorecard", "governance/model_card"),
        checks=("governance/promotion_decision: contributions_add_up",),
        how="Figures, limits, and what the points mean; explanations are the model's own contributions.",
    ),
    Duty(
        article="AI Act 14",
        duty="Human oversight",
        assets=("governance/promotion_decision",),
        checks=("governance/promotion_decision: approval",),
        how="A person can be required to approve a model, may override with name and reason, and restores the model "
        "before with one command. Review of single decisions is organised by the lender.",
    ),
    Duty(
        article="AI Act 15",
        duty="Accuracy, robustness, cybersecurity",
        assets=("models/comparison", "models/calibration", "governance/soundness", "serving/bento"),
        checks=(
            "governance/promotion_decision: auc_floor",
            "governance/promotion_decision: scores_stable",
            "governance/promotion_decision: scorer_parity",
        ),
        how="Accuracy with intervals, stability and sensitivity measured; models are stored without executable code "
        "and verified by digest.",
    ),
    Duty(
        article="AI Act 26",
        duty="Deployers monitor the operation and keep logs",
        assets=("serving/bento",),
        how="The service exposes metrics and keeps the decision log; the lender names the people who watch them.",
    ),
    Duty(
        article="AI Act 27",
        duty="Assessment of the impact on fundamental rights",
        assets=("governance/fairness", "features/protected_attributes"),
        checks=("governance/promotion_decision: fairness",),
        how="Rates by group with intervals, less discriminatory alternatives, cost of keeping attributes out. "
        "The assessment itself is the deployer's.",
    ),
    Duty(
        article="AI Act 86 and GDPR 15(1)(h)",
        duty="Explanation of an individual decision",
        assets=("governance/explanations", "governance/reasons"),
        checks=(
            "governance/promotion_decision: reasons_exhaustive",
            "governance/promotion_decision: reasons_true",
        ),
        how="Up to four reasons in French or English, from contributions that add up to the score, each sentence held "
        "against the raw rows of the applicants.",
    ),
    Duty(
        article="GDPR 22",
        duty="No solely automated decision without safeguards: human intervention, own view, contest",
        assets=("governance/explanations", "governance/promotion_decision"),
        checks=("governance/promotion_decision: reasons_exhaustive", "governance/promotion_decision: approval"),
        how="Every answer that refuses says that a person reviews it on request, whom to ask, and which data were "
        "used (the field rights). A decision can be explained and replayed with the model of its day. {review} "
        "Receiving and deciding the applicant's objection is the lender's process.",
    ),
    Duty(
        article="Directive (EU) 2023/2225, 18",
        duty="Automated assessment of creditworthiness: human intervention, explanation, review; notice on rejection",
        assets=("governance/reasons", "serving/bento"),
        checks=("governance/promotion_decision: reasons_true",),
        how="Reasons and rights in every answer that refuses, in French or English, with the contact that the "
        "portfolio declares. The contact that ships is an example; naming their own, and answering, is the lender's.",
    ),
    Duty(
        article="GDPR 5(1)(c) and 25",
        duty="Data minimisation and protection by design",
        assets=("features/applicants", "features/protected_attributes"),
        how="{attributes} What no feature reads is not asked and not kept in the decision log{unused}; the documents "
        "show the answers of two applicants, by number only.",
    ),
)


def _facts(portfolio: Portfolio) -> dict[str, str]:
    """What the map says of this portfolio in particular."""
    unused = sorted(unused_columns(portfolio))
    price = portfolio.economics.review_cost
    return {
        "attributes": " ".join(attribute_sentences(portfolio)),
        "unused": f" ({len(unused)} columns: {', '.join(unused)})" if unused else "",
        "review": "Applicants near the threshold are sent to a person (review band)."
        if price is not None
        else "No review band is set for this portfolio: the score itself sends nobody to a person.",
    }


def regulatory_map(portfolio: Portfolio) -> Document:
    """The map as a document, with the asset keys of `portfolio`, and what holds for it."""
    facts = _facts(portfolio)
    rows = tuple(
        (
            duty.article,
            duty.duty,
            ", ".join(f"{tables_of(portfolio.name)}{asset}" for asset in duty.assets),
            ", ".join(f"{tables_of(portfolio.name)}{check}" for check in duty.checks) or "-",
            duty.how.format(**facts),
        )
        for duty in DUTIES
    )
    headings = ("Article", "Duty", "Assets", "Checks", "What is served, and what is not")
    intro = (
        "Scoring the creditworthiness of natural persons is a high-risk use under annex III 5(b) of the AI Act. This "
        "map says where the evidence for each duty lies. It is not legal advice."
    )
    return Document(
        name=NAME,
        title=f"{portfolio.title}: duties and where they are served",
        about=(("Owner", owner(portfolio)), ("Written with", Paragraph((software(),)))),
        sections=(Section("Map", (Paragraph((intro,)), Grid(headings, rows))),),
    )
