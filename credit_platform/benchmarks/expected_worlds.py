"""Generating processes by which expected performance is tested: applicants, a score that is not quite true, a shift.

What is here: `WORLDS`, `World` and what it draws.
What to add here: a process that no interval was chosen by.
What must not be here: asking for intervals (`expected_jobs.py`), the name of a column of a portfolio.

A world knows the true probability of everybody, so outcomes are thrown anew each time. Under the shift other people
apply, and people with the same features do what they always did. In made-up margins the score knows all that the shift
changes; in the portfolios it does not: a model of the portfolio's features, trained on outcomes of its truth, is never
quite right about people of whom there were few.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from credit_platform.features import build_features
from credit_platform.files import literal
from credit_platform.modelling.calibration import fit_platt
from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.metrics import Floats
from credit_platform.portfolios import get_generator, get_portfolio, get_truth
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.calibration import sigmoid
from credit_platform.simulation.drifts import DRIFTS, shifted

Chance = np.random.Generator
_SEED = 7
_LEAST = 5_000
"""Applicants to learn from, at least: of few people each is taken several times, each time with another outcome."""
_LEARNT, _FITTED = 0.5, 0.7
"""Shares of the people who are learnt from, and of those whom the model is fitted on; the others calibrate it."""


@dataclass(frozen=True, kw_only=True)
class World:
    """Who applies: `(chance, how many)` to scores and true probabilities."""

    before: Callable[[Chance, int], tuple[Floats, Floats]]
    """Those of the holdout."""
    after: Mapping[str, Callable[[Chance, int], tuple[Floats, Floats]]]
    """Those who apply later, by the name of the shift."""


def _margins(
    score: Callable[[Floats], Floats],
    truth: Callable[[Floats], Floats],
    drawn: Callable[[Chance, int], Floats],
    moved: Mapping[str, tuple[float, float]],
) -> World:
    """A world of one number: `moved` names how much is added to it, and by what it is multiplied."""

    def at(plus: float, times: float, chance: Chance, size: int) -> tuple[Floats, Floats]:
        values = plus + times * drawn(chance, size)
        return score(values), truth(values)

    return World(before=partial(at, 0.0, 1.0), after={name: partial(at, *by) for name, by in moved.items()})


def _overconfident() -> World:
    """Scores half as extreme again as they should be, and too low; normal."""
    return _margins(
        lambda x: sigmoid(1.4 * x + 0.6),
        sigmoid,
        lambda chance, size: chance.normal(-2.5, 1.0, size),
        {"riskier": (0.6, 1.0), "safer": (-0.6, 1.0), "more of a kind": (-0.75, 0.7)},
    )


def _long_tails() -> World:
    """A few applicants of whom the score is very sure, wrongly; Student's t."""
    return _margins(
        sigmoid,
        lambda x: sigmoid(-2.4 + 0.8 * (x + 2.4)),
        lambda chance, size: np.clip(-2.4 + 0.8 * chance.standard_t(4, size), -9.0, 9.0),
        {"riskier": (0.5, 1.0), "more diverse": (0.6, 1.25)},
    )


def _another_link() -> World:
    """The truth is no parabola of the score's log-odds: complementary log-log."""
    return _margins(
        sigmoid,
        lambda x: 1.0 - np.exp(-np.exp(np.clip(x, -30.0, 3.0))),
        lambda chance, size: chance.normal(-2.2, 1.2, size),
        {"riskier": (0.7, 1.0), "safer": (-0.7, 1.0)},
    )


def _two_kinds() -> World:
    """New and returning applicants; the share of the new ones grows from three to six of ten."""

    def at(share: float, chance: Chance, size: int) -> tuple[Floats, Floats]:
        new = chance.random(size) < share
        margin = np.where(new, chance.normal(-1.6, 0.6, size), chance.normal(-3.0, 0.9, size))
        return sigmoid(0.9 * margin - 0.1), sigmoid(margin)

    return World(before=partial(at, 0.3), after={"more new ones": partial(at, 0.6)})


def _portfolio(name: str) -> World:
    """Applicants of a portfolio, shifted as `simulate --drift` does; its truth; LightGBM trained on half of them."""
    portfolio, truth = get_portfolio(name), get_truth(name)
    with tempfile.TemporaryDirectory() as scratch:
        tables = _tables(portfolio, Path(scratch))
        frames = {shift: _features(portfolio, tables, shift) for shift in ("", *DRIFTS[name])}
    chance = np.random.default_rng(_SEED)
    odds = {shift: np.array([truth.log_odds(row) for row in frame.to_dicts()]) for shift, frame in frames.items()}
    learnt = chance.random(frames[""].height) < _LEARNT
    candidate = get_candidate("lightgbm")
    rows = np.tile(np.flatnonzero(learnt), max(1, _LEAST // int(learnt.sum())))
    y = (chance.random(rows.size) < sigmoid(odds[""][rows])).astype(np.int8)
    fold = chance.random(rows.size) < _FITTED
    fitted = candidate.fit(
        frames[""][rows[fold]], y[fold], portfolio.features, candidate.default_params(), seed=_SEED, threads=1
    )
    calibrator = fit_platt(fitted.margin(frames[""][rows[~fold]]), y[~fold])
    scores = {shift: calibrator.probability(fitted.margin(frame)) for shift, frame in frames.items()}

    def at(shift: str, chance: Chance, size: int) -> tuple[Floats, Floats]:
        drawn = chance.choice(np.flatnonzero(~learnt), size)
        return scores[shift][drawn], sigmoid(odds[shift][drawn])

    return World(before=partial(at, ""), after={shift: partial(at, shift) for shift in DRIFTS[name]})


def _tables(portfolio: Portfolio, scratch: Path) -> dict[str, pl.DataFrame]:
    """Raw tables: those that ship with the package, else small generated ones."""
    folder = portfolio.bundled_raw
    if folder is None:
        folder = scratch / "raw"
        generator = get_generator(portfolio.name)
        generator.generate(folder, scale=0.01, seed=_SEED, drift=(), defects=(), progress=None)
    read = {}
    for table in portfolio.tables:
        types = {column.name: getattr(pl, column.type.value.capitalize()) for column in table.columns}
        read[table.name] = literal.read_csv(folder / table.file_name, schema_overrides=types)
    return read


def _features(portfolio: Portfolio, tables: Mapping[str, pl.DataFrame], shift: str) -> pl.DataFrame:
    """The feature table of training applicants, their applications shifted; the same people in the same order."""
    applications = tables[portfolio.training_table]
    if shift:
        chance = random.Random(_SEED)  # noqa: S311  # a simulation, no secret
        rows: Sequence[dict[str, Any]] = applications.to_dicts()
        moved = [shifted(row, DRIFTS[portfolio.name][shift].shifts, portfolio, chance) for row in rows]
        applications = pl.DataFrame(moved, schema=applications.schema)
    given = {**tables, portfolio.training_table: applications}
    built = build_features(portfolio, {name: table.lazy() for name, table in given.items()}).collect()
    built = built.filter(pl.col(portfolio.target).is_not_null())
    return built.sort(portfolio.applicant_key).drop(portfolio.applicant_key)


WORLDS: Mapping[str, Callable[[], World]] = {
    "overconfident": _overconfident,
    "long tails": _long_tails,
    "another link": _another_link,
    "two kinds": _two_kinds,
    "german_credit": partial(_portfolio, "german_credit"),
    "home_credit": partial(_portfolio, "home_credit"),
}
"""By name; a portfolio's takes seconds to make."""
