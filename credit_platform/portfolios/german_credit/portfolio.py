"""`PORTFOLIO`: everything the platform needs to know about German Credit."""

from __future__ import annotations

from pathlib import Path

from credit_platform.portfolios.economics import CostMatrix, Economics
from credit_platform.portfolios.german_credit.features import APPLICATION, AUDIT_FEATURES
from credit_platform.portfolios.german_credit.reasons import REASONS
from credit_platform.portfolios.german_credit.tables import APPLICATIONS
from credit_platform.portfolios.monitoring_policy import MonitoringPolicy
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.retention import Period, Retention

# Both are made up, of answers that are common among repaid and among unpaid loans.
EXAMPLES: dict[str, dict[str, object]] = {
    "accepted": {
        "checking_account": "no account",
        "duration_months": 12,
        "credit_history": "critical account or credits elsewhere",
        "purpose": "radio or television",
        "amount": 1500,
        "savings": "500 to 1000 DM",
        "employment_since": "4 to 7 years",
        "instalment_rate": 2,
        "other_debtors": "none",
        "residence_since": 3,
        "property": "real estate",
        "other_instalment_plans": "none",
        "housing": "own",
        "existing_credits": 2,
        "job": "skilled",
        "telephone": "registered",
    },
    "refused": {
        "checking_account": "overdrawn",
        "duration_months": 48,
        "credit_history": "all credits here repaid",
        "purpose": "new car",
        "amount": 9000,
        "savings": "below 100 DM",
        "employment_since": "below 1 year",
        "instalment_rate": 4,
        "other_debtors": "none",
        "residence_since": 2,
        "property": "unknown or none",
        "other_instalment_plans": "bank",
        "housing": "rent",
        "existing_credits": 1,
        "job": "skilled",
        "telephone": "none",
    },
}

PORTFOLIO = Portfolio(
    name="german_credit",
    title="German Credit",
    description="1,000 consumer loans of a bank in southern Germany, real data that ship with the package.",
    source=(
        "Hofmann, H. (1994), Statlog (German Credit Data), UCI Machine Learning Repository, DOI 10.24432/C5NC77, "
        "licence CC BY 4.0"
    ),
    tables=(APPLICATIONS,),
    training_table=APPLICATIONS.name,
    applicant_key="applicant_id",
    target="default",
    feature_groups=(APPLICATION,),
    audit_features=AUDIT_FEATURES,
    reasons=REASONS,
    costs=CostMatrix(
        false_negative=5.0,
        false_positive=1.0,
        source="UCI documentation of the data: granting a bad loan costs 5, refusing a good applicant costs 1",
    ),
    economics=Economics(
        loss_given_default=0.45,
        margin=0.09,
        mean_amount=3_271.0,
        currency="DM",
        source=(
            "Loss given default: 45%, the Basel II foundation approach for senior unsecured claims; margin: a fifth "
            "of it, so that it agrees with the cost matrix; amount: mean of the 1,000 loans"
        ),
    ),
    auc_floor=0.65,
    retention=Retention(
        decisions=Period(
            days=730,
            ground=(
                "GDPR articles 6(1)(b), 15(1)(h) and 22(3): a decision can be explained and contested for two years; "
                "an example, to be confirmed by the lender's data protection officer"
            ),
        ),
    ),
    # The outcome of these loans is that of the whole loan; a year shows most of it. Few loans are made, so few suffice.
    monitoring=MonitoringPolicy(maturity_months=12, least_mature_outcomes=200, least_mature_defaults=30),
    bundled_raw=Path(__file__).parent,
    express_columns=(
        "checking_account",
        "duration_months",
        "credit_history",
        "purpose",
        "amount",
        "savings",
        "employment_since",
    ),
    examples=EXAMPLES,
)
