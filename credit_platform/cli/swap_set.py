"""`credit-platform decisions swap-set`: whom a challenger in shadow mode would have decided about otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from credit_platform.cli.options import in_utc, read_settings

if TYPE_CHECKING:
    from credit_platform.governance.swap_set import SwapSet
    from credit_platform.monitoring.decision_log import Comparison


def show_swap_set(
    portfolio: Annotated[str, typer.Argument(help="Portfolio: german_credit, …", show_default=False)],
    *,
    champion: Annotated[str | None, typer.Option(help="Version of the model that answered; the newest pair's.")] = None,
    challenger: Annotated[str | None, typer.Option(help="Version of the one that scored along.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Decided from this moment on (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(help="Decided before this moment (UTC).")] = None,
    largest: Annotated[int, typer.Option(min=0, help="Largest differences to print.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Compare champion and challenger on the live decisions that both scored (shadow mode)."""
    from credit_platform.governance.swap_set import sentence
    from credit_platform.monitoring.swap_sets import live_swap_set
    from credit_platform.portfolios import get_portfolio

    whose, console = get_portfolio(portfolio), Console()
    compared = live_swap_set(
        read_settings(),
        whose,
        champion=champion,
        challenger=challenger,
        since=in_utc(since),
        until=in_utc(until),
        largest=largest,
    )
    found = compared.found
    models = {"champion": compared.pair.champion[:12], "challenger": compared.pair.challenger[:12]}
    if as_json:
        console.print_json(json.dumps({"portfolio": whose.name, **models, **found.to_dict()}))
        return
    console.print(_cells(found, models))
    if largest:
        console.print(_largest(found))
    console.print(sentence(found, "live decisions"), highlight=False)
    if compared.others:
        console.print(f"Also in the log: {'; '.join(map(_words, compared.others))}.", highlight=False)


def _words(one: Comparison) -> str:
    return f"{one.challenger[:12]} beside {one.champion[:12]} ({one.decisions} decisions)"


def _cells(found: SwapSet, models: Mapping[str, str]) -> Table:
    table = Table(
        *("", "decisions", "share", "mean PD champion", "mean PD challenger"),
        *("cost by champion", "cost by challenger"),
        title=f"Swap set: challenger {models['challenger']} beside champion {models['champion']}",
        caption="Expected cost of the challenger's decisions less the champion's, per decision, by either model's PD.",
    )
    for row in found.table.iter_rows(named=True):
        mean = [_number(row[name], "{:.4f}") for name in ("champion_mean_pd", "challenger_mean_pd")]
        cost = [_number(row[name], "{:+.4f}") for name in ("expected_by_champion", "expected_by_challenger")]
        table.add_row(row["cell"].replace("_", " "), str(row["applicants"]), f"{row['share']:.1%}", *mean, *cost)
    return table


def _largest(found: SwapSet) -> Table:
    table = Table("request", "", "PD champion", "PD challenger", title="Largest differences")
    for row in found.largest.iter_rows(named=True):
        both = [f"{row[name]:.4f}" for name in ("champion_probability", "challenger_probability")]
        table.add_row(row["applicant"], row["cell"].replace("_", " "), *both)
    return table


def _number(value: Any, form: str) -> str:
    return "" if value is None else form.format(value)
