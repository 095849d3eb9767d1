"""Whom a challenger would decide about otherwise than the champion: on the holdout, and on live decisions.

What is here: bringing together what both scored, out of stored tables and out of the decision log.
What to add here: another set of applicants that both models score.
What must not be here: what a swap set is (`credit_platform.governance.swap_set`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl

from credit_platform.errors import DecisionLogError
from credit_platform.governance.decision import PromotionDecision
from credit_platform.governance.records import SwapSetRecord
from credit_platform.governance.swap_set import COLUMNS, SwapSet, sentence, swap_set
from credit_platform.lakehouse import StoredTable
from credit_platform.modelling.records import ScorerRecord
from credit_platform.monitoring.decision_log import Comparison, DecisionStore, ShadowLog
from credit_platform.monitoring.decision_log.database import sqlite_file
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.rule import decided
from credit_platform.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A swap set, or why there is none; and a sentence for the record either way."""

    found: SwapSet | None
    sentence: str


def on_holdout(portfolio: Portfolio, champion: StoredTable | None, challenger: StoredTable) -> Compared:
    """Compare on the holdout applicants that both scored, with the outcomes that are known of them.

    Args:
        portfolio: whose models they are.
        champion: the table `serving/promoted_model`; None before the first promotion.
        challenger: the table `models/scorer`.
    """
    if champion is None:
        return Compared(found=None, sentence="There is no champion yet, so there is nobody to swap.")
    if ScorerRecord.of(champion).digest == ScorerRecord.of(challenger).digest:
        return Compared(found=None, sentence="The challenger is the champion, so there is nobody to swap.")
    key = portfolio.applicant_key
    ours, theirs = (_scored(model, name, key) for model, name in ((challenger, "challenger"), (champion, "champion")))
    both = ours.join(theirs.drop("target"), on="applicant", how="inner", maintain_order="left").collect()
    if both.is_empty():
        return Compared(found=None, sentence="Champion and challenger have no holdout applicant in common.")
    found = swap_set(both, portfolio.costs)
    return Compared(found=found, sentence=sentence(found, "holdout applicants"))


def on_live_decisions(portfolio: Portfolio, settings: Settings, champion: str | None, challenger: str) -> Compared:
    """Compare on decisions at which the challenger scored along (shadow mode); no trouble with the log is an error.

    Args:
        portfolio: whose decisions.
        settings: where the decision log is.
        champion: digest of the scorer that answers; None before the first promotion.
        challenger: digest of the scorer that scored along.
    """
    none = Compared(
        found=None, sentence="The decision log holds no live decision at which this challenger scored along."
    )
    if champion is None:
        return none
    try:
        rows = live_pairs(settings, portfolio, champion=champion, challenger=challenger)
    except DecisionLogError as error:
        return Compared(found=None, sentence=f"Live decisions could not be compared: {error.what}")
    if rows.is_empty():
        return none
    found = swap_set(rows.drop("decided_at"), portfolio.costs)
    return Compared(found=found, sentence=sentence(found, "live decisions"))


def with_live_swaps(decision: PromotionDecision, portfolio: Portfolio, settings: Settings) -> PromotionDecision:
    """The record with the live decisions that the challenger has scored along since the gate judged it."""
    champion = None if decision.champion is None else decision.champion.digest
    live = on_live_decisions(portfolio, settings, champion, decision.challenger.digest)
    known = dict(decision.swap_set)
    known["sentences"] = {**known.get("sentences", {}), "live": live.sentence}
    known["live"] = None if live.found is None else live.found.to_dict()
    return replace(decision, swap_set=known)


def live_pairs(
    settings: Settings,
    portfolio: Portfolio,
    *,
    champion: str,
    challenger: str,
    since: datetime | None = None,
    until: datetime | None = None,
) -> pl.DataFrame:
    """Decisions that two scorers were asked for, by digest: `applicant` is the request id, and `decided_at`.

    Raises:
        DecisionLogError: the log cannot be read.
    """
    log = open_shadow_log(settings)
    found = (
        ()
        if log is None
        else log.pairs(portfolio.name, champion=champion, challenger=challenger, since=since, until=until)
    )
    return pl.DataFrame([asdict(pair) for pair in found], schema=_PAIRS).rename({"request_id": "applicant"})


@dataclass(frozen=True, kw_only=True)
class LiveSwapSet:
    """A swap set of live decisions, of which two models, and which others the log could compare."""

    pair: Comparison
    found: SwapSet
    others: tuple[Comparison, ...]


def live_swap_set(
    settings: Settings,
    portfolio: Portfolio,
    *,
    champion: str | None = None,
    challenger: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    largest: int = 10,
) -> LiveSwapSet:
    """Compare the newest two models that scored the same decisions, or those whose digests begin as given.

    Raises:
        DecisionLogError: the log cannot be read, or holds no such decision.
    """
    log = open_shadow_log(settings)
    known = [] if log is None else log.comparisons(portfolio.name)
    fitting = (
        one for one in known if one.champion.startswith(champion or "") and one.challenger.startswith(challenger or "")
    )
    pair = next(fitting, None)
    if pair is None:
        wanted = " of these models" if champion or challenger else ""
        raise DecisionLogError(
            f"The decision log holds no decision of {portfolio.name}{wanted} at which a challenger scored along.",
            f"credit-platform serve {portfolio.name} --shadow FOLDER, or --shadow challenger, lets one score along.",
        )
    rows = live_pairs(settings, portfolio, champion=pair.champion, challenger=pair.challenger, since=since, until=until)
    if rows.is_empty():
        raise DecisionLogError("No decision of that time was scored along.", "Name another time.")
    found = swap_set(rows, portfolio.costs, most=largest)
    return LiveSwapSet(pair=pair, found=found, others=tuple(one for one in known if one != pair))


def open_shadow_log(settings: Settings) -> ShadowLog | None:
    """The log of what challengers said; None where there is no decision log yet, and reading would make one.

    Raises:
        DecisionLogError: its URL cannot be used.
    """
    store = DecisionStore(settings.decision_log)
    file = sqlite_file(store.engine)
    return None if file is not None and not file.is_file() else ShadowLog(store)


def swap_set_record(challenger: str, champion: str | None, holdout: Compared, live: Compared) -> SwapSetRecord:
    """Both comparisons as what to store, with the digests of both models."""
    both = {"holdout": holdout, "live": live}
    found = {name: None if one.found is None else one.found.to_dict() for name, one in both.items()}
    return SwapSetRecord(
        digest=challenger,
        champion=champion,
        sentences={name: one.sentence for name, one in both.items()},
        holdout=found["holdout"],
        live=found["live"],
    )


def swap_set_rows(holdout: Compared, live: Compared) -> pl.DataFrame:
    """Cells of both swap sets with their `basis`; no rows where nothing could be compared."""
    return pl.concat([_rows(basis, one.found) for basis, one in (("holdout", holdout), ("live", live))])


def _rows(basis: str, found: SwapSet | None) -> pl.DataFrame:
    if found is None:
        return pl.DataFrame(schema=_ROWS)
    return found.table.select(pl.lit(basis).alias("basis"), *(pl.col(name) for name in _ROWS if name != "basis"))


def _scored(model: StoredTable, name: str, key: str) -> pl.LazyFrame:
    return model.frame.select(
        pl.col(key).cast(pl.String).alias("applicant"),
        "target",
        pl.col("probability").alias(f"{name}_probability"),
        decided(pl.col("probability"), ScorerRecord.of(model).rule.threshold).alias(f"{name}_decision"),
    )


_PAIRS: dict[str, Any] = {
    "request_id": pl.String,
    "decided_at": pl.Datetime("us", "UTC"),
    **{name: pl.Float64 if name.endswith("probability") else pl.String for name in COLUMNS},
}
_ROWS: dict[str, Any] = {
    "basis": pl.String,
    "cell": pl.String,
    "applicants": pl.Int64,
    "share": pl.Float64,
    "champion_mean_pd": pl.Float64,
    "challenger_mean_pd": pl.Float64,
    "expected_by_champion": pl.Float64,
    "expected_by_challenger": pl.Float64,
    "defaults": pl.Int64,
    "cost_difference": pl.Float64,
}
