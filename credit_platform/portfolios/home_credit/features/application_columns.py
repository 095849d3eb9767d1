"""What the modules of application features share: named columns and builders of features.

What is here: the first step over the application table (columns as float64, days as years), builders of row features.
What to add here: a column that features of more than one module need.
What must not be here: features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals as nw

from credit_platform.portfolios.feature_group import Feature, FeatureKind
from credit_platform.portfolios.home_credit.features.declare import DAYS_PER_YEAR, flag, number, ratio


def years_before(column: str) -> nw.Expr:
    """Years from a day (negative, before the application) to the application."""
    return number(column) * (-1.0 / DAYS_PER_YEAR)


def _since_birth(column: str) -> nw.Expr:
    """As `years_before`; null where the day lies before the day of birth, which two valid columns can say together."""
    return nw.when(number(column) >= number("DAYS_BIRTH")).then(years_before(column))


def numeric(
    name: str,
    expression: nw.Expr,
    description: str,
    reason: str,
    unit: str | None = None,
    *,
    low: float | None = None,
    high: float | None = None,
    sign: int = 0,
) -> Feature:
    """Numeric feature `application__<name>` with its range and monotone sign."""
    return Feature(
        name=f"application__{name}",
        expression=expression,
        description=description,
        reason=reason,
        unit=unit,
        minimum=low,
        maximum=high,
        monotone=sign,
    )


def category(name: str, column: str, description: str, reason: str) -> Feature:
    """Categorical feature `application__<name>__category`: the column as it is."""
    return Feature(
        name=f"application__{name}__category",
        expression=nw.col(column),
        description=description,
        reason=reason,
        kind=FeatureKind.CATEGORICAL,
    )


def known(column: str) -> nw.Expr:
    """1.0 where the column is known, 0.0 where it is null."""
    return flag(~nw.col(column).is_null())


def filled(column: str) -> nw.Expr:
    """Column with 0.0 for null."""
    return nw.col(column).fill_null(0.0)


def total(columns: Sequence[str]) -> nw.Expr:
    """Sum over columns of a row; null when one is null."""
    first, *others = (number(column) for column in columns)
    return sum(others, start=first)


COLUMNS: Mapping[str, nw.Expr] = {
    "income": number("AMT_INCOME_TOTAL"),
    "credit": number("AMT_CREDIT"),
    "annuity": number("AMT_ANNUITY"),
    "goods": number("AMT_GOODS_PRICE"),
    "children": number("CNT_CHILDREN"),
    "members": number("CNT_FAM_MEMBERS"),
    "age": years_before("DAYS_BIRTH"),
    "employed": _since_birth("DAYS_EMPLOYED"),
    "registered": years_before("DAYS_REGISTRATION"),
    "identified": years_before("DAYS_ID_PUBLISH"),
    "phone_changed": years_before("DAYS_LAST_PHONE_CHANGE"),
    "car_age": number("OWN_CAR_AGE"),
    "population": number("REGION_POPULATION_RELATIVE"),
    "score_1": number("EXT_SOURCE_1"),
    "score_2": number("EXT_SOURCE_2"),
    "score_3": number("EXT_SOURCE_3"),
    "term": ratio(number("AMT_CREDIT"), number("AMT_ANNUITY")),
}
