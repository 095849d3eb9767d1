"""Who trains, who is held out, and who is in which fold.

What is here: `split` and `thin` (a sample of a split), functions of applicant ids, targets and a seed; the order of
rows and other applicants' arrival change nothing about who is held out.
What to add here: another rule, such as a holdout of the latest loans.
What must not be here: training.
"""

from __future__ import annotations

import hashlib

import polars as pl

from credit_platform.errors import ModellingError
from credit_platform.features.decided import DECIDED, ORIGIN, has_decided
from credit_platform.portfolios.portfolio import Portfolio

HOLDOUT = -1
"""Fold number of applicants that no fitting may see."""
HOLDOUT_SHARE = 0.2
"""Expected share of applicants held out."""


def split(
    frame: pl.DataFrame, portfolio: Portfolio, *, holdout_share: float = HOLDOUT_SHARE, folds: int = 5, seed: int
) -> pl.DataFrame:
    """Assign each applicant with a known outcome to the holdout or to a fold.

    An applicant is held out when the SHA-256 of their id falls below `holdout_share`: the seed has no say, and an
    applicant held out today is held out when a million others have joined. The rest is dealt to folds class by class
    in the order of a seeded hash, so each fold has the same number of defaults, give or take one.

    Args:
        frame: has the portfolio's applicant key and target; rows without a target are left out. Of decided applicants
            (`features/decided.py`) nobody is held out: the holdout stays the same people, so that models of before and
            after are compared on the same yardstick; and whoever is of a raw file stays in their fold.
        portfolio: names the columns.
        holdout_share: expected share of applicants held out, from 0 (included) to 1.
        folds: number of folds, 2 or more.
        seed: of the folds.

    Returns:
        The applicant key (name and type as in `frame`), `target` (int8) and `fold` (int8; `HOLDOUT` for the holdout),
        sorted by key.

    Raises:
        ModellingError: ids are null or double, a target is neither 0 nor 1, or a class has fewer rows than folds.
        ValueError: `holdout_share` or `folds` is out of range.
    """
    if not 0 <= holdout_share < 1 or folds < 2:  # noqa: PLR2004  # one fold leaves nothing to train on
        raise ValueError("holdout_share must lie in [0, 1) and folds be at least 2.")
    key = portfolio.applicant_key
    decided = pl.col(ORIGIN) == DECIDED if has_decided(frame) else pl.lit(value=False)
    columns = frame.select(key, target=pl.col(portfolio.target), decided=decided)
    known = columns.filter(pl.col("target").is_not_null()).sort(key)
    _check(known, portfolio)
    ids = known[key].cast(pl.String).to_list()
    hashed = known.with_columns(
        target=pl.col("target").cast(pl.Int8),
        held_out=held_out(known[key], portfolio, holdout_share=holdout_share) & ~known["decided"],
        order=pl.Series([_uniform(f"{seed}:{portfolio.name}:{value}") for value in ids], dtype=pl.Float64),
    )
    rank = pl.struct("order", key).rank("ordinal").over("held_out", "decided", "target") - 1
    assigned = hashed.with_columns(
        fold=pl.when("held_out").then(pl.lit(HOLDOUT)).otherwise(rank % folds).cast(pl.Int8)
    ).select(key, "target", "fold")
    _check_folds(assigned, folds)
    return assigned


def thin(assigned: pl.DataFrame, portfolio: Portfolio, most: int, *, seed: int) -> pl.DataFrame:
    """A split with at most about `most` applicants outside the holdout; folds and outcomes keep their proportions.

    Who stays is decided by a seeded hash of the applicant's id. A split that is small enough comes back as it is.
    """
    training = assigned.filter(pl.col("fold") != HOLDOUT)
    if training.height <= most:
        return assigned
    key = portfolio.applicant_key
    ids = assigned[key].cast(pl.String).to_list()
    order = pl.Series([_uniform(f"thin:{seed}:{portfolio.name}:{value}") for value in ids], dtype=pl.Float64)
    share = most / training.height
    cell = pl.col("order").rank("ordinal").over("fold", "target")
    kept = (pl.col("fold") == HOLDOUT) | (cell <= (pl.len().over("fold", "target") * share).ceil())
    return assigned.with_columns(order=order).filter(kept).drop("order")


def held_out(keys: pl.Series, portfolio: Portfolio, *, holdout_share: float = HOLDOUT_SHARE) -> pl.Series:
    """Whether each applicant of `keys` is in the holdout: a matter of the key alone."""
    ids = keys.cast(pl.String).to_list()
    return pl.Series([_uniform(f"{portfolio.name}:{value}") < holdout_share for value in ids], dtype=pl.Boolean)


def _uniform(text: str) -> float:
    """A number in [0, 1) that depends on `text` only, on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big") / 2**56


def _check(known: pl.DataFrame, portfolio: Portfolio) -> None:
    keys = known[portfolio.applicant_key]
    if keys.null_count() or keys.n_unique() < len(keys):
        raise ModellingError(
            f"{portfolio.applicant_key} is null or occurs more than once in the feature table of {portfolio.name}.",
            "Look at the primary-key check of the training table and build the features again.",
        )
    wrong = known.filter(~pl.col("target").is_in([0, 1])).height
    if wrong:
        raise ModellingError(
            f"{wrong} values of {portfolio.target} are neither 0 nor 1.", "Mend the target's contract or its cleaning."
        )


def _check_folds(assigned: pl.DataFrame, folds: int) -> None:
    training = assigned.filter(pl.col("fold") != HOLDOUT)
    for value, name in ((1, "defaulted"), (0, "repaid")):
        count = training.filter(pl.col("target") == value).height
        if count < folds:
            raise ModellingError(
                f"Only {count} applicants outside the holdout {name}, too few for {folds} folds.",
                "Give more data, or use fewer folds.",
            )
