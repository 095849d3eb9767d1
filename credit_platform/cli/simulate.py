"""`credit-platform simulate`: applicants who ask a running service at a steady rate.

What is here: where the applicants come from, sending them, progress and summary.
What to add here: another source of applicants.
What must not be here: scoring, and a benchmark: `credit-platform bench serving` measures the service at its limit.

Every request is marked as simulated: its applicant is called SIM-<run>-<number>.
"""

from __future__ import annotations

import math
import random
import re
import secrets
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import polars as pl
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from credit_platform.cli.simulated_drifts import Shift, find_drift, shifted
from credit_platform.errors import GenerationError, ServiceError, SettingError
from credit_platform.features.inputs import used_columns
from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.running_services import ServiceAccess, running_services
from credit_platform.portfolios import get_generator, get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

PREFIX = "SIM-"
_MOST = 5_000
"""Applicants who are drawn from, at most."""
_GENERATED_SCALE = 0.002
_WORKERS = 32
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_TIMEOUT = 10.0
_BEHIND = 0.95
"""Below this share of the rate that was asked for, it is said that it was not reached."""


@dataclass
class Outcome:
    """What came back."""

    decisions: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    """Time from sending to answer of each request that was answered."""
    took: float = 0.0
    """Seconds until the last one was on its way or, where that was later, answered."""

    @property
    def sent(self) -> int:
        """Requests that were sent."""
        return self.decisions.total() + self.errors.total()

    def quantile(self, share: float) -> float:
        """Latency in milliseconds that `share` of the answers do not exceed; NaN without answers."""
        if not self.seconds:
            return math.nan
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


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
    applicants = stored_applications(declared, settings)
    run = f"{PREFIX}{secrets.token_hex(3)}-"
    screen.print(
        f"{len(applicants):,} applications of {declared.title}; {rate:g} requests a second to {chosen.url} for "
        f"{seconds:g} s{f', drift {drift}' if drift else ''}. Applicants are called {run}1, {run}2 and so on.",
        highlight=False,
    )
    bodies = _bodies(applicants, declared, shifts, random.Random(seed), run)  # noqa: S311  # a simulation, no secret
    outcome = _send(chosen, bodies, rate, seconds, screen)
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


def named_service(url: str, key: str | None) -> ServiceAccess:
    """The service at `url`, whichever portfolio it scores.

    Raises:
        ServiceError: it does not answer, or does not know the key.
    """
    access = ServiceAccess("", url.rstrip("/"), key)
    cure = "Name a running service, and its key in CREDIT_PLATFORM_CONSOLE_API_KEY."
    try:
        answer = httpx.get(f"{access.url}/model-info", headers=access.headers, timeout=_TIMEOUT, trust_env=False)
    except httpx.TransportError:
        raise ServiceError(f"The service at {access.url} does not answer.", cure) from None
    if answer.is_error:
        raise ServiceError(f"The service at {access.url} answers with {answer.status_code}.", cure)
    return ServiceAccess(str(answer.json()["portfolio"]), access.url, key)


def choose_service(settings: Settings, portfolio: str | None) -> ServiceAccess:
    """The running service of `portfolio`, or the only one.

    Raises:
        ServiceError: there is none, or several and none was chosen.
    """
    running = running_services(settings)
    found = [one for one in running if portfolio in (None, one.portfolio)]
    if not found:
        whose = f" of {portfolio}" if portfolio else ""
        raise ServiceError(f"No scoring service{whose} is running here.", "Start it: make up. Or name one: --service.")
    if len(found) > 1:
        names = ", ".join(one.portfolio for one in found)
        raise ServiceError(f"Several services are running: {names}.", "Choose one with --portfolio.")
    return found[0]


def stored_applications(portfolio: Portfolio, settings: Settings) -> list[dict[str, Any]]:
    """Applications to draw from: stored ones, else those that ship with the package, else generated ones.

    Raises:
        GenerationError: there are none, and nothing generates them.
    """
    used = used_columns(portfolio)  # what nobody reads is not asked of simulated applicants either
    names = [c.name for c in portfolio.application_columns if c.name in used]
    frame = _frame(portfolio, settings).select(names).head(_MOST).collect()
    rows = ({name: value for name, value in row.items() if value is not None} for row in frame.to_dicts())
    applications = list(rows)
    if not applications:
        raise GenerationError(f"{portfolio.name} has no applications.", f"credit-platform run {portfolio.name}")
    return applications


def _frame(portfolio: Portfolio, settings: Settings) -> pl.LazyFrame:
    lakehouse = Lakehouse(settings.lakehouse_root)
    for name in (portfolio.scoring_table, portfolio.training_table):
        key = f"{portfolio.name}/raw/{name}"
        if name is not None and lakehouse.exists(key):
            return lakehouse.scan(key)
    if portfolio.bundled_raw is not None:
        return _read(portfolio, portfolio.bundled_raw).lazy()
    generator = get_generator(portfolio.name)
    with tempfile.TemporaryDirectory() as folder:
        generator.generate(
            Path(folder) / "raw", scale=_GENERATED_SCALE, seed=settings.seed, drift=(), defects=(), progress=None
        )
        return _read(portfolio, Path(folder) / "raw").lazy()


def _read(portfolio: Portfolio, folder: Path) -> pl.DataFrame:
    table = portfolio.table(portfolio.training_table)
    types = {column.name: getattr(pl, column.type.value.capitalize()) for column in table.columns}
    return pl.read_csv(folder / table.file_name, schema_overrides=types)


def _bodies(
    applicants: list[dict[str, Any]],
    portfolio: Portfolio,
    shifts: tuple[Shift, ...],
    chance: random.Random,
    run: str,
) -> Iterator[dict[str, Any]]:
    number = 0
    # A stream of its own: the same seed draws the same people, with a drift and without.
    chance_of_shift = random.Random(chance.random())  # noqa: S311  # a simulation, no secret
    while True:
        number += 1
        application = shifted(chance.choice(applicants), shifts, portfolio, chance_of_shift)
        yield {"applicant_id": f"{run}{number}", "application": application}


def _send(
    access: ServiceAccess, bodies: Iterator[dict[str, Any]], rate: float, seconds: float, screen: Console
) -> Outcome:
    """Send on schedule, whether earlier answers have come or not."""
    outcome, total = Outcome(), max(1, round(rate * seconds))
    columns = (TextColumn("{task.completed:.0f} of {task.total:.0f} sent"), BarColumn(), TimeRemainingColumn())
    with (
        httpx.Client(base_url=access.url, headers=access.headers, timeout=_TIMEOUT, trust_env=False) as client,
        ThreadPoolExecutor(_WORKERS) as pool,
        Progress(*columns, console=screen, transient=True) as progress,
    ):
        task, started = progress.add_task("send", total=total), time.monotonic()
        futures: list[Future[tuple[str, str, float]]] = []
        for number in range(total):
            time.sleep(max(0.0, started + number / rate - time.monotonic()))
            futures.append(pool.submit(_ask, client, next(bodies)))
            progress.advance(task)
        wait_for(futures)
    # The last request stands for its share of the time as well: ten a second for one second take one second.
    outcome.took = max(seconds, time.monotonic() - started)
    for future in futures:
        decision, error, took = future.result()
        if decision:
            outcome.decisions[decision] += 1
            outcome.seconds.append(took)
        else:
            outcome.errors[error] += 1
    return outcome


def _ask(client: httpx.Client, body: Mapping[str, Any]) -> tuple[str, str, float]:
    """Decision, or what went wrong, and the time it took in seconds."""
    started = time.perf_counter()
    try:
        response = client.post("/predict", json=body)
        content = response.json()
    except httpx.TimeoutException:
        return "", "no answer in time", 0.0
    except (httpx.TransportError, ValueError):
        return "", "not reachable", 0.0
    if response.is_error:
        return "", f"{response.status_code} {content['error']['code']}", 0.0
    return str(content["decision"]), "", time.perf_counter() - started


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
