"""`credit-platform serve`: the scoring service of one portfolio, which follows the champion until Ctrl-C."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from credit_platform.cli.registry import registry_compared
from credit_platform.errors import ServiceError
from credit_platform.local.supervisor import StopRequest
from credit_platform.portfolios import get_portfolio
from credit_platform.serving.local.following import BlueGreenServices
from credit_platform.serving.promoted import PromotedBento, promoted_bento
from credit_platform.serving.shadowing import shadow_scorer
from credit_platform.settings import Settings

DEFAULT_PORT = 3001
"""Taken if it is free and no other is asked for; else the next free one in steps of ten."""


def serve_portfolio(
    name: str,
    settings: Settings,
    *,
    port: int | None = None,
    shadow: str | None = None,
    console: Console | None = None,
) -> None:
    """Serve the champion of a portfolio until Ctrl-C or SIGTERM, and whichever model is champion after it.

    Args:
        name: of the portfolio.
        settings: where everything lies.
        port: of this machine; 0 for any free one.
        shadow: who scores along, a folder or `challenger`; by default what the settings say.
        console: where to say what happens.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
        ServiceError: nothing is promoted yet, the port is taken, or there is no such shadow.
        ScorerError: the scorer of the shadow cannot be used.
    """
    portfolio = get_portfolio(name)
    screen = console or Console()
    bento = promoted_bento(settings, portfolio.name)
    if bento is None:
        raise ServiceError(
            f"No model of {portfolio.name} is promoted yet.", f"Run it first: credit-platform run {portfolio.name}"
        )

    def shadow_of(name: str, beside: PromotedBento) -> Path | None:
        return shadow_scorer(settings, name, beside.digest, shadow or settings.shadow_scorer)

    shadow_of(portfolio.name, bento)  # what cannot be used is said before anything starts

    def say(message: str) -> None:
        time = f"{datetime.now().astimezone():%H:%M:%S}"
        screen.print(f"{time} {escape(message.strip())}", highlight=False, soft_wrap=True)

    services = BlueGreenServices(
        settings,
        DEFAULT_PORT if port is None else port,
        say,
        portfolios=[portfolio.name],
        exact_port=port is not None,
        shadow=shadow_of,
    )
    compared = registry_compared(settings, [portfolio.name], say)
    with StopRequest().listening() as request, services, compared:
        (access,) = services.access
        say(f"{portfolio.title}: {access.url}, API page at {access.url}/docs. Ctrl-C stops it.")
        say(f"API key until it stops: {access.key}")
        request.stop.wait()
    say("Stopped.")
