"""`credit-platform serve`: the scoring service of one portfolio, which follows the champion until Ctrl-C."""

from __future__ import annotations

from datetime import datetime

from rich.console import Console
from rich.markup import escape

from credit_platform.cli.registry import registry_compared
from credit_platform.local.supervisor import StopRequest
from credit_platform.portfolios import get_portfolio
from credit_platform.serving.local.following import following_one
from credit_platform.settings import Settings


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
    portfolio, screen = get_portfolio(name), console or Console()

    def say(message: str) -> None:
        time = f"{datetime.now().astimezone():%H:%M:%S}"
        screen.print(f"{time} {escape(message.strip())}", highlight=False, soft_wrap=True)

    services = following_one(settings, portfolio.name, say, port=port, shadow=shadow)
    compared = registry_compared(settings, [portfolio.name], say)
    with StopRequest().listening() as request, services, compared:
        (access,) = services.access
        say(f"{portfolio.title}: {access.url}, API page at {access.url}/docs. Ctrl-C stops it.")
        say(f"API key until it stops: {access.key}")
        request.stop.wait()
    say("Stopped.")
