"""The swap set: whom a challenger would decide about otherwise than the champion, and what that is worth.

What is here: `swap_set` of applicants that both models scored, and its cells.
What to add here: another figure per cell that those who promote ask for.
What must not be here: reading scores from anywhere; judging (`gate.py`).

In credit scoring the applicants that change sides when a scorecard is replaced are called the swap set: swapped in are
those that the champion refuses and the challenger accepts, swapped out the reverse. Where outcomes are not known, as of
live decisions, a decision is charged what it is expected to cost: an accepted applicant the probability of default
times the cost of a default, a refused one the probability of repaying times the cost of a lost customer. The two models
disagree on that probability, so the difference is given by the champion's and by the challenger's.

Sources: L. C. Thomas, D. B. Edelman, J. N. Crook, Credit Scoring and Its Applications (SIAM, 2002); N. Siddiqi,
Intelligent Credit Scoring (Wiley, 2017), on swap sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from credit_platform.errors import ModellingError
from credit_platform.portfolios.economics import CostMatrix

ACCEPTED, REFUSED = "accepted", "refused"
CELLS = ("accepted_by_both", "refused_by_both", "swapped_in", "swapped_out", "to_a_person")
"""Of a table: `swapped_in` is refused by the champion and accepted by the challenger, `swapped_out` the reverse, and
`to_a_person` whatever either of the two leaves to a person."""
ALL = "all"
MOST_DIFFERENCES = 10
COLUMNS = ("champion_probability", "champion_decision", "challenger_probability", "challenger_decision")


@dataclass(frozen=True, kw_only=True)
class SwapSet:
    """What changes when the challenger takes over, measured on applicants that both scored."""

    applicants: int
    table: pl.DataFrame
    """A row per cell and one for all: cell, applicants, share, champion_mean_pd, challenger_mean_pd,
    expected_by_champion and expected_by_challenger (expected cost of the challenger's decisions less that of the
    champion's, per applicant compared, by either model's probabilities), and where outcomes are known defaults and
    cost_difference (the same of the costs that came about), else null. Cells add up to the last row."""
    largest: pl.DataFrame
    """Applicants on whom the probabilities differ most: applicant, cell, both probabilities and decisions."""

    @property
    def swapped(self) -> int:
        """Applicants that change sides."""
        sides = self.table.filter(pl.col("cell").is_in(["swapped_in", "swapped_out"]))
        return int(sides["applicants"].sum())

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "applicants": self.applicants,
            "swapped": self.swapped,
            "cells": self.table.to_dicts(),
            "largest": self.largest.to_dicts(),
        }


def swap_set(scored: pl.DataFrame, costs: CostMatrix, *, most: int = MOST_DIFFERENCES) -> SwapSet:
    """Compare two models on the applicants of `scored`.

    Args:
        scored: a row per applicant: `applicant` (text), `champion_probability`, `champion_decision`,
            `challenger_probability`, `challenger_decision`, and `target` (1: default) where outcomes are known.
        costs: what wrong decisions cost.
        most: how many of the largest differences to keep.

    Raises:
        ModellingError: nobody was scored by both.
    """
    if scored.is_empty():
        raise ModellingError("No applicant was scored by both models.", "Let both score the same applicants.")
    rows = scored.with_columns(cell=_cell(), **_charges(costs, known="target" in scored.columns))
    cells = pl.DataFrame({"cell": CELLS}).join(
        rows.group_by("cell").agg(_figures(rows.height)), on="cell", how="left", maintain_order="left"
    )
    total = rows.select(pl.lit(ALL).alias("cell"), *_figures(rows.height))
    empty = ("applicants", "share", "expected_by_champion", "expected_by_challenger")
    table = pl.concat([cells, total]).with_columns(pl.col(*empty).fill_null(0))
    gap = (pl.col("challenger_probability") - pl.col("champion_probability")).abs()
    largest = rows.sort(gap, "applicant", descending=[True, False]).head(most).select("applicant", "cell", *COLUMNS)
    return SwapSet(applicants=rows.height, table=table, largest=largest)


def _cell() -> pl.Expr:
    champion, challenger = pl.col("champion_decision"), pl.col("challenger_decision")
    sides = {
        "accepted_by_both": (ACCEPTED, ACCEPTED),
        "refused_by_both": (REFUSED, REFUSED),
        "swapped_in": (REFUSED, ACCEPTED),
        "swapped_out": (ACCEPTED, REFUSED),
    }
    found = [
        pl.when((champion == before) & (challenger == after)).then(pl.lit(cell))
        for cell, (before, after) in sides.items()
    ]
    return pl.coalesce(*found, pl.lit("to_a_person"))


def _charges(costs: CostMatrix, *, known: bool) -> dict[str, pl.Expr]:
    """What the challenger's decision costs more than the champion's, by either model and by the outcome."""

    def charge(decision: str, defaults: pl.Expr) -> pl.Expr:
        accepted, refused = defaults * costs.false_negative, (1 - defaults) * costs.false_positive
        # Nobody knows what a person will say, so that is charged nothing.
        side = pl.col(decision)
        return pl.when(side == ACCEPTED).then(accepted).when(side == REFUSED).then(refused).otherwise(0.0)

    def difference(defaults: pl.Expr) -> pl.Expr:
        return charge("challenger_decision", defaults) - charge("champion_decision", defaults)

    outcome = pl.col("target").cast(pl.Float64) if known else pl.lit(None, pl.Float64)
    return {
        "by_champion": difference(pl.col("champion_probability")),
        "by_challenger": difference(pl.col("challenger_probability")),
        "defaulted": outcome,
        "by_outcome": difference(outcome) if known else pl.lit(None, pl.Float64),
    }


def _figures(everybody: int) -> list[pl.Expr]:
    known = pl.col("defaulted").is_not_null().any()
    return [
        pl.len().cast(pl.Int64).alias("applicants"),
        (pl.len() / everybody).alias("share"),
        pl.col("champion_probability").mean().alias("champion_mean_pd"),
        pl.col("challenger_probability").mean().alias("challenger_mean_pd"),
        (pl.col("by_champion").sum() / everybody).alias("expected_by_champion"),
        (pl.col("by_challenger").sum() / everybody).alias("expected_by_challenger"),
        pl.when(known).then(pl.col("defaulted").sum()).cast(pl.Int64).alias("defaults"),
        pl.when(known).then(pl.col("by_outcome").sum() / everybody).alias("cost_difference"),
    ]


def sentence(found: SwapSet, whom: str) -> str:
    """What a swap set says, in words; `whom` names the applicants, as in `holdout applicants`."""
    rows = {row["cell"]: row for row in found.table.iter_rows(named=True)}
    counts = {cell: rows[cell]["applicants"] for cell in CELLS}
    total = rows[ALL]
    person = f", {counts['to_a_person']} go to a person with one of the two" if counts["to_a_person"] else ""
    worth = (
        f"By their outcomes the challenger costs {_difference(total['cost_difference'])}."
        if total["cost_difference"] is not None
        else f"The challenger is expected to cost {_difference(total['expected_by_champion'])} by the champion's "
        f"probabilities, and {_difference(total['expected_by_challenger'])} by its own."
    )
    return (
        f"Both models scored {found.applicants} {whom}: {counts['swapped_in']} are swapped in (only the challenger "
        f"accepts them), {counts['swapped_out']} swapped out, {counts['accepted_by_both']} accepted and "
        f"{counts['refused_by_both']} refused by both{person}. {worth}"
    )


def _difference(value: float) -> str:
    return f"{abs(value):.4f} {'less' if value < 0 else 'more'} per applicant"
