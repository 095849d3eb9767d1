"""Features of the application itself: one row per applicant, nothing to aggregate.

What is here: the applicant's own statements, external scores, ratios between amounts.
What to add here: row expressions over the columns of the application tables.
What must not be here: gender and family status (they go to the audit table), the target, other tables.

The public solutions of the competition found the external scores, the term (credit / annuity), the price of the goods
against the credit, and the shares of age and employment to matter most; interactions are built around these.
"""

from __future__ import annotations

import narwhals as nw

from credit_platform.portfolios.feature_group import Feature, FeatureGroup, FeatureKind
from credit_platform.portfolios.home_credit.features.application_building import BUILDING_FEATURES, BUILDING_STEP
from credit_platform.portfolios.home_credit.features.application_circumstances import (
    CIRCUMSTANCE_FEATURES,
    CIRCUMSTANCE_STEP,
)
from credit_platform.portfolios.home_credit.features.application_columns import (
    COLUMNS,
    numeric,
    years_before,
)
from credit_platform.portfolios.home_credit.features.application_external_scores import (
    EXTERNAL_SCORE_FEATURES,
    SCORE_MEAN_STEP,
    SCORE_STEP,
)
from credit_platform.portfolios.home_credit.features.application_person import PERSON_FEATURES
from credit_platform.portfolios.home_credit.features.declare import flag, ratio

_AMOUNTS = (
    numeric("income__amount", nw.col("income"), "Stated income.", "income", "currency", low=0),
    numeric("credit__amount", nw.col("credit"), "Amount of the loan asked for.", "loan_amount", "currency", low=0),
    numeric(
        "annuity__amount",
        nw.col("annuity"),
        "Regular instalment (annuity) of the loan.",
        "affordability",
        "currency",
        low=0,
    ),
    numeric("goods_price__amount", nw.col("goods"), "Price of the goods financed.", "loan_amount", "currency", low=0),
    numeric(
        "credit__to_income__ratio",
        ratio(nw.col("credit"), nw.col("income")),
        "Loan against income.",
        "affordability",
        "ratio",
        low=0,
    ),
    numeric(
        "annuity__to_income__ratio",
        ratio(nw.col("annuity"), nw.col("income")),
        "Instalments against income.",
        "affordability",
        "ratio",
        low=0,
    ),
    numeric(
        "goods_price__to_income__ratio",
        ratio(nw.col("goods"), nw.col("income")),
        "Price of the goods against income.",
        "affordability",
        "ratio",
        low=0,
    ),
    numeric(
        "credit__to_annuity__ratio",
        nw.col("term"),
        "Loan against instalments: a measure of the term.",
        "loan_terms",
        "ratio",
        low=0,
    ),
    numeric(
        "goods_price__to_annuity__ratio",
        ratio(nw.col("goods"), nw.col("annuity")),
        "Price of the goods against instalments.",
        "loan_terms",
        "ratio",
        low=0,
    ),
    numeric(
        "credit__to_goods_price__ratio",
        ratio(nw.col("credit"), nw.col("goods")),
        "Loan against the price of the goods: above 1 when fees or insurance are financed too.",
        "loan_terms",
        "ratio",
        low=0,
    ),
    numeric(
        "credit__over_goods_price__difference",
        nw.col("credit") - nw.col("goods"),
        "Loan less the price of the goods.",
        "loan_terms",
        "currency",
    ),
    numeric(
        "credit__over_goods_price__to_income__ratio",
        ratio(nw.col("credit") - nw.col("goods"), nw.col("income")),
        "Loan less the price of the goods, against income.",
        "loan_terms",
        "ratio",
    ),
    numeric(
        "income__left_after_annuity__difference",
        nw.col("income") - nw.col("annuity"),
        "Income left after the instalments.",
        "affordability",
        "currency",
    ),
    numeric(
        "income__left_per_member__amount",
        ratio(nw.col("income") - nw.col("annuity"), nw.col("members")),
        "Income left after the instalments, per member of the household.",
        "affordability",
        "currency",
    ),
    numeric(
        "income__per_member__amount",
        ratio(nw.col("income"), nw.col("members")),
        "Income per member of the household.",
        "income",
        "currency",
        low=0,
    ),
    numeric(
        "income__per_child__amount",
        nw.col("income") / (nw.col("children") + 1.0),
        "Income divided by the number of children plus one.",
        "income",
        "currency",
        low=0,
    ),
    numeric(
        "credit__per_member__amount",
        ratio(nw.col("credit"), nw.col("members")),
        "Loan per member of the household.",
        "loan_amount",
        "currency",
        low=0,
    ),
    numeric(
        "annuity__per_member__amount",
        ratio(nw.col("annuity"), nw.col("members")),
        "Instalments per member of the household.",
        "affordability",
        "currency",
        low=0,
    ),
    numeric(
        "income__per_year_of_age__amount",
        ratio(nw.col("income"), nw.col("age")),
        "Income per year of age.",
        "income",
        "currency",
        low=0,
    ),
    numeric(
        "income__per_year_employed__amount",
        ratio(nw.col("income"), nw.col("employed") + 1.0),
        "Income per year in the present job, plus one.",
        "income",
        "currency",
        low=0,
    ),
    numeric(
        "credit__per_year_of_age__amount",
        ratio(nw.col("credit"), nw.col("age")),
        "Loan per year of age.",
        "loan_amount",
        "currency",
        low=0,
    ),
    numeric(
        "annuity__per_year_of_age__amount",
        ratio(nw.col("annuity"), nw.col("age")),
        "Instalments per year of age.",
        "affordability",
        "currency",
        low=0,
    ),
    numeric(
        "credit__per_year_employed__amount",
        ratio(nw.col("credit"), nw.col("employed") + 1.0),
        "Loan per year in the present job, plus one.",
        "loan_amount",
        "currency",
        low=0,
    ),
    numeric(
        "income__by_population__ratio",
        ratio(nw.col("income"), nw.col("population")),
        "Income against the population share of the region.",
        "region",
        "ratio",
        low=0,
    ),
    numeric(
        "revolving__flag",
        flag(nw.col("NAME_CONTRACT_TYPE") == "Revolving loans"),
        "The loan asked for is a revolving one.",
        "loan_terms",
        low=0,
        high=1,
    ),
    numeric(
        "term__at_end__age",
        nw.col("age") + nw.col("term") / 12.0,
        "Age at the end of the loan, were an instalment due each month.",
        "loan_terms",
        "years",
        low=0,
    ),
    numeric(
        "goods_price__per_member__amount",
        ratio(nw.col("goods"), nw.col("members")),
        "Price of the goods per member of the household.",
        "loan_amount",
        "currency",
        low=0,
    ),
    numeric(
        "income__to_term__ratio",
        ratio(nw.col("income"), nw.col("term")),
        "Income against the term.",
        "affordability",
        low=0,
    ),
)

APPLICATION = FeatureGroup(
    name="application",
    table="application_train",
    description="What the applicant states, external scores, and ratios between amounts.",
    steps=(COLUMNS, {**SCORE_STEP, **CIRCUMSTANCE_STEP, **BUILDING_STEP}, SCORE_MEAN_STEP),
    features=(
        *_AMOUNTS,
        *PERSON_FEATURES,
        *EXTERNAL_SCORE_FEATURES,
        *CIRCUMSTANCE_FEATURES,
        *BUILDING_FEATURES,
    ),
)

_AGE_BANDS = ((25, "under 25"), (35, "25 to 34"), (45, "35 to 44"), (55, "45 to 54"), (65, "55 to 64"))


def _age_band() -> nw.Expr:
    """Bands of ten years of age; null when the day of birth is unknown."""
    age = years_before("DAYS_BIRTH")
    band: nw.Expr = nw.when(~age.is_null()).then(nw.lit("65 and over"))
    for upper, label in reversed(_AGE_BANDS):
        band = nw.when(age < upper).then(nw.lit(label)).otherwise(band)
    return band


AUDIT_FEATURES = (
    Feature(
        name="audit__age_band__category",
        expression=_age_band(),
        description="Age of the applicant in bands of ten years.",
        reason="age",
        kind=FeatureKind.CATEGORICAL,
    ),
)
