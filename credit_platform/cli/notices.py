"""`credit-platform notices`: what is wrong, who is told, whether that works, and the program that watches.

What must not be here: looking (`orchestration/watcher.py`), telling (`monitoring/notices`).
"""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from credit_platform.cli.invoked import as_typed
from credit_platform.cli.listing import AsJson, Field, Listing, show_listing
from credit_platform.cli.options import parse_seconds, read_settings
from credit_platform.errors import ComponentError, NoticeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from sqlalchemy import Row

    from credit_platform.monitoring.notices.channels import Channel

app = typer.Typer(no_args_is_help=True, help="What is wrong, who is told, and whether that works.")
TOKEN_FILE = "alerts_token"  # noqa: S105  # its name
"""In the home: what Alertmanager shows."""
_TIMES = ("opened", "seen", "told", "resolved")
_INCIDENT = tuple(
    Field(name, name)
    for name in ("key", "title", "message", "severity", "portfolio", "owner", "link", "times", "told_by", *_TIMES)
)


@app.command("list")
def list_incidents(
    *,
    every: Annotated[bool, typer.Option("--all", help="Resolved ones, too.")] = False,
    limit: int = 50,
    as_json: AsJson = False,
) -> None:
    """Print what is wrong now, and who is told."""
    settings = read_settings()
    from rich.console import Console

    from credit_platform.monitoring.notices.chosen import channels_of
    from credit_platform.monitoring.notices.incidents import IncidentBook

    console, book = Console(), IncidentBook.of(settings)
    incidents = book.incidents(limit) if every else book.open_incidents()
    told = f"Told by: {', '.join(channel.where for channel in channels_of(settings))}."
    if as_json or not console.is_terminal:
        rows = [_row(one) for one in incidents]
        show_listing(Listing("Incidents", _INCIDENT, rows, (told,)), as_json=as_json, console=console)
        return
    print_incidents(incidents, console)
    _say(console, told)


@app.command()
def test() -> None:
    """Send a notice by each way that the settings name; the exit status is 1 when one of them fails."""
    settings = read_settings()
    from rich.console import Console

    from credit_platform.monitoring.notices.chosen import channels_of

    console = Console()
    works = [_tried(channel, console) for channel in channels_of(settings)]
    raise typer.Exit(0 if all(works) else 1)


@app.command()
def watch(
    *,
    port: Annotated[int, typer.Option(help="Where Alertmanager's webhook is taken; 0 is any free one.")] = 9095,
    host: Annotated[
        str, typer.Option(help="Address to listen at; the token is sent in the clear, so only inside a cluster.")
    ] = "127.0.0.1",
    dagster: Annotated[
        str | None, typer.Option(help="Address of Dagster's web server, to ask for code locations.")
    ] = None,
    socket: Annotated[Path | None, typer.Option(help="Unix socket of that web server.")] = None,
    every: Annotated[str, typer.Option(help="How often to look: 15s, 1m.")] = "15s",
    silence: Annotated[str, typer.Option(help="Silence after which the daemon counts as dead: 150s, 5m.")] = "150s",
) -> None:
    """Watch Dagster from outside and take alerts until Ctrl-C; `up` runs it."""
    settings = read_settings()
    pause, patience = parse_seconds(every), parse_seconds(silence)
    from credit_platform.local.guard.token import TokenFile
    from credit_platform.logs.programs import log_program
    from credit_platform.monitoring.notices.incidents import IncidentBook
    from credit_platform.monitoring.notices.receiver import PATH, AlertReceiver
    from credit_platform.orchestration.instance import open_instance
    from credit_platform.orchestration.watcher import Watcher

    log_program("notices", settings.home)
    book, token = IncidentBook.of(settings), TokenFile(settings.home.resolve() / TOKEN_FILE)
    token.read_or_make()
    stop = _stop_at_signals()
    try:
        receiver = AlertReceiver(host, port, book, token.is_token)
    except OSError as error:
        taken = f"Port {port} of {host} cannot be taken: {error.strerror or error}."
        raise ComponentError(taken, "Give another with --port.") from error
    with receiver, open_instance() as instance:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        typer.echo(f"Alertmanager posts to http://{host}:{receiver.server_port}{PATH} with the token in {token.path}.")
        watcher = Watcher(
            settings=settings, book=book, instance=instance, web_server=dagster, socket=socket, silence=patience
        )
        watcher.watch(stop, pause)
        receiver.shutdown()


def print_incidents(incidents: Sequence[Row[Any]], console: Console) -> None:
    """Print a line for each."""
    if not incidents:
        _say(console, "Nothing is known to be wrong.")
    for one in incidents:
        state = "" if one.resolved is None else f", resolved {_moment(one.resolved)}"
        _say(console, f"{one.severity}: {one.title} (since {_moment(one.opened)}, seen {_times(one.times)}{state})")
        _say(console, f"  {one.message}")
        if one.link:
            _say(console, f"  See: {one.link}")


def _row(one: Row[Any]) -> dict[str, Any]:
    values = {field.name: getattr(one, field.name) for field in _INCIDENT}
    times = {name: datetime.fromtimestamp(values[name], UTC) for name in _TIMES if values[name] is not None}
    return values | times


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _tried(channel: Channel, console: Console) -> bool:
    from credit_platform.monitoring.notices.telling import trial_notices

    try:
        for notice in trial_notices():
            channel.send([notice])
    except NoticeError as error:
        _say(console, f"Fails: {channel.where}. {error}")
        return False
    _say(console, f"Works: {channel.where}")
    return True


def _stop_at_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _say(console: Console, text: str) -> None:
    console.print(as_typed(text), markup=False, highlight=False, soft_wrap=True)
