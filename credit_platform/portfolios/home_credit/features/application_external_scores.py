"""Features of the external scores: alone, together, and with age, term and amounts.

What is here: the scores other organisations gave the applicant and their interactions.
What to add here: row expressions in which an external score takes part.
What must not be here: features without an external score.

In the competition these are by far the strongest columns; a score is in 0..1 and the higher, the safer.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from credit_platform.portfolios.feature_group import Feature
from credit_platform.portfolios.home_credit.features.application_columns import filled, numeric
from credit_platform.portfolios.home_credit.features.declare import ratio

_SCORES = ("score_1", "score_2", "score_3")


def _counts(column: str) -> nw.Expr:
    """1.0 where the score is known, 0.0 where it is null.

    By arithmetic, not by a condition: where a condition holds for all rows at hand, Polars keeps the result as one
    value and divides by it with its reciprocal, so that the last bit of a quotient would hang on who else is scored.
    """
    return (nw.col(column) * 0.0 + 1.0).fill_null(0.0)


SCORE_STEP: Mapping[str, nw.Expr] = {
    "scores_known": _counts("score_1") + _counts("score_2") + _counts("score_3"),
    "scores_sum": filled("score_1") + filled("score_2") + filled("score_3"),
    "scores_weight": 2.0 * _counts("score_1") + 3.0 * _counts("score_2") + 4.0 * _counts("score_3"),
    "scores_weighted": 2.0 * filled("score_1") + 3.0 * filled("score_2") + 4.0 * filled("score_3"),
    "scores_low": nw.min_horizontal(*_SCORES),
    "scores_high": nw.max_horizontal(*_SCORES),
}
SCORE_MEAN_STEP: Mapping[str, nw.Expr] = {
    "scores_mean": ratio(nw.col("scores_sum"), nw.col("scores_known")),
}


EXTERNAL_SCORE_FEATURES: tuple[Feature, ...] = (
    *(
        numeric(
            f"external_score__{k}__score",
            nw.col(column),
            f"External score {k}: the higher, the safer.",
            "external_scores",
            "score",
            low=0,
            high=1,
            sign=-1,
        )
        for k, column in enumerate(_SCORES, start=1)
    ),
    numeric(
        "external_score__all__mean",
        nw.col("scores_mean"),
        "Average of the external scores that are known.",
        "external_scores",
        "score",
        low=0,
        high=1,
        sign=-1,
    ),
    numeric(
        "external_score__weighted__mean",
        ratio(nw.col("scores_weighted"), nw.col("scores_weight")),
        "Average of the known external scores, weighted 2, 3 and 4.",
        "external_scores",
        "score",
        low=0,
        high=1,
        sign=-1,
    ),
    numeric(
        "external_score__all__min",
        nw.col("scores_low"),
        "Lowest external score.",
        "external_scores",
        "score",
        low=0,
        high=1,
        sign=-1,
    ),
    numeric(
        "external_score__all__max",
        nw.col("scores_high"),
        "Highest external score.",
        "external_scores",
        "score",
        low=0,
        high=1,
        sign=-1,
    ),
    numeric(
        "external_score__all__range",
        nw.col("scores_high") - nw.col("scores_low"),
        "Highest less lowest external score.",
        "external_scores",
        "score",
        low=0,
        high=1,
    ),
    numeric(
        "external_score__all__known",
        nw.col("scores_known"),
        "Number of external scores that are known.",
        "external_scores",
        "scores",
        low=0,
        high=3,
    ),
    numeric(
        "external_score__all__product",
        nw.col("score_1") * nw.col("score_2") * nw.col("score_3"),
        "Product of the three external scores.",
        "external_scores",
        low=0,
        high=1,
        sign=-1,
    ),
    *(
        numeric(
            f"external_score__{a}_{b}__product",
            nw.col(f"score_{a}") * nw.col(f"score_{b}"),
            f"Product of external scores {a} and {b}.",
            "external_scores",
            low=0,
            high=1,
            sign=-1,
        )
        for a, b in ((1, 2), (1, 3), (2, 3))
    ),
    *(
        numeric(
            f"external_score__{a}_{b}__difference",
            nw.col(f"score_{a}") - nw.col(f"score_{b}"),
            f"External score {a} less external score {b}.",
            "external_scores",
            low=-1,
            high=1,
        )
        for a, b in ((1, 2), (1, 3), (2, 3))
    ),
    *(
        numeric(
            f"external_score__{k}__by_age__product",
            nw.col(column) * nw.col("age"),
            f"External score {k} times age.",
            "external_scores",
            low=0,
            sign=-1,
        )
        for k, column in enumerate(_SCORES, start=1)
    ),
    numeric(
        "external_score__all__by_employment__product",
        nw.col("scores_mean") * nw.col("employed"),
        "Average external score times years in the present job.",
        "external_scores",
        low=0,
        sign=-1,
    ),
    numeric(
        "external_score__all__by_term__product",
        nw.col("scores_mean") * nw.col("term"),
        "Average external score times the term of the loan.",
        "external_scores",
        low=0,
    ),
    numeric(
        "external_score__all__to_term__ratio",
        ratio(nw.col("scores_mean"), nw.col("term")),
        "Average external score against the term of the loan.",
        "external_scores",
        low=0,
    ),
    numeric(
        "external_score__all__by_income__product",
        nw.col("scores_mean") * nw.col("income"),
        "Average external score times income.",
        "external_scores",
        low=0,
    ),
    numeric(
        "external_score__all__to_credit__ratio",
        ratio(nw.col("scores_mean") * 1e6, nw.col("credit")),
        "Average external score per million of loan.",
        "external_scores",
        low=0,
    ),
    numeric(
        "external_score__all__by_goods_share__product",
        nw.col("scores_mean") * ratio(nw.col("goods"), nw.col("credit")),
        "Average external score times the share of the loan that pays for goods.",
        "external_scores",
        low=0,
    ),
    numeric(
        "external_score__3__to_term__ratio",
        ratio(nw.col("score_3"), nw.col("term")),
        "External score 3 against the term of the loan.",
        "external_scores",
        low=0,
    ),
    numeric(
        "external_score__2__by_population__product",
        nw.col("score_2") * nw.col("population"),
        "External score 2 times the population share of the region.",
        "external_scores",
        low=0,
    ),
)
