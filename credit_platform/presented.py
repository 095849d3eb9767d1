"""How figures and names are written where people read them: reports, documents, pages.

What is here: one way for each kind of figure (a share, an amount of money, a cost, a digest, a moment), and what people
call models, measures, methods, features and families of reasons.
What to add here: a kind of figure; the name of a measure.
What must not be here: HTML, what a document says, and the words of the console, which speaks two languages (its
`texts`).

Decimal places follow what a figure means, not its size: a share has one, a measure of a model and a cost per applicant
three, money none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

UNKNOWN: Final = "not measured"
_DIGITS: Final = 12
_SMALL: Final = 0.001
_FIRST: Final = "__"

CANDIDATES: Final[Mapping[str, str]] = {
    "gradient_boosting": "gradient boosting (scikit-learn)",
    "lightgbm": "LightGBM",
    "linear_svm": "linear SVM",
    "logistic_regression": "logistic regression",
    "mlp": "neural network (MLP)",
    "random_forest": "random forest",
    "scorecard": "scorecard (WoE)",
    "stacked": "stacked ensemble",
    "xgboost": "XGBoost",
}
METHODS: Final[Mapping[str, str]] = {
    "break_even": "break-even of the costs",
    "empirical": "least of the cost curve",
    "smoothed": "least of the smoothed cost curve",
}
MEASURES: Final[Mapping[str, str]] = {
    "auc": "AUC",
    "gini": "Gini",
    "ks": "Kolmogorov-Smirnov",
    "average_precision": "Average precision",
    "brier": "Brier score",
    "log_loss": "Log loss",
    "precision": "Precision: defaults among refused",
    "recall": "Recall: defaults refused",
    "f1": "F1: mean of precision and recall",
    "accuracy": "Accuracy: decided as it came out",
    "tn": "Granted and repaid (true negatives)",
    "fp": "Refused, would have repaid (false positives)",
    "fn": "Granted and defaulted (false negatives)",
    "tp": "Refused, would have defaulted (true positives)",
    "lift_top_decile": "Lift of the riskiest tenth",
    "cost": "Cost, all applicants",
    "cost_per_applicant": "Cost per applicant",
    "acceptance_rate": "Acceptance rate",
}
SHARES: Final = frozenset({"precision", "recall", "accuracy", "acceptance_rate"})
"""Measures that are shares, and are written as such."""
COUNTS: Final = frozenset({"tn", "fp", "fn", "tp"})


def decimal(value: float | None, places: int = 3) -> str:
    """A measure."""
    return UNKNOWN if value is None else f"{value:,.{places}f}"


def percent(share: float | None, places: int = 1) -> str:
    """A share."""
    return UNKNOWN if share is None else f"{share:.{places}%}"


def share(value: float) -> str:
    """A share of which what is not nothing never reads as 0."""
    return "< 0.1%" if 0 < value < _SMALL else percent(value)


def money(amount: float, currency: str) -> str:
    """An amount in its unit."""
    return f"{amount:,.0f}\u00a0{currency}"


def signed(value: float | None, places: int = 3) -> str:
    """A change, whose sign is always written."""
    return UNKNOWN if value is None else f"{value:+.{places}f}"


def tiny(value: float | None) -> str:
    """What is next to nothing, by its order of magnitude."""
    return UNKNOWN if value is None else f"{value:.1e}"


def digest(value: object) -> str:
    """As many digits of a digest as tell it from others."""
    return str(value)[:_DIGITS]


def moment(value: datetime) -> str:
    """A moment to the minute."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def listed(values: Sequence[object]) -> str:
    """Values in a row."""
    return ", ".join(str(value) for value in values) or "none"


def candidate(name: str) -> str:
    """A kind of model."""
    return CANDIDATES.get(name, plain(name))


def measure(name: str) -> str:
    """A measure of a model or of its decisions."""
    return MEASURES.get(name, plain(name).capitalize())


def method(name: str) -> str:
    """A way to choose the threshold."""
    return METHODS.get(name, plain(name))


def feature(name: str) -> str:
    """A feature without the table it comes from: `savings: level` for `application__savings__level`."""
    source, _, rest = name.partition(_FIRST)
    return ": ".join(plain(part) for part in (rest or source).split(_FIRST))


def plain(name: str) -> str:
    """A name of code as words."""
    return name.replace("_", " ")
