"""Everything about performance of one portfolio: figures by model and month, the yardstick, and verdicts in words.

What is here: `Champion`, `measure_performance` and what it returns.
What to add here: a figure, computed in the module of its kind.
What must not be here: statistics (`measures.py` and its neighbours), drawing, storing.

The yardstick is the holdout restricted to whom the champion accepts: outcomes are known for accepted applicants only,
and among them the model always separates less well than among all, because those it separates most easily are gone
(docs/adr/0027).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from credit_platform.modelling.intervals import Interval
from credit_platform.monitoring.performance.bands import points_bands
from credit_platform.monitoring.performance.bounds import bounds_of
from credit_platform.monitoring.performance.curves import against_older, default_curves
from credit_platform.monitoring.performance.expected import Expected, expected_of
from credit_platform.monitoring.performance.followed import IMMATURE, MATURE, follow, granted, resolved, vintages
from credit_platform.monitoring.performance.measures import SCHEMA, Measure, measures_of, to_frame
from credit_platform.monitoring.performance.recalibration import Recalibration, recalibration
from credit_platform.monitoring.performance.verdicts import Verdicts, judge
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.rule import ACCEPTED, REFUSED, DecisionRule, decided

ALL_MATURE = "all mature months"
HOLDOUT = "holdout"
OUTCOMES, EXPECTED, BOUNDS, YARDSTICK, DECIDED = "outcomes", "expected", "refused bounds", "yardstick", "decisions"
"""What a row of the table rests on."""


@dataclass(frozen=True, kw_only=True)
class Champion:
    """The model in production, with its scores of the holdout."""

    digest: str
    rule: DecisionRule
    holdout: pl.DataFrame
    """`target` and `probability` of applicants whom no fitting saw."""

    @property
    def accepted(self) -> pl.DataFrame:
        """Those of the holdout whom it accepts."""
        return self.holdout.filter(decided(pl.col("probability"), self.rule.threshold, self.rule.review) == ACCEPTED)


@dataclass(frozen=True, kw_only=True)
class Performance:
    """What is known, and what is to be expected."""

    measures: pl.DataFrame
    """Columns `COLUMNS`: one row per model, month, basis and figure; a word where there is no figure."""
    vintages: pl.DataFrame
    bands: pl.DataFrame
    """Of the champion's mature months together."""
    curves: pl.DataFrame
    """Of the champion's months."""
    against_older: pl.DataFrame
    verdicts: Verdicts
    mature_outcomes: int
    """Of the champion."""
    mature_defaults: int


def measure_performance(
    portfolio: Portfolio, decisions: pl.DataFrame, outcomes: pl.DataFrame, champion: Champion | None, *, seed: int = 7
) -> Performance:
    """Measure every model that decided, and judge the champion.

    Args:
        portfolio: whose policy, costs and points.
        decisions: of `monitoring/decisions`; may be empty.
        outcomes: of `monitoring/outcomes`; may be empty.
        champion: the model in production; None before the first promotion.
        seed: of draws.
    """
    policy = portfolio.monitoring
    followed = follow(decisions, outcomes, policy)
    months = vintages(followed, policy)
    context = _Context(portfolio=portfolio, champion=champion, trust=_trust(champion), seed=seed)
    mine = followed.filter(_by(champion))
    young = _months_of(months, champion, IMMATURE)
    mature = _mature(mine, _months_of(months, champion, MATURE), policy.maturity_months)
    curves = default_curves(mine)
    older = against_older(curves, young)
    bands = points_bands(mature, portfolio.points)
    rows = [*_yardstick(portfolio, champion), *_groups(context, followed, months)]
    measures = pl.concat([pl.DataFrame(schema=COLUMNS), *rows])
    return Performance(
        measures=measures,
        vintages=months,
        bands=bands,
        curves=curves,
        against_older=older,
        verdicts=judge(
            mature, None if champion is None else champion.accepted, measures_about(measures, champion), bands
        ),
        mature_outcomes=mature.height,
        mature_defaults=int(mature["defaulted"].sum()),
    )


def measures_about(measures: pl.DataFrame, champion: Champion | None) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows of the champion over all its mature months, by basis and figure."""
    wanted = _by(champion) & (pl.col("month") == ALL_MATURE)
    return {(row["basis"], row["measure"]): row for row in measures.filter(wanted).iter_rows(named=True)}


def _by(champion: Champion | None) -> pl.Expr:
    """Whether a row is of the champion; of none without one."""
    return pl.lit(value=False) if champion is None else pl.col("model_digest") == champion.digest


def _trust(champion: Champion | None) -> Recalibration | str:
    if champion is None:
        return "there is no champion yet."
    return recalibration(champion.holdout["target"].to_numpy(), champion.holdout["probability"].to_numpy())


def _months_of(months: pl.DataFrame, champion: Champion | None, state: str) -> list[str]:
    return months.filter(_by(champion) & (pl.col("state") == state))["month"].to_list()


def _mature(followed: pl.DataFrame, months: list[str], maturity: int) -> pl.DataFrame:
    """Granted loans of mature months whose outcome at maturity is known."""
    return resolved(granted(followed.filter(pl.col("month").is_in(months))), maturity)


def _yardstick(portfolio: Portfolio, champion: Champion | None) -> list[pl.DataFrame]:
    if champion is None:
        return []
    rows = champion.accepted
    y, p = rows["target"].to_numpy().astype(np.int64), rows["probability"].to_numpy()
    found = measures_of(y, p, portfolio.costs, portfolio.economics)
    if not y.size:
        found = [Measure(measure=one.measure, said="the champion accepts nobody of the holdout") for one in found]
    return [_rows(found, champion.digest, HOLDOUT, YARDSTICK)]


@dataclass(frozen=True, kw_only=True)
class _Context:
    """What every group is measured with."""

    portfolio: Portfolio
    champion: Champion | None
    trust: Recalibration | str
    """How true the champion's probabilities are."""
    seed: int

    def trust_in(self, model: str) -> Recalibration | str:
        """How true the probabilities of `model` are."""
        return self.trust if self.champion is not None and model == self.champion.digest else _OTHER_MODEL


def _groups(context: _Context, followed: pl.DataFrame, months: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Rows of each model and month, then of each model's mature months together."""
    for model in months["model_digest"].unique(maintain_order=True):
        own = followed.filter(pl.col("model_digest") == model)
        mature: list[str] = []
        for row in months.filter(pl.col("model_digest") == model).iter_rows(named=True):
            group, counts = own.filter(pl.col("month") == row["month"]), row["state"] == MATURE
            mature += [row["month"]] * counts
            yield from _group(context, group, (model, row["month"]), None if counts else row["state"])
        together = own.filter(pl.col("month").is_in(mature))
        yield from _group(context, together, (model, ALL_MATURE), None if mature else "no mature month yet")


def _group(context: _Context, group: pl.DataFrame, name: tuple[str, str], said: str | None) -> Iterator[pl.DataFrame]:
    """Rows of one group of decisions.

    Args:
        context: what to measure with.
        group: decisions of one model.
        name: digest of the model, and what the group is called.
        said: why its outcomes do not count; None when they do.
    """
    portfolio, loans = context.portfolio, granted(group)
    known = resolved(loans, portfolio.monitoring.maturity_months).filter(pl.lit(said is None))
    y, p = known["defaulted"].to_numpy().astype(np.int64), known["probability"].to_numpy()
    found = measures_of(y, p, portfolio.costs, portfolio.economics)
    if said is not None:
        found = [Measure(measure=one.measure, said=said) for one in found]
    yield _rows([_acceptance(group, loans)], *name, DECIDED)
    yield _rows(found, *name, OUTCOMES)
    # What came is compared with what was to be expected of the very loans whose outcome is known.
    whom = loans if said is not None else known
    everybody = group.filter(pl.col("decision").is_in([ACCEPTED, REFUSED]))
    yield _rows(_expected(whom, everybody, context, name[0]), *name, EXPECTED)
    refused = group.filter(pl.col("decision") == REFUSED)["probability"].to_numpy()
    yield _rows(_bounds(y, p, refused, portfolio, said), *name, BOUNDS)


def _acceptance(group: pl.DataFrame, loans: pl.DataFrame) -> Measure:
    if group.is_empty():
        return Measure(measure="acceptance_rate", said="no mature month yet")
    return Measure(measure="acceptance_rate", value=loans.height / group.height, loans=loans.height)


def _expected(loans: pl.DataFrame, everybody: pl.DataFrame, context: _Context, model: str) -> list[Measure]:
    """Of the loans AUC and default rate; of everybody decided, refused ones included, the cost."""

    def ask(rows: pl.DataFrame) -> Expected:
        refused = (rows["decision"] == REFUSED).to_numpy()
        p, trust = rows["probability"].to_numpy(), context.trust_in(model)
        return expected_of(p, refused, trust, context.portfolio.costs, seed=context.seed)

    of_loans, of_all = ask(loans), ask(everybody)
    return [
        _interval("auc", of_loans.auc, of_loans),
        _interval("default_rate", of_loans.default_rate, of_loans),
        _interval("cost_per_applicant", of_all.cost_per_applicant, of_all),
    ]


def _interval(name: str, found: Interval | None, whole: Expected) -> Measure:
    if found is None:
        return Measure(measure=name, loans=whole.applicants, said=whole.said)
    return Measure(
        measure=name, value=found.estimate, low=found.low, high=found.high, loans=whole.applicants, said="expected"
    )


def _bounds(y: Any, p: Any, refused: Any, portfolio: Portfolio, said: str | None) -> list[Measure]:
    """From the best to the worst that refused applicants could make of a figure; there is no middle."""
    rows = []
    for one in bounds_of(y, p, refused, portfolio.costs):
        ends = sorted(end for end in (one.if_all_default, one.if_all_repay) if end is not None)
        low, high = (ends[0], ends[-1]) if ends else (None, None)
        words = said or (one.said if not ends else f"{refused.size:,} refused: if all default, if all repay")
        rows.append(Measure(measure=one.measure, low=low, high=high, loans=int(y.size), said=words))
    return rows


def _rows(found: list[Measure], model: str, month: str, basis: str) -> pl.DataFrame:
    return to_frame(found, model_digest=model, month=month, basis=basis)


_OTHER_MODEL = "it decided with another model than the champion, whose holdout is not at hand."
COLUMNS: dict[str, Any] = {"model_digest": pl.String, "month": pl.String, "basis": pl.String, **SCHEMA}
"""Columns of `Performance.measures`."""
