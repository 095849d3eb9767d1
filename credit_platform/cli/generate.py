"""`credit-platform generate`: synthetic raw files, with a progress bar and what was written."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from credit_platform.cli.listing import Field, Listing, show_listing, show_on_screen, thousands
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
_OPTIONS = (Field("option", "option"), Field("name", "name"), Field("meaning", "what it does"))
_FIDELITY = (
    Field("table", "table"),
    Field("statistic", "statistic"),
    Field("compared", "compared"),
    Field("within", "within"),
    Field("largest_distance", "largest", lambda found: f"{found:.3f}" if isinstance(found, float) else str(found)),
)


def show_options(name: str, *, as_json: bool = False) -> None:
    """Print the drifts and defects that the generator of portfolio `name` knows.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
        GenerationError: it has no generator.
    """
    generator = get_generator(name)
    known = {"--drift": generator.drifts, "--defects": generator.defects}
    rows = [
        {"option": option, "name": word, "meaning": meaning}
        for option, words in known.items()
        for word, meaning in words.items()
    ]
    show_listing(Listing(f"What generate {name} can do besides", _OPTIONS, rows), as_json=as_json)


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
    rows = list(found.summary.sort("table", maintain_order=True).iter_rows(named=True))
    show_on_screen(Listing("Against the statistics of the real files", _FIDELITY, rows), console)
    console.print(f"{found.within} of {found.compared} comparisons are within tolerance; every one is in:")
    console.print(str(found.page), highlight=False, soft_wrap=True)
    if scale < LEAST_COMPARABLE_SCALE:
        console.print(f"The tolerances are meant for a scale of {LEAST_COMPARABLE_SCALE} or more.")


def _print(report: GenerationReport, portfolio: Portfolio, console: Console) -> None:
    title = f"{portfolio.title}: synthetic files in {report.folder}"
    rows = [{"file": source.file_name, "rows": report.rows[source.name]} for source in portfolio.tables]
    show_on_screen(Listing(title, (Field("file", "file"), Field("rows", "rows", thousands)), rows), console)
    for note in report.notes:
        console.print(f"[yellow]Defect:[/] {note}", highlight=False)
    console.print(f"{report.bytes / _MEGABYTE:,.1f} MB in {report.seconds:.1f} s.")
    command = f"credit-platform run {portfolio.name} --raw {shlex.quote(str(report.folder))}"
    console.print(f"Next: {command}", highlight=False, markup=False, soft_wrap=True)
