"""How long a portfolio keeps what it knows of people, and on what legal ground.

What is here: `Retention` and `Period`.
What to add here: a period for another kind of data about people.
What must not be here: removing (`monitoring.decision_retention`, `governance.retention`).
"""

from __future__ import annotations

from dataclasses import dataclass

EXAMPLE = "an example, to be confirmed by the lender's data protection officer"


@dataclass(frozen=True, kw_only=True)
class Period:
    """For how long, and why for so long and no longer."""

    days: int
    ground: str
    """Legal ground, with the article."""

    def __post_init__(self) -> None:
        """A period is at least a day.

        Raises:
            ValueError: it is shorter, or nobody says on what ground.
        """
        if self.days < 1 or not self.ground.strip():
            raise ValueError("A period of retention has at least one day and a legal ground.")


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Periods by kind of data. GDPR article 5(1)(e): no longer than is necessary for the purposes."""

    decisions: Period = Period(
        days=730,
        ground="GDPR article 6(1)(c) with article 22(3): a decision must be explained while it can be contested; "
        + EXAMPLE,
    )
    """What the decision log says of a decision; a scheduled job removes what is older."""
    features: Period = Period(
        days=1825,
        ground="GDPR article 6(1)(f): the data of a model are kept while it, or one judged against it, is in use; "
        + EXAMPLE,
    )
    """Versions of raw tables and features."""
    models: Period = Period(
        days=1825,
        ground="GDPR articles 15(1)(h) and 22(3): a decision is explained by the model that made it; " + EXAMPLE,
    )
    """Scorers, Bentos, stored histories, versions in MLflow of models that were superseded; counted from then on."""
    reports: Period = Period(
        days=3650,
        ground="EU AI Act article 18: documentation of a high-risk system is kept for ten years; " + EXAMPLE,
    )
    """Documents, reports and the promotion history."""

    def __post_init__(self) -> None:
        """A decision that is kept can be scored again.

        Raises:
            ValueError: models are kept for less time than decisions.
        """
        if self.models.days < self.decisions.days:
            raise ValueError("A model is kept at least as long as the decisions that it made.")
