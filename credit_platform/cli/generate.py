"""`credit-platform generate`: synthetic raw files, with a progress bar and what was written."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from credit_platform.errors import GenerationError
from credit_platform.lakehouse.generated_files import (
    LEAST_COMPARABLE_SCALE,
    FidelityReport,
    generate_raw_files,
    write_fidelity,
)
from credit_platform.portfolios import get_fidelity, get_generator, get_portfolio
from credit_platform.portfolios.generator import GenerationReport
from credit_platform.portfolios.portfolio import Portfolio

_MEGABYTE = 1e6


def show_options(name: str) -> None:
    """Print the drifts and defects that the generator of portfolio `name` knows.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
        GenerationError: it has no generator.
    """
    generator, console = get_generator(name), Console()
    for option, known in (("--drift", generator.drifts), ("--defects", generator.defects)):
        table = Table("name", "what it does", title=option, title_justify="left")
        for word, meaning in known.items():
            table.add_row(word, meaning)
        console.print(table)


def generate_files(
    name: str,
    out: Path,
    *,
    scale: float,
    seed: int,
    drift: Sequence[str] = (),
    defects: Sequence[str] = (),
    with_fidelity: bool = False,
) -> GenerationReport:
    """Write the raw files of portfolio `name` to `out`, showing progress, and print what was written.

    With `with_fidelity` the files are compared with the real ones, on the screen and on a page beside the files.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
        GenerationError: it has no generator, an option cannot be used, or `out` holds files that nobody generated.
    """
    console = Console()
    fidelity = get_fidelity(name) if with_fidelity else None
    if fidelity and defects:
        raise GenerationError("Damaged files are not compared with the real ones.", "Leave out --report or --defects.")
    report = write_files(name, out, console, scale=scale, seed=seed, drift=drift, defects=defects)
    if fidelity:
        _print_fidelity(write_fidelity(fidelity, report.folder), console, scale=scale)
    _print(report, get_portfolio(name), console)
    return report


def write_files(
    name: str,
    out: Path,
    console: Console,
    *,
    scale: float,
    seed: int,
    drift: Sequence[str] = (),
    defects: Sequence[str] = (),
) -> GenerationReport:
    """Write the raw files of portfolio `name` to `out`, showing progress on `console`.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
        GenerationError: it has no generator, an option cannot be used, or `out` holds files that nobody generated.
    """
    title = get_portfolio(name).title
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as display:
        task = display.add_task(f"{title}: synthetic files", total=1.0)
        return generate_raw_files(
            name,
            out,
            scale=scale,
            seed=seed,
            drift=drift,
            defects=defects,
            progress=lambda _, share: display.update(task, completed=share),
        )


def _print_fidelity(found: FidelityReport, console: Console, *, scale: float) -> None:
    columns = ("table", "statistic", "compared", "within", "largest_distance")
    table = Table(*columns[:-1], "largest", title="Against the statistics of the real files", title_justify="left")
    for row in found.summary.select(columns).sort("table", maintain_order=True).iter_rows():
        table.add_row(*(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row))
    console.print(table)
    console.print(f"{found.within} of {found.compared} comparisons are within tolerance; every one is in:")
    console.print(str(found.page), highlight=False, soft_wrap=True)
    if scale < LEAST_COMPARABLE_SCALE:
        console.print(f"The tolerances are meant for a scale of {LEAST_COMPARABLE_SCALE} or more.")


def _print(report: GenerationReport, portfolio: Portfolio, console: Console) -> None:
    title = escape(f"{portfolio.title}: synthetic files in {report.folder}")
    table = Table("file", "rows", title=title, title_justify="left")
    for source in portfolio.tables:
        table.add_row(source.file_name, f"{report.rows[source.name]:,}")
    console.print(table)
    for note in report.notes:
        console.print(f"[yellow]Defect:[/] {note}", highlight=False)
    console.print(f"{report.bytes / _MEGABYTE:,.1f} MB in {report.seconds:.1f} s.")
    command = f"credit-platform run {portfolio.name} --raw {shlex.quote(str(report.folder))}"
    console.print(f"Next: {command}", highlight=False, markup=False, soft_wrap=True)
