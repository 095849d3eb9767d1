"""`credit-platform demo`: from raw files to decisions over HTTP for each portfolio, and a summary of what was made.

What is here: the order of it, and what is said on the way.
What must not be here: what is shown and asked (`local/demonstration.py`), how results are printed (`demo_summary.py`).
"""

from __future__ import annotations

import time

from rich.console import Console

from credit_platform.cli.demo_summary import (
    print_places,
    print_portfolio,
    print_summary,
    print_warnings,
    print_week,
)
from credit_platform.cli.generate import write_files
from credit_platform.lakehouse import Lakehouse
from credit_platform.local.demonstration import DEMONSTRATIONS, SEED, Demonstration, Shown, ask
from credit_platform.local.side_by_side import PlannedRun, run_side_by_side
from credit_platform.local.watched_week import WATCHED, week_of
from credit_platform.serving.freshness import is_current
from credit_platform.settings import Settings


def run_demo(settings: Settings) -> bool:
    """Show each portfolio; return whether all runs ended well and every decision came out as expected."""
    console, started, shown = Console(), time.monotonic(), list[Shown]()
    usable = [each for each in DEMONSTRATIONS if _has_raw_files(each, settings, console)]
    due = [each for each in usable if _is_due(each, settings, console)]
    planned = [PlannedRun(portfolio=each.portfolio, settings=each.restricted) for each in due]
    if not run_side_by_side(planned, settings, console):
        return False
    for demonstration in usable:
        portfolio, own = demonstration.declared, demonstration.settings(settings)
        lakehouse = Lakehouse(own.lakehouse_root)
        console.rule(portfolio.title)
        shown.append(Shown(portfolio, lakehouse, ask(portfolio, lakehouse, own)))
        print_portfolio(shown[-1], console)
    for each in shown:
        if each.portfolio.name == WATCHED and not _watch_week(each, settings, console):
            return False
    if shown:
        print_summary(shown, console)
        print_places([each.portfolio for each in shown], settings, console)
        print_warnings(settings, console)
    console.print(f"Done in {time.monotonic() - started:.0f} s.")
    return all(each.is_as_expected for each in shown)


def _watch_week(shown: Shown, settings: Settings, console: Console) -> bool:
    """Let simulated applicants of a week be decided about and watched; whether that went well."""
    console.rule(f"{shown.portfolio.title}: a week that is watched")
    week = week_of(shown.portfolio, shown.lakehouse, settings)
    if isinstance(week, str):
        console.print(week)
        return True
    if not week.watched:
        watching = PlannedRun(portfolio=shown.portfolio.name, monitoring=True)
        if not run_side_by_side([watching], settings, console):
            return False
    print_week(shown.portfolio, week, settings, console)
    return True


def _has_raw_files(demonstration: Demonstration, settings: Settings, console: Console) -> bool:
    """Whether there is something small to run on; makes it where there is nothing."""
    found, folder = demonstration.raw_files(settings), demonstration.raw_folder(settings)
    if found in {"real", "other generated"}:
        console.print(
            f"{folder} holds {found} files; the demonstration leaves them alone and skips "
            f"{demonstration.declared.title}. Run them: credit-platform run {demonstration.portfolio}",
            highlight=False,
        )
        return False
    if found == "to be made" and demonstration.scale is not None:
        report = write_files(demonstration.portfolio, folder, console, scale=demonstration.scale, seed=SEED)
        rows = sum(report.rows.values())
        said = f"Synthetic files in {folder}: {rows:,} rows, {report.bytes / 1e6:,.0f} MB."
        console.print(said, highlight=False, markup=False)
    return True


def _is_due(demonstration: Demonstration, settings: Settings, console: Console) -> bool:
    """Whether the portfolio has to run; says so where it has not, or not in full."""
    portfolio = demonstration.declared
    if is_current(portfolio, demonstration.settings(settings)):
        console.print(f"{portfolio.title}: files, code and settings have not changed; using what is there.")
        return False
    if demonstration.restriction:
        console.print(f"{portfolio.title}: {demonstration.restriction}", highlight=False)
    return True
