"""`credit-platform retention`: what old versions would free, or their removal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rich.console import Console
from rich.table import Column, Table

from credit_platform.cli.options import parse_pins
from credit_platform.governance.retention import retain
from credit_platform.lakehouse import Lakehouse, VacuumResult
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios import get_portfolio, portfolio_names
from credit_platform.settings import Settings


def remove_old_versions(
    settings: Settings, *, keep: int, portfolio: str | None, pins: Sequence[str], dry_run: bool
) -> None:
    """Remove versions that nothing needs (none with `dry_run`) and print what went, table by table, with bytes.

    Raises:
        SettingError: a pin cannot be read.
        TableNotFoundError: a pin names a version that does not exist.
        UnknownPortfolioError: there is no such portfolio.
    """
    named: dict[str, set[int]] = defaultdict(set)
    for key, version in [*settings.pins.items(), *(item for pin in pins for item in parse_pins([pin]).items())]:
        named[key].add(version)
    chosen = [get_portfolio(portfolio).name] if portfolio else portfolio_names()
    lakehouse = Lakehouse(settings.lakehouse_root, shelf=Shelf.of(settings))
    results = retain(lakehouse, chosen, keep, pins=named, dry_run=dry_run)
    print_results(results, Console(), dry_run=dry_run)
    if not dry_run and lakehouse.shelf.is_used and (gone := lakehouse.shelf.store.tidy()):
        Console().print(f"{len(gone)} files of artefacts that were replaced removed.", highlight=False)


def print_results(results: Sequence[VacuumResult], console: Console, *, dry_run: bool) -> None:
    """Print a line per table that loses anything, and the sum."""
    going = [result for result in results if result.removed_versions or result.files]
    done = "would be removed" if dry_run else "removed"
    if going:
        table = Table(Column("table", overflow="fold"), "versions kept", f"versions {done}", "files", "bytes")
        for result in going:
            kept, removed = (", ".join(map(str, sorted(v))) for v in (result.kept_versions, result.removed_versions))
            table.add_row(result.key, kept, removed or "none", str(len(result.files)), f"{result.bytes:,}")
        console.print(table)
    versions, files = sum(len(r.removed_versions) for r in going), sum(len(r.files) for r in going)
    total = f"{sum(r.bytes for r in going):,} bytes"
    console.print(f"{len(results)} tables: {versions} versions, {files} files, {total} {done}.", highlight=False)
