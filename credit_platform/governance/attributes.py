"""What a portfolio does with attributes that people are protected by, in sentences that are true of it.

What is here: which attributes are kept out of the features, which are read and audited, and the words for it.
What to add here: another sentence about them that documents share.
What must not be here: the name of an attribute or of a column: `Column.protected` and `Column.audited` declare them,
and what a feature reads is computed (`features.inputs`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from credit_platform.features.inputs import audit_inputs, feature_inputs
from credit_platform.governance.document import words
from credit_platform.portfolios.portfolio import Portfolio

_NAMED = 6
"""Features that are named in a sentence; of more, the number is told."""


@dataclass(frozen=True, kw_only=True)
class Audited:
    """An attribute that features may read, and that the audit watches."""

    attribute: str
    columns: tuple[str, ...]
    features: tuple[str, ...]
    """Those that read it, in the order of the portfolio."""
    groups: tuple[str, ...]
    """Attributes of the audit table that tell it."""


def audited_attributes(portfolio: Portfolio, among: Collection[str] | None = None) -> tuple[Audited, ...]:
    """The audited attributes of a portfolio.

    Args:
        portfolio: whose they are.
        among: features to look at, such as those that a model uses; None for all of the portfolio.
    """
    columns: dict[str, list[str]] = {}
    for column in portfolio.application_columns:
        if column.audited is not None:
            columns.setdefault(column.audited, []).append(column.name)
    inputs, audit = feature_inputs(portfolio), audit_inputs(portfolio)
    return tuple(
        Audited(
            attribute=attribute,
            columns=tuple(names),
            features=tuple(
                name for name, read in inputs.items() if read & set(names) and (among is None or name in among)
            ),
            groups=tuple(name for name, read in audit.items() if read & set(names)),
        )
        for attribute, names in columns.items()
    )


def kept_out(portfolio: Portfolio) -> str:
    """Which attributes no feature reads: a sentence."""
    named = [f"{column.protected} ({column.name})" for column in portfolio.application_columns if column.protected]
    if not named:
        return "The portfolio declares no attribute that is kept out of the features."
    verb = "is" if len(named) == 1 else "are"
    return f"Kept out of the features and used for the audit only {verb} {words(named)}."


def read_and_audited(portfolio: Portfolio, among: Collection[str] | None = None) -> tuple[str, ...]:
    """Which audited attributes features read, and which none reads: a sentence each."""
    return tuple(_sentence(one, of_model=among is not None) for one in audited_attributes(portfolio, among))


def _sentence(one: Audited, *, of_model: bool) -> str:
    source = f"{one.attribute} ({', '.join(one.columns)})"
    start = source[0].upper() + source[1:]
    whose = "the model" if of_model else "the portfolio"
    if not one.features:
        return f"{start} is read by no feature of {whose}; it is kept for the audit."
    named = (
        words(one.features[:_NAMED])
        if len(one.features) <= _NAMED
        else f"{', '.join(one.features[:_NAMED])} and others"
    )
    count = f"{len(one.features)} feature{'s' if len(one.features) > 1 else ''}"
    return f"{start} is read by {count} of {whose}, and audited: {named}."


def attribute_sentences(portfolio: Portfolio, among: Collection[str] | None = None) -> tuple[str, ...]:
    """All of it: what is kept out, and what is read and audited."""
    return (kept_out(portfolio), *read_and_audited(portfolio, among))
