"""The commands that start programs and stay until they are stopped, or until what they show is over: `demo` to `up`.

What is here: their options; each calls one function of a module that is loaded then.
What must not be here: what they do (`demo.py`, `serve.py`, `console.py`, `exporter.py`, `simulate.py`, `up.py`, …).
"""

from __future__ import annotations

import os
from typing import Annotated

import typer

from credit_platform.cli.options import parse_seconds
from credit_platform.cli.options import read_settings as _settings
from credit_platform.errors import SettingError


def add_running_commands(app: typer.Typer) -> None:
    """Add the commands to `credit-platform`."""
    for command in (demo, serve, console, exporter, simulate, ui, up):
        app.command(rich_help_panel="Start and look")(command)


def demo() -> None:
    """Run german_credit and a small synthetic home_credit to the end, ask their services, and say what lies where."""
    settings = _settings()
    from credit_platform.cli.demo import run_demo

    raise typer.Exit(0 if run_demo(settings) else 1)


def serve(
    portfolio: Annotated[str, typer.Argument(help="Portfolio: german_credit, …", show_default=False)],
    *,
    port: Annotated[int | None, typer.Option(help="Port on this machine; by default 3001 or a free one above.")] = None,
    shadow: Annotated[
        str | None,
        typer.Option(help="Folder of a scorer, or `challenger` (refused or waiting): scores along, answers nobody."),
    ] = None,
) -> None:
    """Serve the champion of a portfolio; a promotion or rollback changes it without a refused request."""
    settings = _settings()
    from credit_platform.cli.serve import serve_portfolio

    serve_portfolio(portfolio, settings, port=port, shadow=shadow)


def console(
    port: Annotated[int, typer.Option(help="Port of this machine; the next free one if it is taken.")] = 8501,
) -> None:
    """Open the web page of loan officers over the scoring services that `up` runs; Ctrl-C stops it."""
    settings = _settings()
    from credit_platform.cli.console import run_console

    run_console(settings, port=port)


def exporter(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for any free one.")] = 9108,
    host: Annotated[
        str, typer.Option(help="Address to listen at; no key is asked, so only this machine or inside a cluster.")
    ] = "127.0.0.1",
) -> None:
    """Serve metrics of pipeline, tables, model, drift and databases for Prometheus; Ctrl-C stops it."""
    settings = _settings()
    from credit_platform.cli.exporter import run_exporter

    run_exporter(settings, host=host, port=port)


def simulate(
    *,
    rate: Annotated[float, typer.Option(min=0.01, max=500, help="Requests a second.")] = 5.0,
    duration: Annotated[str, typer.Option(help="For how long: 30s, 5m, 1h.")] = "1m",
    drift: Annotated[str | None, typer.Option(help="Shift who applies; a wrong name lists the right ones.")] = None,
    portfolio: Annotated[str | None, typer.Option(help="Whose service, when several run.")] = None,
    seed: Annotated[int, typer.Option(help="Same seed: same applicants, and the same of them default.")] = 7,
    outcomes: Annotated[
        bool,
        typer.Option("--outcomes", help="Send nobody: write what became of the loans that were granted, made up."),
    ] = False,
    months: Annotated[
        int | None, typer.Option(min=1, max=60, help="With --outcomes: as if every loan were so many months old.")
    ] = None,
    service: Annotated[
        str | None, typer.Option(envvar="CREDIT_PLATFORM_CONSOLE_SERVICE", help="Address of a service elsewhere.")
    ] = None,
) -> None:
    """Send applicants to a running service, marked SIM-, so that dashboards and drift have something to show."""
    if outcomes:
        from credit_platform.cli.simulate_outcomes import simulate_outcomes

        told = simulate_outcomes(_settings(), portfolio=portfolio, drift=drift, seed=seed, months=months)
        raise typer.Exit(0 if told is not None else 1)
    if months is not None:
        raise SettingError("--months says how old loans are, and without --outcomes none is told of.", "Leave it out.")
    from credit_platform.cli.simulate import simulate as send
    from credit_platform.serving.service_client import named_service

    seconds = parse_seconds(duration)
    access = None if service is None else named_service(service, os.environ.get("CREDIT_PLATFORM_CONSOLE_API_KEY"))
    settings = _settings()
    outcome = send(settings, portfolio=portfolio, rate=rate, seconds=seconds, drift=drift, seed=seed, access=access)
    raise typer.Exit(0 if outcome.decisions else 1)


def ui(
    port: Annotated[int, typer.Option(help="Port of this machine; the next free one if it is taken.")] = 3000,
) -> None:
    """Open Dagster's UI with its daemon, without the rest of `up`, behind the same guard; Ctrl-C stops it."""
    settings = _settings()
    from credit_platform.cli.dagster_ui import run_ui

    run_ui(settings, port=port)


def up(
    *,
    in_browser: Annotated[bool, typer.Option("--open", help="Open the pages in a browser once they answer.")] = False,
) -> None:
    """Start Dagster with its daemon, MLflow, the scoring services and the console; Ctrl-C stops all of them."""
    settings = _settings()
    from credit_platform.cli.up import up as start

    raise typer.Exit(start(settings, in_browser=in_browser))
