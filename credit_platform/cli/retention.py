"""`credit-platform retention`: what is too old by what portfolios declare, or what old versions would free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rich.console import Console

from credit_platform.cli.listing import Field, Listing, show_on_screen, thousands
from credit_platform.cli.options import confirm, parse_pins
from credit_platform.errors import SettingError
from credit_platform.governance.expiry import Expired, Remover, expired, removals, remove_expired
from credit_platform.governance.retention import retain
from credit_platform.lakehouse import Lakehouse, VacuumResult
from credit_platform.modelling.tracking import existing_tracking
from credit_platform.monitoring.decisions.logs import models_in, open_logs
from credit_platform.portfolios import all_portfolios, get_portfolio, portfolio_names
from credit_platform.settings import Settings


def remove_too_old(
    settings: Settings, *, portfolio: str | None, pins: Sequence[str], dry_run: bool, by: str, reason: str, yes: bool
) -> None:
    """Remove the versions and reports that each portfolio may keep no longer (none with `dry_run`), and say which.

    Raises:
        DecisionLogError: it cannot be known which models decided.
        SettingError: a pin cannot be read; a name, a reason or a yes is missing.
        TableNotFoundError: a pin names a version that does not exist.
        UnknownPortfolioError: there is no such portfolio.
    """
    lakehouse, console, named = Lakehouse(settings.lakehouse_root), Console(), _pins(settings, pins)
    chosen = [get_portfolio(portfolio)] if portfolio else all_portfolios()
    logs = open_logs(settings)
    decided_by = {one.name: models_in(logs, one.name) for one in chosen}
    registries = {one.name: existing_tracking(settings, one.name) for one in chosen}
    found = {
        one.name: expired(
            *(lakehouse, one, settings), pins=named, decided_by=decided_by[one.name], registry=registries[one.name]
        )
        for one in chosen
    }
    for one in chosen:
        kept, going = one.retention, found[one.name]
        said = (
            f"{one.name} keeps tables for {kept.features.days} days, reports for {kept.reports.days}, and models for "
            f"{kept.models.days} after they were last in production, or longer while something in force needs them."
        )
        console.print(said, highlight=False, soft_wrap=True)
        _print_expired(going, console, dry_run=True)
    if dry_run or not any(found.values()):
        console.print("Nothing was removed.")
        return
    remover = _remover(by, reason)
    bytes_ = sum(going.bytes for going in found.values())
    confirm(f"Remove {bytes_:,} bytes of what is too old for good?", yes=yes)
    for one in chosen:
        if found[one.name]:
            by_models, registry = decided_by[one.name], registries[one.name]
            remove_expired(lakehouse, one, settings, remover, pins=named, decided_by=by_models, registry=registry)
    console.print(f"Removed by {remover.person} (account {remover.account}): {bytes_:,} bytes.", highlight=False)


def show_removals(settings: Settings, *, portfolio: str | None) -> None:
    """List when versions and reports were removed because of their age, how many, by whom and why.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
    """
    lakehouse, console = Lakehouse(settings.lakehouse_root), Console()
    for name in [get_portfolio(portfolio).name] if portfolio else portfolio_names():
        for one in removals(lakehouse, name):
            versions = sum(len(numbers) for numbers in one.tables.values())
            who = f"{one.person} (account {one.account}): {one.reason}"
            said = f"{one.removed_at:%Y-%m-%d %H:%M} UTC, {name}: {versions} versions of {len(one.tables)} tables"
            console.print(
                f"{said}, {len(one.reports)} reports, {len(one.models or ())} things of models, by {who}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )


def remove_old_versions(
    settings: Settings,
    *,
    keep: int,
    portfolio: str | None,
    pins: Sequence[str],
    dry_run: bool,
    by: str,
    reason: str,
    yes: bool,
) -> None:
    """Remove versions that nothing needs (none with `dry_run`) and print what went, table by table, with bytes.

    Raises:
        SettingError: a pin cannot be read; a name, a reason or a yes is missing.
        TableNotFoundError: a pin names a version that does not exist.
        UnknownPortfolioError: there is no such portfolio.
    """
    chosen = [get_portfolio(portfolio).name] if portfolio else portfolio_names()
    lakehouse, console, named = Lakehouse(settings.lakehouse_root), Console(), _pins(settings, pins)
    found = retain(lakehouse, chosen, keep, pins=named, dry_run=True)
    print_results(found, console, dry_run=True)
    if dry_run or not any(one.removed_versions or one.files for one in found):
        return
    remover = _remover(by, reason)
    confirm("Remove these versions for good?", yes=yes)
    done = retain(lakehouse, chosen, keep, pins=named, dry_run=False, note=remover.note())
    versions, size = sum(len(one.removed_versions) for one in done), sum(one.bytes for one in done)
    said = f"{versions} versions, {size:,} bytes removed by {remover.person} (account {remover.account})."
    console.print(said, highlight=False)


def _pins(settings: Settings, pins: Sequence[str]) -> dict[str, set[int]]:
    named: dict[str, set[int]] = defaultdict(set)
    for key, version in [*settings.pins.items(), *(item for pin in pins for item in parse_pins([pin]).items())]:
        named[key].add(version)
    return named


def _remover(by: str, reason: str) -> Remover:
    if not by.strip() or not reason.strip():
        raise SettingError("A name or a reason is missing.", "Give both: --by NAME --reason TEXT.")
    return Remover(person=by.strip(), reason=reason.strip())


def _print_expired(going: Expired, console: Console, *, dry_run: bool) -> None:
    print_results(going.tables, console, dry_run=dry_run)
    done = "would be removed" if dry_run else "removed"
    for report in going.reports:
        said = f"{report.name}, last written {report.changed:%Y-%m-%d}: {report.bytes:,} bytes {done}."
        console.print(said, markup=False, highlight=False, soft_wrap=True)
    for model in going.models:
        said = f"{model.name}, of a model last needed {model.last_needed:%Y-%m-%d}: {model.bytes:,} bytes {done}."
        console.print(said, markup=False, highlight=False, soft_wrap=True)
    for one in going.registered:
        said = f"Version {one.version} of {one.model} in MLflow, with its files, of {one.made_at:%Y-%m-%d}: {done}."
        console.print(said, markup=False, highlight=False, soft_wrap=True)


def print_results(results: Sequence[VacuumResult], console: Console, *, dry_run: bool) -> None:
    """Print a line per table that loses anything, and the sum."""
    going = [result for result in results if result.removed_versions or result.files]
    done = "would be removed" if dry_run else "removed"
    if going:
        fields = (
            Field("table", "table"),
            Field("kept", "versions kept", _numbers),
            Field("removed", f"versions {done}", _numbers),
            Field("files", "files", thousands),
            Field("bytes", "bytes", thousands),
        )
        rows = [
            {
                "table": result.key,
                "kept": sorted(result.kept_versions),
                "removed": sorted(result.removed_versions),
                "files": len(result.files),
                "bytes": result.bytes,
            }
            for result in going
        ]
        show_on_screen(Listing("Old versions", fields, rows), console)
    versions, files = sum(len(r.removed_versions) for r in going), sum(len(r.files) for r in going)
    total = f"{sum(r.bytes for r in going):,} bytes"
    console.print(f"{len(results)} tables: {versions} versions, {files} files, {total} {done}.", highlight=False)


def _numbers(versions: Sequence[int]) -> str:
    return ", ".join(map(str, versions)) or "none"
