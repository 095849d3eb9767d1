"""`credit-platform decisions` and `replay`: what was decided, for how long it is kept, and whether it still holds."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from credit_platform.cli.listing import AsJson, Field, Listing, Row, fixed, moment, show_listing, write_json
from credit_platform.cli.options import in_utc, parse_settings
from credit_platform.errors import DecisionLogError

if TYPE_CHECKING:
    from credit_platform.monitoring.decision_log import DecisionStore, StoredDecision

app = typer.Typer(no_args_is_help=True, help="The decision log: search, show, verify, retention, erasure.")

Since = Annotated[datetime | None, typer.Option(help="From this moment on (UTC).")]
Until = Annotated[datetime | None, typer.Option(help="Before this moment (UTC).")]
Portfolio = Annotated[str | None, typer.Option(help="Of this portfolio only.")]
Model = Annotated[str | None, typer.Option(help="By this model version only.")]
Client = Annotated[
    str | None, typer.Option(help="Asked by this client only: name or id of its API key, '' for requests without one.")
]
Applicant = Annotated[str | None, typer.Option(help="About this applicant only.")]

_FIELDS = (
    Field("decided_at", "time (UTC)", moment),
    Field("request_id", "request"),
    Field("applicant_id", "applicant"),
    Field("decision", "decision"),
    Field("probability", "probability", fixed(4)),
    Field("points", "points"),
    Field("model_version", "model"),
    Field("client", "key"),
)
_DIFFERENCE = (
    Field("request_id", "request"),
    Field("what", "what"),
    Field("logged", "logged"),
    Field("again", "scored again"),
)


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
    as_json: AsJson = False,
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
    title = f"{len(found)} of {store.count(wanted)} decisions, the newest first"
    show_listing(Listing(title, _FIELDS, [_row(one) for one in found]), as_json=as_json)


def _row(one: StoredDecision) -> Row:
    row = {field.name: getattr(one, field.name) for field in _FIELDS if field.name != "client"}
    return row | {"client": one.client_name or one.client}


@app.command()
def show(
    request_id: Annotated[str, typer.Argument(help="The id that the answer carried.")],
    *,
    client: Client = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON without colours, also on a screen.")] = False,
) -> None:
    """Print all that is stored about one decision, as JSON; where two clients used one id, --client says whose."""
    found = _store().find(request_id, client=client)
    if found is None:
        whose = "" if client is None else f" of client {client}" if client else " without an API key"
        raise DecisionLogError(
            f"There is no decision of request {request_id}{whose}.",
            "credit-platform decisions list shows the newest ones.",
        )
    screen = Console()
    if as_json or not screen.is_terminal:
        write_json(found.to_dict(), screen)
    else:
        screen.print_json(json.dumps(found.to_dict()))


def replay(
    *,
    portfolio: Portfolio = None,
    applicant: Applicant = None,
    model: Model = None,
    since: Since = None,
    until: Until = None,
    scorer: Annotated[list[Path] | None, typer.Option(help="Folder of a scorer to look in first. Repeatable.")] = None,
    show_at_most: Annotated[int, typer.Option("--show", min=0, help="Differences to print.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Score logged decisions again, each with the scorer that made it; exits with 1 on any difference."""
    from credit_platform.lakehouse.shelf import Shelf
    from credit_platform.monitoring.decision_log import Filter
    from credit_platform.monitoring.decision_log.replay import ScorerShelf
    from credit_platform.monitoring.decision_log.replay import replay as score_again
    from credit_platform.monitoring.stored_scorers import stored_scorer

    settings = parse_settings()
    wanted = Filter(
        applicant_id=applicant, portfolio=portfolio, model_version=model, since=in_utc(since), until=in_utc(until)
    )
    report = score_again(
        _store().each(wanted), ScorerShelf([*(scorer or ()), settings.home], partial(stored_scorer, Shelf.of(settings)))
    )
    unknown = [
        f"{count} decisions of model {version} could not be scored again: {why}"
        for version, (count, why) in report.unknown.items()
    ]
    said = (
        f"{report.equal} decisions are equal, {len(report.differing)} differ, "
        f"{sum(count for count, _ in report.unknown.values())} could not be scored again."
    )
    differences = [asdict(difference) for difference in report.differences[:show_at_most]]
    show_listing(Listing("Differences", _DIFFERENCE, differences, (*unknown, said)), as_json=as_json)
    raise typer.Exit(0 if report.is_clean else 1)


def _store() -> DecisionStore:
    from credit_platform.monitoring.decision_log import DecisionStore

    return DecisionStore(parse_settings().decision_log)
