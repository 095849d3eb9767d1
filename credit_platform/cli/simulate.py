"""`credit-platform simulate`: applicants who ask a running service at a steady rate.

What is here: progress and summary.
What must not be here: who applies and how they are sent (`credit_platform.simulation`).
"""

from __future__ import annotations

import statistics

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from credit_platform.cli.listing import Field, Listing, show_on_screen, thousands
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.settings import Settings
from credit_platform.simulation.planned import plan
from credit_platform.simulation.sending import Outcome, requests_in, send

_BEHIND = 0.95
"""Below this share of the rate that was asked for, it is said that it was not reached."""
_OUTCOME = (
    Field("what", "what"),
    Field("requests", "requests", thousands),
    Field("share", "share", lambda share: f"{100 * share:.1f}%"),
)


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
    planned = plan(settings, portfolio=portfolio, drift=drift, seed=seed, access=access)
    screen.print(
        f"{planned.applications:,} applications of {planned.portfolio.title}; {rate:g} requests a second to "
        f"{planned.access.url} for {seconds:g} s{f', drift {drift}' if drift else ''}. Applicants are called "
        f"{planned.run}1, {planned.run}2 and so on.",
        highlight=False,
    )
    columns = (TextColumn("{task.completed:.0f} of {task.total:.0f} sent"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task("send", total=requests_in(rate, seconds))
        outcome = send(planned.access, planned.bodies, rate=rate, seconds=seconds, sent=lambda: progress.advance(task))
    _print(outcome, rate, screen)
    return outcome


def _print(outcome: Outcome, rate: float, screen: Console) -> None:
    reached = outcome.sent / outcome.took
    counts = sorted(outcome.decisions.items()) + sorted(outcome.errors.items())
    rows = [{"what": name, "requests": count, "share": count / outcome.sent} for name, count in counts]
    show_on_screen(Listing(f"{outcome.sent:,} sent, {reached:.1f} a second", _OUTCOME, rows), screen)
    if outcome.seconds:
        shown = ", ".join(f"p{100 * share:g} {outcome.quantile(share):.1f} ms" for share in (0.5, 0.95, 0.99))
        screen.print(f"Answers took {shown}; mean {1000 * statistics.fmean(outcome.seconds):.1f} ms.", highlight=False)
    if reached < _BEHIND * rate:
        screen.print(
            f"Service and simulator together reached {reached:.1f} requests a second, not the {rate:g} asked for.",
            highlight=False,
        )
