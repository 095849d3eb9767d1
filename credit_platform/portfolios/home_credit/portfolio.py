"""`PORTFOLIO`: everything the platform needs to know about Home Credit."""

from __future__ import annotations

from credit_platform.portfolios.economics import CostMatrix, Economics
from credit_platform.portfolios.home_credit.examples import EXAMPLE_HISTORIES, EXAMPLES
from credit_platform.portfolios.home_credit.features import AUDIT_FEATURES, CROSS_FEATURES, FEATURE_GROUPS
from credit_platform.portfolios.home_credit.reasons import REASONS
from credit_platform.portfolios.home_credit.tables import APPLICATION_TEST, APPLICATION_TRAIN, TABLES
from credit_platform.portfolios.monitoring_policy import MonitoringPolicy
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.retention import Period, Retention

PORTFOLIO = Portfolio(
    name="home_credit",
    title="Home Credit",
    description=(
        "Consumer, cash and card loans to people with little credit history, in eight related files. The real files "
        "do not ship with the package; generated ones are synthetic and labelled so."
    ),
    source=(
        "Schema of the Kaggle competition Home Credit Default Risk (2018), whose rules do not allow the real data to "
        "be redistributed; generated data of this schema are synthetic"
    ),
    tables=TABLES,
    training_table=APPLICATION_TRAIN.name,
    scoring_table=APPLICATION_TEST.name,
    applicant_key="SK_ID_CURR",
    target="TARGET",
    feature_groups=FEATURE_GROUPS,
    cross_features=CROSS_FEATURES,
    audit_features=AUDIT_FEATURES,
    reasons=REASONS,
    costs=CostMatrix(
        false_negative=10.0,
        false_positive=1.0,
        source="The lender's estimate: a granted loan that defaults costs ten times a good applicant refused",
    ),
    auc_floor=0.65,
    retention=Retention(
        decisions=Period(
            days=1825,
            ground=(
                "GDPR article 6(1)(c) with article 2224 of the French civil code: five years in which a claim can be "
                "brought; an example, to be confirmed by the lender's data protection officer"
            ),
        ),
    ),
    economics=Economics(
        loss_given_default=0.45,
        margin=0.045,
        mean_amount=599_000.0,
        currency="currency units of the data",
        source=(
            "Loss given default: 45%, the Basel II foundation approach for senior unsecured claims; margin: a tenth "
            "of it, so that it agrees with the cost matrix; amount: published mean of AMT_CREDIT, rounded"
        ),
    ),
    # The target speaks of payments that were late among the first instalments, so half a year shows it.
    monitoring=MonitoringPolicy(maturity_months=6, least_mature_outcomes=2_000, least_mature_defaults=150),
    examples=EXAMPLES,
    example_histories=EXAMPLE_HISTORIES,
    express_columns=(
        "NAME_CONTRACT_TYPE",
        "AMT_INCOME_TOTAL",
        "AMT_CREDIT",
        "NAME_INCOME_TYPE",
        "NAME_EDUCATION_TYPE",
        "DAYS_BIRTH",
        "DAYS_EMPLOYED",
    ),
)
