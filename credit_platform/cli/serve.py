"""`credit-platform serve`: the scoring service of one portfolio, which follows the champion until Ctrl-C."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from credit_platform.cli.supervisor import StopRequest, free_port
from credit_platform.errors import ServiceError
from credit_platform.orchestration.front import Front
from credit_platform.orchestration.notifiers import notifier_for
from credit_platform.orchestration.running_services import ServiceAccess, announced
from credit_platform.orchestration.service_switch import FollowingService, PromotedBento, promoted_bento
from credit_platform.orchestration.shadowing import shadow_scorer
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings

DEFAULT_PORT = 3001
"""Taken if it is free and no other is asked for; else the next free one in steps of ten."""
WATCH_SECONDS = 1.0
"""How often the lakehouse is asked what is promoted."""


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

    def shadow_of(beside: PromotedBento) -> Path | None:
        return shadow_scorer(settings, portfolio.name, beside.digest, shadow or settings.shadow_scorer)

    shadow_of(bento)  # what cannot be used is said before anything starts

    def say(message: str) -> None:
        screen.print(f"{datetime.now().astimezone():%H:%M:%S} {escape(message)}", highlight=False, soft_wrap=True)

    with StopRequest().listening() as request:
        front = Front(free_port(DEFAULT_PORT) if port is None else port)
        service = FollowingService(
            front,
            lambda: promoted_bento(settings, portfolio.name),
            settings,
            say=say,
            notifier=notifier_for(settings),
            shadow=shadow_of,
        )
        try:
            service.step()
            say(f"{portfolio.title}: {front.url}, API page at {front.url}/docs. Ctrl-C stops it.")
            say(f"API key until it stops: {service.key}")
            with announced(settings, [ServiceAccess(portfolio.name, front.url, service.key)]):
                while not request.stop.wait(WATCH_SECONDS):
                    service.step()
        finally:
            service.stop()
    say("Stopped.")
