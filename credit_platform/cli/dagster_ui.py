"""`credit-platform ui`: Dagster's UI and daemon without the rest of `up`, behind the same guard."""

from __future__ import annotations

from functools import partial

from rich.console import Console

from credit_platform.cli.up import say, show_failure
from credit_platform.local.guard.component import guard_component
from credit_platform.local.guard.token import TokenFile
from credit_platform.local.home_owner import owned
from credit_platform.local.programs import DAGSTER_PORT, address_with_token, dagster, environment_of
from credit_platform.local.supervisor import supervise
from credit_platform.serving.local.ports import free_port
from credit_platform.settings import Settings


def run_ui(settings: Settings, *, port: int = DAGSTER_PORT, screen: Console | None = None) -> None:
    """Run Dagster until Ctrl-C, and say where it is. Two daemons over one home would start every schedule twice.

    Raises:
        ApiKeyError: the token of the home cannot be read or made.
        ComponentError: it did not start or died, or something else owns the home.
        EnvironmentSetupError: the home cannot be locked, or no port is free.
    """
    screen = screen or Console()
    with owned(settings, partial(say, screen), "ui") as owner:
        component = dagster(settings, free_port(port), owner.sockets / "dagster")
        guard = guard_component(settings, [component])
        owner.announce(component.url)
        settings = settings.model_copy(update={"pages_url": settings.pages_url or component.url})
        token = TokenFile.of(settings).read()
        supervise(
            [component, guard],
            environment_of(settings),
            on_answer=lambda _: None,
            on_ready=lambda: say(screen, f"Dagster is at {address_with_token(component, token)} (Ctrl-C stops it)."),
            on_failure=partial(show_failure, screen),
            held=[owner.lock],
        )
