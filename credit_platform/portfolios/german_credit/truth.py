"""Who of simulated applicants of German Credit defaults: a made-up world, for simulations only."""

from __future__ import annotations

from credit_platform.portfolios.truth import Concept, Term, Truth

_TERMS = (
    Term(feature="application__amount", centre=3270.0, spread=2820.0, weight=0.44),
    Term(feature="application__instalment_rate", centre=2.97, spread=1.12, weight=0.22),
    Term(feature="application__existing_credits", centre=1.41, spread=0.578, weight=0.11),
    Term(
        feature="application__checking_account",
        by_category={"0 to 200 DM": 0.49, "200 DM or more": 0.05, "no account": -0.57, "overdrawn": 0.0},
    ),
    Term(
        feature="application__credit_history",
        by_category={
            "all credits here repaid": 0.42,
            "critical account or credits elsewhere": -0.17,
            "existing credits repaid till now": -0.15,
            "no credits or all repaid": 0.28,
            "past delays": -0.42,
        },
    ),
    Term(
        feature="application__purpose",
        by_category={
            "business": 0.06,
            "domestic appliances": 0.13,
            "education": 0.6,
            "furniture or equipment": 0.18,
            "new car": 0.71,
            "other": -0.33,
            "radio or television": -0.06,
            "repairs": 0.33,
            "used car": -0.84,
        },
    ),
    Term(
        feature="application__savings",
        by_category={
            "100 to 500 DM": 0.26,
            "1000 DM or more": -0.17,
            "500 to 1000 DM": 0.2,
            "below 100 DM": 0.27,
            "unknown or none": -0.6,
        },
    ),
    Term(
        feature="application__employment_since",
        by_category={
            "1 to 4 years": 0.17,
            "4 to 7 years": -0.44,
            "7 years or more": 0.12,
            "below 1 year": 0.24,
            "unemployed": -0.12,
        },
    ),
    Term(feature="application__other_instalment_plans", by_category={"bank": 0.23, "none": -0.31, "stores": 0.05}),
    Term(feature="application__housing", by_category={"for free": -0.2, "own": -0.2, "rent": 0.37}),
    Term(feature="application__employment_since__level", centre=2.38, spread=1.21, weight=-0.15),
    Term(feature="application__property__level", centre=1.64, spread=1.05, weight=-0.15),
    Term(feature="application__instalment__log", centre=4.91, spread=0.616, weight=-0.48),
    Term(feature="application__amount__large__flag", centre=0.246, spread=0.431, weight=0.34),
    Term(feature="application__credit_history__critical__flag", centre=0.293, spread=0.455, weight=-0.36),
    Term(feature="application__other_debtors__guarantor__flag", centre=0.052, spread=0.222, weight=-0.33),
    Term(feature="application__liquidity__level", centre=1.56, spread=1.25, weight=-0.29),
    Term(feature="application__duration_months__overdrawn__months", centre=5.85, spread=11.3, weight=0.35),
)

TRUTH = Truth(
    source=(
        "Logistic regression on the 1,000 shipped loans, rounded: applicants like them default about as they did. When "
        "they do so is made up: few at once, most after a quarter of a year."
    ),
    intercept=-0.94,
    terms=_TERMS,
    timing=(0.02, 0.05, 0.09, 0.12, 0.13, 0.12, 0.11, 0.10, 0.09, 0.07, 0.06, 0.04),
    loss_share=0.45,
    concepts={
        "recession": Concept(
            meaning="everybody defaults more often, as if the odds had doubled; the ranking stays",
            intercept=0.7,
        ),
        "savings_lost": Concept(
            meaning="savings and accounts protect nobody any more, those with a guarantor default as others do",
            intercept=0.2,
            times={
                "application__savings": -0.5,
                "application__checking_account": -1.0,
                "application__liquidity__level": 0.0,
                "application__other_debtors__guarantor__flag": 0.0,
            },
        ),
        "overreached": Concept(
            meaning="who borrows much, or for longer than there is money at hand, defaults far more often than before",
            times={
                "application__amount__large__flag": 4.0,
                "application__duration_months__overdrawn__months": 2.0,
            },
        ),
    },
)
