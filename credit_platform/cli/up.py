"""`credit-platform up`: Dagster, MLflow, the scoring services, the console and the exporter until Ctrl-C."""

from __future__ import annotations

import json
import shlex
import webbrowser
from collections.abc import Sequence
from functools import partial

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from credit_platform.cli.invoked import as_typed
from credit_platform.cli.listing import Field, Listing, show_on_screen
from credit_platform.cli.registry import registry_compared
from credit_platform.local.component_notices import tell_of_death, tell_of_start
from credit_platform.local.guard.component import guard_component
from credit_platform.local.guard.token import TokenFile
from credit_platform.local.home_owner import owned
from credit_platform.local.programs import (
    ALERTS_PORT,
    CONSOLE_PORT,
    DAGSTER_PORT,
    EXPORTER,
    EXPORTER_PORT,
    HOST,
    MLFLOW_PORT,
    address_with_token,
    environment_of,
    exporter,
    notices,
    pages,
)
from credit_platform.local.supervisor import Component, RunningComponent, supervise
from credit_platform.monitoring.notices.chosen import channels_of
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.scrape_targets import targets_file
from credit_platform.portfolios import get_portfolio, portfolio_names
from credit_platform.serving.local.following import DEFAULT_PORT, BlueGreenServices
from credit_platform.serving.local.ports import free_port
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.settings import Settings

_RUNNING = (Field("what", "what"), Field("address", "open"), Field("log", "log"))


def up(
    settings: Settings,
    *,
    dagster_port: int = DAGSTER_PORT,
    mlflow_port: int = MLFLOW_PORT,
    service_port: int = DEFAULT_PORT,
    console_port: int = CONSOLE_PORT,
    exporter_port: int = EXPORTER_PORT,
    console: Console | None = None,
    in_browser: bool = False,
) -> int:
    """Start everything, print where it is, and stop everything on Ctrl-C, SIGTERM or when one of them dies.

    Scoring services follow promotions and are started again when they die, so that nothing else has to stop.

    Returns:
        Exit status of the command: 0 after Ctrl-C.

    Raises:
        ApiKeyError: The token of the home cannot be read or made.
        ComponentError: A program did not start or died, and the tail of its log has been printed; or another `up`
            owns the home.
        EnvironmentSetupError: The home cannot be locked, or no port is free.
        SettingError: A way to tell people is set in half.
    """
    screen = console or Console()
    tell = partial(say, screen)
    with owned(settings, tell) as owner:
        ports = [free_port(dagster_port), free_port(mlflow_port), free_port(console_port)]
        settings = settings.model_copy(update={"pages_url": settings.pages_url or f"http://{HOST}:{ports[0]}"})
        owner.announce(f"http://{HOST}:{ports[0]}")
        components = pages(settings, ports, owner.sockets)
        components.append(guard_component(settings, components))
        components.append(exporter(settings, free_port(exporter_port), owner.sockets / "dagster"))
        components.append(notices(settings, free_port(ALERTS_PORT), owner.sockets / "dagster"))
        channels_of(settings)  # a way to tell that is set in half is said before anything starts
        screen.print("Starting; the first time this takes up to a minute …")
        compared = registry_compared(settings, portfolio_names(), tell)
        with BlueGreenServices(settings, service_port, tell) as services, compared:
            supervise(
                components,
                environment_of(settings),
                on_answer=lambda component: screen.print(f"  {component.name} answers."),
                on_ready=lambda: _show(screen, settings, components, services, in_browser=in_browser),
                on_failure=lambda one: _fail(screen, settings, one),
                held=[owner.lock],
            )
    screen.print("Everything is stopped.")
    return 0


def say(screen: Console, message: str) -> None:
    """Print a sentence as it is, however long its address."""
    screen.print(as_typed(message), markup=False, highlight=False, soft_wrap=True)


def _show(
    screen: Console,
    settings: Settings,
    components: Sequence[Component],
    services: BlueGreenServices,
    *,
    in_browser: bool = False,
) -> None:
    opened = [component for component in components if component.socket is not None]
    rows = [{"what": one.name, "address": one.url, "log": one.log.name} for one in opened]
    access = services.access
    for one in access:
        log = services.log(one.portfolio)
        page = f"{one.url}/docs"
        rows.append({"what": f"Service {one.portfolio}", "address": page, "log": "" if log is None else log.name})
    show_on_screen(Listing("Running", _RUNNING, rows), screen)
    say(screen, f"Logs are in {settings.home / 'logs'}.")
    say(screen, "Open them with the token of this home, which logs a browser in for a week:")
    token = TokenFile.of(settings).read()
    addresses = {component.name: address_with_token(component, token) for component in opened}
    for name, address in addresses.items():
        say(screen, f"  {name}: {address}")
    _show_services(screen, access)
    told = next(component.url for component in components if component.name == EXPORTER)
    say(screen, f"Metrics, without a key: {told}; what to scrape: {targets_file(settings)}")
    if access:
        say(screen, "A key that lasts: credit-platform keys create NAME --scope score --scope explain")
    else:
        screen.print("No scoring service: there is no promoted model yet. Run `make demo` first; it starts by itself.")
    _show_who_is_told(screen, settings, components)
    screen.print("Ctrl-C stops all of them.")
    if in_browser:
        _open(screen, list(addresses.values()))


def _show_services(screen: Console, access: Sequence[ServiceAccess]) -> None:
    """The key of each service, and a request that works when it is pasted."""
    for one in access:
        say(screen, f"API key of Service {one.portfolio} until it stops:\n  {one.key}")
    if access:
        say(screen, "A decision, in another terminal:")
        say(screen, f"  export API_KEY={access[0].key}")
        say(screen, f"  {request_of(access[0])}")


def request_of(service: ServiceAccess) -> str:
    """A command that asks for a decision on the portfolio's first example; the key is in $API_KEY."""
    application = next(iter(get_portfolio(service.portfolio).examples.values()))
    body = shlex.quote(json.dumps({"application": application}, ensure_ascii=False))
    headers = "-H \"Authorization: Bearer $API_KEY\" -H 'Content-Type: application/json'"
    return f"curl -s {service.url}/predict {headers} -d {body}"


def _open(screen: Console, addresses: Sequence[str]) -> None:
    opened = [webbrowser.open(address) for address in addresses]
    if not all(opened):
        say(screen, "No browser could be started here: open the addresses above yourself.")


def _show_who_is_told(screen: Console, settings: Settings, components: Sequence[Component]) -> None:
    tell_of_start(settings, components, partial(say, screen))
    say(screen, f"Who is told when something fails: {', '.join(channel.where for channel in channels_of(settings))}.")
    wrong = IncidentBook.of(settings).open_incidents()
    say(screen, f"Known to be wrong: {len(wrong)}. Read them: credit-platform notices list")


def _fail(screen: Console, settings: Settings, one: RunningComponent) -> None:
    show_failure(screen, one)
    tell_of_death(settings, one, partial(say, screen))


def show_failure(screen: Console, one: RunningComponent) -> None:
    """Print the end of the log of a program that died."""
    screen.print(
        Panel(Text(one.tail() or "(empty)"), title=f"{one.component.name}: end of its log", title_align="left")
    )
