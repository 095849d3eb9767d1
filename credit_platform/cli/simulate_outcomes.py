"""`credit-platform simulate --outcomes`: what became of simulated loans, as a lender's file would say.

What is here: what is printed.
What must not be here: who defaults (`credit_platform.simulation.truth`).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from rich.console import Console

from credit_platform.errors import SettingError
from credit_platform.lakehouse.raw_files import raw_address
from credit_platform.monitoring.decision_log import DecisionStore, Filter
from credit_platform.monitoring.decision_log.database import sqlite_file
from credit_platform.portfolios import all_portfolios, get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.simulation.truth import DELAY_DAYS, make_world, outcome_rows, write_outcomes


def simulate_outcomes(
    settings: Settings,
    *,
    portfolio: str | None,
    drift: str | None = None,
    seed: int = 7,
    months: int | None = None,
    screen: Console | None = None,
) -> Path | None:
    """Write what became of the accepted decisions of a portfolio, and say so.

    Args:
        settings: say where the decision log and the folder for outcomes are.
        portfolio: whose loans; by default those of the only portfolio in the log.
        drift: name of a change in what applicants do.
        seed: the same seed gives every loan the same fate.
        months: pretend that every loan is so old.
        screen: where to print.

    Returns:
        The file; None where no loan is old enough, and then nothing was written.

    Raises:
        SettingError: the log holds decisions of several portfolios, or of none.
        GenerationError: there is no such drift.
        DecisionLogError: the log cannot be read.
    """
    screen = screen or Console()
    store = DecisionStore(settings.decision_log)
    declared = _chosen(store, portfolio)
    world = make_world(declared, seed=seed, concept=drift)
    today = datetime.now(declared.monitoring.zone).date()
    rows = outcome_rows(store.each(Filter(portfolio=declared.name)), world, declared, today, months)
    if rows.is_empty():
        screen.print(
            f"No accepted loan of {declared.title} is a month old and told of (which takes {DELAY_DAYS} days more), so "
            "nothing was written. Pretend that they are older: --months 12.",
            highlight=False,
        )
        return None
    file = write_outcomes(rows, settings, declared)
    loans, defaults = rows["request_id"].n_unique(), int(rows["defaulted"].sum())
    pretended = f" as if they were {months} months old" if months is not None else ""
    screen.print(
        f"{loans:,} loans of {declared.title}{pretended}, of which {defaults:,} defaulted: {rows.height:,} synthetic "
        f"rows in {raw_address(settings, declared, file)}. Read them: credit-platform run {declared.name} --monitoring",
        highlight=False,
        soft_wrap=True,
    )
    return file


def _chosen(store: DecisionStore, name: str | None) -> Portfolio:
    if name is not None:
        return get_portfolio(name)
    file = sqlite_file(store.engine)
    there = [] if file is not None and not file.is_file() else all_portfolios()
    found = [one for one in there if store.count(Filter(portfolio=one.name))]
    if len(found) == 1:
        return found[0]
    if not found:
        raise SettingError(
            "The decision log holds no decision, so there is no loan to speak of.",
            "Send applicants first: credit-platform simulate.",
        )
    raise SettingError(
        f"The decision log holds decisions of {', '.join(one.name for one in found)}.", "Choose one with --portfolio."
    )
