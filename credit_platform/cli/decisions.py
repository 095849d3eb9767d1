"""`credit-platform decisions` and `replay`: what was decided, for how long it is kept, and whether it still holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from credit_platform.cli.options import parse_duration, read_settings
from credit_platform.errors import DecisionLogError

if TYPE_CHECKING:
    from credit_platform.monitoring.decision_log import DecisionStore

app = typer.Typer(no_args_is_help=True, help="The decision log: search, show, retention, erasure.")

Since = Annotated[datetime | None, typer.Option(help="From this moment on (UTC).")]
Until = Annotated[datetime | None, typer.Option(help="Before this moment (UTC).")]
Portfolio = Annotated[str | None, typer.Option(help="Of this portfolio only.")]
Model = Annotated[str | None, typer.Option(help="By this model version only.")]
Applicant = Annotated[str | None, typer.Option(help="About this applicant only.")]


@app.command("list")
def list_decisions(
    *,
    applicant: Applicant = None,
    portfolio: Portfolio = None,
    decision: Annotated[str | None, typer.Option(help="accepted, refused or review.")] = None,
    model: Model = None,
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
        since=_utc(since),
        until=_utc(until),
    )
    store = _store()
    found = store.search(wanted, limit=limit)
    table = Table(title=f"{len(found)} of {store.count(wanted)} decisions, the newest first")
    for heading in ("time (UTC)", "request", "applicant", "decision", "probability", "points", "model", "key"):
        table.add_column(heading, overflow="fold")
    for one in found:
        moment = one.decided_at.strftime("%Y-%m-%d %H:%M:%S")
        score = (one.decision, f"{one.probability:.4f}", str(one.points))
        table.add_row(moment, one.request_id, one.applicant_id, *score, one.model_version, one.client)
    Console().print(table)


@app.command()
def show(request_id: Annotated[str, typer.Argument(help="The id that the answer carried.")]) -> None:
    """Print everything that is stored about one decision, as JSON."""
    found = _store().find(request_id)
    if found is None:
        raise DecisionLogError(
            f"There is no decision of request {request_id}.", "credit-platform decisions list shows the newest ones."
        )
    Console().print_json(json.dumps(found.to_dict()))


@app.command()
def purge(
    older_than: Annotated[str, typer.Option(help="Age from which decisions are removed: 730d, 104w.")],
) -> None:
    """Remove decisions that are older than the time they may be kept."""
    before = datetime.now(UTC) - parse_duration(older_than)
    count = _store().purge(before)
    Console().print(f"{count} decisions from before {before:%Y-%m-%d %H:%M} UTC were removed; `removals` notes it.")


@app.command()
def erase(applicant: Annotated[str, typer.Option(help="Whose decisions are removed.")]) -> None:
    """Remove all decisions about an applicant who has the right to it, and what Bentos know of their histories."""
    count = _store().erase(applicant)
    from credit_platform.serving.shipped_histories import erase_from_bentos

    console = Console()
    bentos = erase_from_bentos(read_settings(), applicant)
    console.print(f"{count} decisions were removed; `removals` notes it, without the applicant.")
    console.print(f"Stored histories were removed from {len(bentos)} Bentos; the next ones will not hold them.")
    for bento in bentos:
        console.print(f"Container images of {bento.parent.name}:{bento.name} hold them still: build these again.")


@app.command()
def removals() -> None:
    """List when decisions were removed, how many, and why."""
    table = Table("time (UTC)", "why", "decided before", "decisions", title="Removed from the decision log")
    for one in _store().removals():
        before = "" if one.decided_before is None else f"{one.decided_before:%Y-%m-%d %H:%M}"
        table.add_row(f"{one.removed_at:%Y-%m-%d %H:%M:%S}", one.kind, before, str(one.decisions))
    Console().print(table)


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
    from credit_platform.monitoring.decision_log import Filter
    from credit_platform.monitoring.decision_log.replay import ScorerShelf
    from credit_platform.monitoring.decision_log.replay import replay as score_again

    settings, console = read_settings(), Console()
    wanted = Filter(
        applicant_id=applicant, portfolio=portfolio, model_version=model, since=_utc(since), until=_utc(until)
    )
    report = score_again(_store().each(wanted), ScorerShelf([*(scorer or ()), settings.home]))
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

    return DecisionStore(read_settings().decision_log)


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=moment.tzinfo or UTC)
