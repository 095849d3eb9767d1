"""`credit-platform run`: progress while a portfolio runs, and how it ended."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from credit_platform.errors import NoticeError, RecordError, SettingError
from credit_platform.lakehouse import Lakehouse, is_refused
from credit_platform.lakehouse.lookup import in_force_by_exception, rows_set_aside
from credit_platform.lakehouse.records import value_at
from credit_platform.local.home_owner import announced
from credit_platform.local.supervisor import INTERRUPTED
from credit_platform.monitoring.notices.problems import Notice
from credit_platform.monitoring.notices.telling import Told
from credit_platform.monitoring.retraining.records import DECISION as RETRAINING
from credit_platform.orchestration.runner import RunReport, count_steps, run_job
from credit_platform.orchestration.watcher import tell_of_run
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import monitoring_key, tables_of
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings


def job_of(portfolio: str, *, ingestion_only: bool, monitoring: bool, day: str | None) -> str:
    """Name of the job that is meant.

    Raises:
        SettingError: options that exclude each other, or `day` is none.
    """
    if ingestion_only and monitoring:
        raise SettingError("--ingestion-only and --monitoring are two different runs.", "Give one of them.")
    if day is not None and not monitoring:
        raise SettingError("Only what is watched has days.", "Give --monitoring with --day.")
    if day is not None and not _is_day(day):
        raise SettingError(f"{day!r} is not a day up to now.", "Write it as 2026-11-30.")
    return f"{portfolio}_ingestion" if ingestion_only else f"{portfolio}_monitoring" if monitoring else portfolio


def _is_day(text: str) -> bool:
    try:
        day = date.fromisoformat(text)
        # It is tomorrow already somewhere.
        return day.isoformat() == text and day <= datetime.now(UTC).date() + timedelta(days=1)
    except ValueError:
        return False


def run_portfolio(name: str, settings: Settings, *, job: str, start: str | None = None, day: str | None = None) -> bool:
    """Run a portfolio with a progress display; print errors and failed checks; return whether it succeeded.

    Args:
        name: Of the portfolio.
        settings: Where its tables lie, and how to run it.
        job: See `job_of`.
        day: Of what is watched, only this (ISO 8601).
        start: Table to begin at, with or without the name of the portfolio before it.

    Raises:
        TableNotFoundError: The run makes no table `start`.
    """
    portfolio = get_portfolio(name)
    Lakehouse(settings.lakehouse_root, pins=settings.pins)  # before anything runs: a pin may not name refused data
    console = Console()
    started = time.monotonic()
    start = start and start.removeprefix(tables_of(name))
    report = run_with_progress(portfolio, settings, console, job=job, start=start, day=day)
    print_outcome(report, console)
    tell_people(report.run_id, settings, console)
    if report.success and job == f"{name}_monitoring":
        print_watched(portfolio, settings, console)
    elif job == f"{name}_monitoring":
        print_retraining(portfolio, settings, console)
    elif report.success:
        print_set_aside(portfolio, settings, console)
        print_exceptions(portfolio, settings, console)
    console.print(f"{portfolio.title}: {'done' if report.success else 'stopped'} in {time.monotonic() - started:.1f} s")
    return report.success


def run_with_progress(
    portfolio: Portfolio,
    settings: Settings,
    console: Console,
    *,
    job: str,
    start: str | None = None,
    day: str | None = None,
) -> RunReport:
    """Run `job`, showing the step at work and how many are done; Ctrl-C ends the process with status 130."""
    try:
        return _run_with_progress(portfolio, settings, console, job=job, start=start, day=day)
    except KeyboardInterrupt:
        console.print(f"{job}: interrupted; every table kept its last good version. Run it again to go on.")
        # The step is at work in a thread that cannot be stopped, as in a kill; an ordinary exit would wait for it.
        sys.stdout.flush()
        os._exit(INTERRUPTED)


def _run_with_progress(
    portfolio: Portfolio, settings: Settings, console: Console, *, job: str, start: str | None, day: str | None
) -> RunReport:
    columns = (SpinnerColumn(), TextColumn("{task.description:<52}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as display:
        task = display.add_task(f"{job}: starting", total=count_steps(portfolio, settings, job, start))

        def progress(step: str, state: str) -> None:
            if state == "started":
                display.update(task, description=step.replace("__", "/"))
            else:
                display.advance(task)
                if not console.is_terminal:
                    console.print(f"  {state:<6} {step.replace('__', '/')}", highlight=False)

        return run_job(portfolio, settings, job=job, start=start, partition=day, progress=progress)


def tell_people(run_id: str, settings: Settings, console: Console) -> None:
    """Tell whom the settings name of what the run left wrong or put right, and say who was told."""
    pages = settings.pages_url or announced(settings)
    try:
        told = tell_of_run(settings.model_copy(update={"pages_url": pages}), run_id)
    except (NoticeError, SettingError) as error:
        console.print(f"[yellow]Nobody is told:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return
    for notice, ways in _by_notice(told).values():
        said = f"Told: {notice.heading} ({', '.join(ways)})"
        console.print(said, markup=False, highlight=False, soft_wrap=True)
    for fault in told.faults:
        console.print(f"[yellow]Not told by {escape(fault)}[/]", highlight=False, soft_wrap=True)


def _by_notice(told: Told) -> dict[tuple[int, str], tuple[Notice, list[str]]]:
    found: dict[tuple[int, str], tuple[Notice, list[str]]] = {}
    for channel, notice in told.delivered:
        found.setdefault((notice.incident, notice.kind), (notice, []))[1].append(channel.where)
    return found


def print_set_aside(portfolio: Portfolio, settings: Settings, console: Console) -> None:
    """Say how many rows of each raw file broke a rule, and how to look at them; nothing when none did."""
    for table, latest in rows_set_aside(Lakehouse(settings.lakehouse_root), portfolio):
        said = f"{table.file_name}: rows set aside, each with the rule it broke: {latest.rows:,}."
        console.print(f"{said} See them: credit-platform show {latest.key}", highlight=False, soft_wrap=True)


def print_watched(portfolio: Portfolio, settings: Settings, console: Console) -> None:
    """Say what each table of what is watched holds, in its own words."""
    lakehouse = Lakehouse(settings.lakehouse_root)
    for key in lakehouse.keys(monitoring_key(portfolio.name, "")):
        if is_refused(key) or lakehouse.latest(key) is None:
            continue
        with suppress(RecordError):  # one without such a sentence says nothing here
            said = value_at(lakehouse.read(key), "message")
            console.print(f"{key}: {said}", markup=False, highlight=False, soft_wrap=True)


def print_retraining(portfolio: Portfolio, settings: Settings, console: Console) -> None:
    """Say what is concluded of a night that stopped: whether to train again is asked all the same."""
    key, lakehouse = monitoring_key(portfolio.name, RETRAINING), Lakehouse(settings.lakehouse_root)
    if lakehouse.latest(key) is not None:
        said = value_at(lakehouse.read(key), "message")
        console.print(f"{key}: {said}", markup=False, highlight=False, soft_wrap=True)


def print_exceptions(portfolio: Portfolio, settings: Settings, console: Console) -> None:
    """Say which raw tables are in force only because a person accepted them; nothing when none is."""
    for latest in in_force_by_exception(Lakehouse(settings.lakehouse_root), portfolio):
        said = f"{latest.key}: version {latest.version}, in force by exception. {latest.exception}"
        console.print(said, markup=False, highlight=False, soft_wrap=True)


def print_outcome(report: RunReport, console: Console) -> None:
    """Print what failed and what only warned; nothing when all is well."""
    # Steps that fail for the same reason say it once.
    for error in dict.fromkeys(report.errors):
        console.print(f"[bold red]Failed:[/] {escape(error)}", highlight=False, soft_wrap=True)
    for check in report.failed_checks:
        style, word = ("bold red", "Stopped by") if check.blocking else ("yellow", "Warning from")
        message = escape(f"{check.asset}, check {check.check}: {check.message}")
        console.print(f"[{style}]{word}[/] {message}", highlight=False, soft_wrap=True)
