"""`credit-platform decisions swap-set`: whom a challenger in shadow mode would have decided about otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from credit_platform.cli.listing import AsJson, Field, Listing, Row, fixed, show_listing, tell, thousands, write_json
from credit_platform.cli.options import in_utc, read_settings

if TYPE_CHECKING:
    import polars as pl

    from credit_platform.monitoring.decision_log import Comparison


_CELLS = (
    Field("cell", "decided"),
    Field("applicants", "decisions", thousands),
    Field("share", "share", "{:.1%}".format),
    Field("champion_mean_pd", "mean PD champion", fixed(4)),
    Field("challenger_mean_pd", "mean PD challenger", fixed(4)),
    Field("expected_by_champion", "cost by champion", "{:+.4f}".format),
    Field("expected_by_challenger", "cost by challenger", "{:+.4f}".format),
)
_LARGEST = (
    Field("applicant", "request"),
    Field("cell", "decided"),
    Field("champion_probability", "PD champion", fixed(4)),
    Field("challenger_probability", "PD challenger", fixed(4)),
)


def show_swap_set(
    portfolio: Annotated[str, typer.Argument(help="Portfolio: german_credit, …", show_default=False)],
    *,
    champion: Annotated[str | None, typer.Option(help="Version of the model that answered; the newest pair's.")] = None,
    challenger: Annotated[str | None, typer.Option(help="Version of the one that scored along.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Decided from this moment on (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(help="Decided before this moment (UTC).")] = None,
    largest: Annotated[int, typer.Option(min=0, help="Largest differences to print.")] = 10,
    as_json: AsJson = False,
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
        write_json({"portfolio": whose.name, **models, **found.to_dict()}, console)
        return
    title = f"Swap set: challenger {models['challenger']} beside champion {models['champion']}"
    told = "Expected cost of the challenger's decisions less the champion's, per decision, by either model's PD."
    show_listing(Listing(title, _CELLS, _worded(found.table), (told,)), console=console)
    if largest and console.is_terminal:
        show_listing(Listing("Largest differences", _LARGEST, _worded(found.largest)), console=console)
    tell(sentence(found, "live decisions"))
    if compared.others:
        tell(f"Also in the log: {'; '.join(map(_words, compared.others))}.")


def _words(one: Comparison) -> str:
    return f"{one.challenger[:12]} beside {one.champion[:12]} ({one.decisions} decisions)"


def _worded(table: pl.DataFrame) -> list[Row]:
    return [row | {"cell": row["cell"].replace("_", " ")} for row in table.iter_rows(named=True)]
