"""`credit-platform simulate`: applicants who ask a running service at a steady rate.

What is here: progress and summary.
What must not be here: who applies and how they are sent (`credit_platform.simulation`).
"""

from __future__ import annotations

import random
import re
import secrets
import statistics

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from credit_platform.errors import SettingError
from credit_platform.portfolios import get_portfolio
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.settings import Settings
from credit_platform.simulation.applicants import PREFIX, requests, stored_applicants
from credit_platform.simulation.drifts import find_drift
from credit_platform.simulation.sending import Outcome, choose_service, requests_in, send

_SECONDS = {"s": 1, "m": 60, "h": 3600}
_BEHIND = 0.95
"""Below this share of the rate that was asked for, it is said that it was not reached."""


def simulate(
    settings: Settings,
    *,
    portfolio: str | None,
    rate: float,
    seconds: float,
    drift: str | None = None,
    seed: int = 7,
    access: ServiceAccess | None = None,
    screen: Console | None = None,
) -> Outcome:
    """Send applicants to a service and print what came of it.

    Args:
        settings: where applications are stored and running services are announced.
        portfolio: whose service, when several run.
        rate: requests a second.
        seconds: for how long.
        drift: name of a shift of the applicants.
        seed: same seed, same applicants.
        access: the service; by default one that `credit-platform up` runs.
        screen: where to print.

    Raises:
        ServiceError: no service runs, or several do and none was chosen.
        GenerationError: there is no such drift, or there are no applications to draw from.
    """
    screen = screen or Console()
    chosen = access or choose_service(settings, portfolio)
    declared = get_portfolio(chosen.portfolio)
    shifts = find_drift(declared, drift).shifts if drift is not None else ()
    applicants = stored_applicants(declared, settings)
    number = len(applicants.applications)
    run = f"{PREFIX}{secrets.token_hex(3)}-"
    screen.print(
        f"{number:,} applications of {declared.title}; {rate:g} requests a second to {chosen.url} "
        f"for {seconds:g} s{f', drift {drift}' if drift else ''}. Applicants are called {run}1, {run}2 and so on.",
        highlight=False,
    )
    bodies = requests(applicants, declared, shifts, random.Random(seed), run)  # noqa: S311  # a simulation, no secret
    columns = (TextColumn("{task.completed:.0f} of {task.total:.0f} sent"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task("send", total=requests_in(rate, seconds))
        outcome = send(chosen, bodies, rate=rate, seconds=seconds, sent=lambda: progress.advance(task))
    _print(outcome, rate, screen)
    return outcome


def parse_seconds(text: str) -> float:
    """Read `30s`, `5m` or `1h`.

    Raises:
        SettingError: it is something else.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text.strip())
    if match is None or float(match[1]) <= 0:
        raise SettingError(f"{text!r} is not a duration.", "Write seconds, minutes or hours: 30s, 5m, 1h.")
    return float(match[1]) * _SECONDS[match[2]]


def _print(outcome: Outcome, rate: float, screen: Console) -> None:
    reached = outcome.sent / outcome.took
    table = Table("what", "requests", "share", title=f"{outcome.sent:,} sent, {reached:.1f} a second")
    for name, count in sorted(outcome.decisions.items()) + sorted(outcome.errors.items()):
        table.add_row(name, f"{count:,}", f"{100 * count / outcome.sent:.1f} %")
    screen.print(table)
    if outcome.seconds:
        shown = ", ".join(f"p{100 * share:g} {outcome.quantile(share):.1f} ms" for share in (0.5, 0.95, 0.99))
        screen.print(f"Answers took {shown}; mean {1000 * statistics.fmean(outcome.seconds):.1f} ms.", highlight=False)
    if reached < _BEHIND * rate:
        screen.print(
            f"Service and simulator together reached {reached:.1f} requests a second, not the {rate:g} asked for.",
            highlight=False,
        )
