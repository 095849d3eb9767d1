"""`credit-platform decisions` and `replay`: what was decided, for how long it is kept, and whether it still holds."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from credit_platform.cli.options import in_utc, parse_settings
from credit_platform.errors import DecisionLogError

if TYPE_CHECKING:
    from credit_platform.monitoring.decision_log import DecisionStore

app = typer.Typer(no_args_is_help=True, help="The decision log: search, show, verify, retention, erasure.")

Since = Annotated[datetime | None, typer.Option(help="From this moment on (UTC).")]
Until = Annotated[datetime | None, typer.Option(help="Before this moment (UTC).")]
Portfolio = Annotated[str | None, typer.Option(help="Of this portfolio only.")]
Model = Annotated[str | None, typer.Option(help="By this model version only.")]
Client = Annotated[
    str | None, typer.Option(help="Asked by this client only: name or id of its API key, '' for requests without one.")
]
Applicant = Annotated[str | None, typer.Option(help="About this applicant only.")]


@app.command("list")
def list_decisions(
    *,
    applicant: Applicant = None,
    portfolio: Portfolio = None,
    decision: Annotated[str | None, typer.Option(help="accepted, refused or review.")] = None,
    model: Model = None,
    client: Client = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="Most decisions to list.")] = 20,
) -> None:
    """List the newest decisions."""
    from credit_platform.monitoring.decision_log import Filter

    wanted = Filter(
        applicant_id=applicant,
        portfolio=portfolio,
        decision=decision,
        model_version=model,
        client=client,
        since=in_utc(since),
        until=in_utc(until),
    )
    store = _store()
    found = store.search(wanted, limit=limit)
    table = Table(title=f"{len(found)} of {store.count(wanted)} decisions, the newest first")
    for heading in ("time (UTC)", "request", "applicant", "decision", "probability", "points", "model", "key"):
        table.add_column(heading, overflow="fold")
    for one in found:
        moment = one.decided_at.strftime("%Y-%m-%d %H:%M:%S")
        score = (one.decision, f"{one.probability:.4f}", str(one.points))
        table.add_row(
            moment, one.request_id, one.applicant_id, *score, one.model_version, one.client_name or one.client
        )
    Console().print(table)


@app.command()
def show(
    request_id: Annotated[str, typer.Argument(help="The id that the answer carried.")], *, client: Client = None
) -> None:
    """Print all that is stored about one decision, as JSON; where two clients used one id, --client says whose."""
    found = _store().find(request_id, client=client)
    if found is None:
        whose = "" if client is None else f" of client {client}" if client else " without an API key"
        raise DecisionLogError(
            f"There is no decision of request {request_id}{whose}.",
            "credit-platform decisions list shows the newest ones.",
        )
    Console().print_json(json.dumps(found.to_dict()))


def replay(
    *,
    portfolio: Portfolio = None,
    applicant: Applicant = None,
    model: Model = None,
    since: Since = None,
    until: Until = None,
    scorer: Annotated[list[Path] | None, typer.Option(help="Folder of a scorer to look in first. Repeatable.")] = None,
    show_at_most: Annotated[int, typer.Option("--show", min=0, help="Differences to print.")] = 20,
) -> None:
    """Score logged decisions again, each with the scorer that made it; exits with 1 on any difference."""
    from credit_platform.lakehouse.shelf import Shelf
    from credit_platform.monitoring.decision_log import Filter
    from credit_platform.monitoring.decision_log.replay import ScorerShelf
    from credit_platform.monitoring.decision_log.replay import replay as score_again
    from credit_platform.monitoring.stored_scorers import stored_scorer

    settings, console = parse_settings(), Console()
    wanted = Filter(
        applicant_id=applicant, portfolio=portfolio, model_version=model, since=in_utc(since), until=in_utc(until)
    )
    report = score_again(
        _store().each(wanted), ScorerShelf([*(scorer or ()), settings.home], partial(stored_scorer, Shelf.of(settings)))
    )
    table = Table("request", "what", "logged", "scored again", title="Differences")
    for difference in report.differences[:show_at_most]:
        table.add_row(difference.request_id, difference.what, difference.logged, difference.again)
    if report.differences:
        console.print(table)
    for version, (count, why) in report.unknown.items():
        console.print(f"{count} decisions of model {version} could not be scored again: {why}", highlight=False)
    console.print(
        f"{report.equal} decisions are equal, {len(report.differing)} differ, "
        f"{sum(count for count, _ in report.unknown.values())} could not be scored again."
    )
    raise typer.Exit(0 if report.is_clean else 1)


def _store() -> DecisionStore:
    from credit_platform.monitoring.decision_log import DecisionStore

    return DecisionStore(parse_settings().decision_log)
