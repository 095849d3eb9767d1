"""`PORTFOLIO`: four features, one of them twice where nobody lends to smithies."""

from __future__ import annotations

import narwhals as nw

from credit_platform.portfolios.economics import CostMatrix
from credit_platform.portfolios.feature_group import Feature, FeatureGroup, FeatureKind
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.reason import Reason
from credit_platform_tests.made_up.village_loans.tables import LOANS


def _number(name: str, expression: nw.Expr, reason: str) -> Feature:
    return Feature(name=name, expression=expression, description=f"{name}.", reason=reason, minimum=0)


_FEATURES = (
    _number("loans__herd", nw.col("herd"), "wealth"),
    _number("loans__sum", nw.col("sum"), "loan"),
    _number("loans__sum__per_month", nw.col("sum") / nw.col("months"), "loan"),
    _number("loans__shop__flag", (nw.col("trade") == "shop").cast(nw.Float64), "wealth"),
    _number("loans__no_farm__flag", (nw.col("trade") != "farm").cast(nw.Float64), "wealth"),
    Feature(
        name="loans__trade__category",
        expression=nw.col("trade"),
        description="trade.",
        reason="wealth",
        kind=FeatureKind.CATEGORICAL,
    ),
)


def _reason(code: str, english: str, french: str) -> Reason:
    return Reason(
        code=code,
        adverse_fr=f"{french} pèse contre vous.",
        adverse_en=f"{english} speaks against you.",
        favourable_fr=f"{french} parle pour vous.",
        favourable_en=f"{english} speaks for you.",
    )


PORTFOLIO = Portfolio(
    name="village_loans",
    title="Village loans",
    description="300 made-up loans.",
    source="Made up.",
    tables=(LOANS,),
    training_table="loans",
    applicant_key="loan",
    target="lost",
    feature_groups=(FeatureGroup(name="loans", table="loans", description="The loan.", features=_FEATURES),),
    reasons=(_reason("wealth", "What you own", "Ce que vous avez"), _reason("loan", "The loan", "Le crédit")),
    costs=CostMatrix(false_negative=5.0, false_positive=1.0, source="Made up."),
    candidates=("logistic_regression", "lightgbm"),
    examples={"accepted": {"herd": 40, "sum": 100.0, "months": 12, "trade": "farm"}},
)
