"""`credit-platform demo`: from raw files to decisions over HTTP for each portfolio, and a summary of what was made.

What is here: which portfolios are shown and how much of each, running them or using what is there, asking their
services.
What to add here: a portfolio to show.
What must not be here: how things are printed (`demo_summary.py`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from credit_platform.cli.demo_summary import Shown, print_places, print_portfolio, print_summary
from credit_platform.cli.generate import write_files
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.raw_files import has_files, raw_folder
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.local.side_by_side import PlannedRun, run_side_by_side
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.generator import SYNTHETIC_MARKER
from credit_platform.portfolios.keys import bento_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.serving.freshness import is_current
from credit_platform.serving.local.service_process import start_service
from credit_platform.serving.records import BentoRecord
from credit_platform.serving.service_client import Asked
from credit_platform.settings import Settings

EXPECTED = ("accepted", "refused")
"""The demonstration asks for one decision of each kind, by the portfolio's examples of these names."""
SEED = 7


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """How much of a portfolio is shown."""

    portfolio: str
    scale: float | None = None
    """Size of the files to generate, relative to the real ones; None where files ship with the package."""
    restricted: Mapping[str, Any] = field(default_factory=dict)
    """Settings that keep it short."""
    restriction: str = ""
    """What they leave out, as a sentence for whoever watches."""


DEMONSTRATIONS = (
    Demonstration(portfolio="german_credit"),
    Demonstration(
        portfolio="home_credit",
        scale=0.01,
        restricted={
            "raw": None,
            "profile": "quick",
            "candidates": ("logistic_regression", "lightgbm"),
            "tuning_trials": 2,
        },
        restriction=(
            "To stay short: files of 1 % of the real size, two of the candidates, two tuning trials. "
            "`credit-platform run home_credit` compares all of them."
        ),
    ),
)


def run_demo(settings: Settings) -> bool:
    """Show each portfolio; return whether all runs ended well and every decision came out as expected."""
    console, started, shown = Console(), time.monotonic(), list[Shown]()
    usable = [(each, _of(each, settings)) for each in DEMONSTRATIONS if _has_raw_files(each, settings, console)]
    due = [each for each, own in usable if _is_due(each, own, console)]
    planned = [PlannedRun(portfolio=each.portfolio, settings=each.restricted) for each in due]
    if not run_side_by_side(planned, settings, console):
        return False
    for demonstration, own in usable:
        portfolio, lakehouse = get_portfolio(demonstration.portfolio), Lakehouse(own.lakehouse_root)
        console.rule(portfolio.title)
        shown.append(Shown(portfolio, lakehouse, _ask(portfolio, lakehouse, own)))
        print_portfolio(shown[-1], console)
    if shown:
        print_summary(shown, console)
        print_places([each.portfolio for each in shown], settings, console)
    console.print(f"Done in {time.monotonic() - started:.0f} s.")
    return all(each.answers[kind]["decision"] == kind for each in shown for kind in EXPECTED)


def _of(demonstration: Demonstration, settings: Settings) -> Settings:
    """Settings of its run."""
    return settings.model_copy(update=dict(demonstration.restricted))


def _has_raw_files(demonstration: Demonstration, settings: Settings, console: Console) -> bool:
    """Whether there is something small to run on; makes it where that harms nobody's files."""
    if demonstration.scale is None:
        return True
    portfolio = get_portfolio(demonstration.portfolio)
    folder = raw_folder(_of(demonstration, settings), portfolio)
    if has_files(folder, portfolio):
        mark = _mark(folder)
        if mark is None or mark.get("finished", True):
            return _is_ours(mark, demonstration, portfolio, folder, console)
    report = write_files(portfolio.name, folder, console, scale=demonstration.scale, seed=SEED)
    rows = sum(report.rows.values())
    said = f"Synthetic files in {folder}: {rows:,} rows, {report.bytes / 1e6:,.0f} MB."
    console.print(said, highlight=False, markup=False)
    return True


def _mark(folder: Path) -> dict[str, Any] | None:
    marker = folder / SYNTHETIC_MARKER
    return json.loads(marker.read_text(encoding="utf-8")) if marker.exists() else None


def _is_ours(
    mark: Mapping[str, Any] | None,
    demonstration: Demonstration,
    portfolio: Portfolio,
    folder: Path,
    console: Console,
) -> bool:
    """Whether the files are those of an earlier demonstration; others are left alone, for they may be large."""
    if mark is not None and (mark["scale"], mark["seed"]) == (demonstration.scale, SEED):
        return True
    whose = "real" if mark is None else "other generated"
    console.print(
        f"{folder} holds {whose} files; the demonstration leaves them alone and skips {portfolio.title}. "
        f"Run them: credit-platform run {portfolio.name}",
        highlight=False,
    )
    return False


def _is_due(demonstration: Demonstration, settings: Settings, console: Console) -> bool:
    """Whether the portfolio has to run; says so where it has not, or not in full."""
    portfolio = get_portfolio(demonstration.portfolio)
    if is_current(portfolio, settings):
        console.print(f"{portfolio.title}: files, code and settings have not changed; using what is there.")
        return False
    if demonstration.restriction:
        console.print(f"{portfolio.title}: {demonstration.restriction}", highlight=False)
    return True


def _ask(portfolio: Portfolio, lakehouse: Lakehouse, settings: Settings) -> dict[str, dict[str, Any]]:
    """Start the service on a free port, ask it once per example (with its histories, where it has any), stop it."""
    bento = BentoRecord.of(lakehouse.read(bento_key(portfolio.name))).brought(Shelf.of(settings))
    histories = portfolio.example_histories
    with start_service(bento, settings=settings) as service:
        return {
            kind: service.client.predict(Asked(portfolio.examples[kind], histories=histories.get(kind)))
            for kind in EXPECTED
        }
