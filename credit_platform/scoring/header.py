"""Which columns of a file of applications must not be there: all of them at once, by kind.

What is here: `unwanted_columns`, for every door that takes a file.
What to add here: another kind of column that has its own sentence.
What must not be here: values, and what a missing column means (that depends on the model and the door).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from credit_platform.portfolios.portfolio import Portfolio

Ignored = Literal["protected", "target"]
"""Kind of column that may be left unread, where its user asks for it."""


@dataclass(frozen=True)
class UnwantedColumns:
    """Columns that no application has, in the order of the file."""

    protected: tuple[str, ...]
    """Attributes that no decision may use."""
    target: tuple[str, ...]
    """The outcome that the model predicts: there in a training file."""
    unknown: tuple[str, ...]


def unwanted_columns(portfolio: Portfolio, names: Iterable[str], also: Collection[str] = ()) -> UnwantedColumns:
    """Sort the names that are neither columns of an application nor in `also` (the applicant key, say) by kind."""
    columns = {column.name: column for column in portfolio.application_columns}
    others = [name for name in names if name not in also]
    return UnwantedColumns(
        protected=tuple(n for n in others if n in columns and columns[n].protected is not None),
        target=tuple(n for n in others if n == portfolio.target),
        unknown=tuple(n for n in others if n not in columns and n != portfolio.target),
    )
