"""`credit-platform retention`: what is too old by what portfolios declare, or what old versions would free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from credit_platform.cli.listing import Field, Listing, Row, moment, show_listing, tell, thousands
from credit_platform.cli.options import confirm, parse_pins
from credit_platform.errors import SettingError
from credit_platform.governance.expiry import Expired, RemovalRecord, Remover, expired, removals, remove_expired
from credit_platform.governance.retention import retain
from credit_platform.lakehouse import Lakehouse, VacuumResult
from credit_platform.modelling.tracking import existing_tracking
from credit_platform.monitoring.decisions.logs import models_in, open_logs
from credit_platform.portfolios import all_portfolios, get_portfolio, portfolio_names
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

_GOING = (
    Field("what", "what"),
    Field("kept", "versions kept", lambda versions: ", ".join(map(str, versions)) or "none"),
    Field("removed", "versions removed", lambda versions: ", ".join(map(str, versions)) or "none"),
    Field("files", "files", thousands),
    Field("bytes", "bytes", thousands),
    Field("last_needed", "last needed"),
    Field("kind", "kind"),
)
_REMOVAL = (
    Field("removed_at", "date (UTC)", moment),
    Field("portfolio", "portfolio"),
    Field("versions", "versions of tables", thousands),
    Field("tables", "tables", thousands),
    Field("reports", "reports", thousands),
    Field("models", "things of models", thousands),
    Field("bytes", "bytes", thousands),
    Field("person", "by"),
    Field("account", "account"),
    Field("reason", "reason", is_sentence=True),
)


@dataclass(frozen=True, kw_only=True)
class Removal:
    """What was asked for."""

    portfolio: str | None
    """Only of this one."""
    pins: tuple[str, ...]
    dry_run: bool
    by: str
    reason: str
    yes: bool
    as_json: bool

    @property
    def portfolios(self) -> Sequence[Portfolio]:
        """Whose tables it is about.

        Raises:
            UnknownPortfolioError: there is no such portfolio.
        """
        return [get_portfolio(self.portfolio)] if self.portfolio else all_portfolios()

    @property
    def remover(self) -> Remover:
        """Who removes, and why.

        Raises:
            SettingError: a name or a reason is missing.
        """
        if not self.by.strip() or not self.reason.strip():
            raise SettingError("A name or a reason is missing.", "Give both: --by NAME --reason TEXT.")
        return Remover(person=self.by.strip(), reason=self.reason.strip())

    def tell(self, text: str) -> None:
        """Print a sentence beside the records."""
        tell(text, as_json=self.as_json)

    def show(self, rows: Sequence[Row], notes: Sequence[str]) -> None:
        """Print what goes, or would go."""
        title = "What would be removed" if self.dry_run else "What is to be removed"
        show_listing(Listing(title, _GOING, rows, tuple(notes)), as_json=self.as_json)


def remove_too_old(settings: Settings, asked: Removal) -> None:
    """Remove the versions and reports that each portfolio may keep no longer, if so asked, and print which.

    Raises:
        DecisionLogError: it cannot be known which models decided.
        SettingError: a pin cannot be read; a name, a reason or a yes is missing.
        TableNotFoundError: a pin names a version that does not exist.
        UnknownPortfolioError: there is no such portfolio.
    """
    lakehouse, named, chosen = Lakehouse(settings.lakehouse_root), _pins(settings, asked.pins), asked.portfolios
    logs = open_logs(settings)
    decided_by = {one.name: models_in(logs, one.name) for one in chosen}
    registries = {one.name: existing_tracking(settings, one.name) for one in chosen}
    found = {
        one.name: expired(
            *(lakehouse, one, settings), pins=named, decided_by=decided_by[one.name], registry=registries[one.name]
        )
        for one in chosen
    }
    nothing = asked.dry_run or not any(found.values())
    notes = [*map(_declared, chosen), *(_sum(found[one.name].tables) for one in chosen)]
    notes += ["Nothing was removed."] if nothing else []
    asked.show([row for one in chosen for row in _rows(found[one.name])], notes)
    if nothing:
        return
    remover = asked.remover
    bytes_ = sum(going.bytes for going in found.values())
    confirm(f"Remove {bytes_:,} bytes of what is too old for good?", yes=asked.yes)
    for one in chosen:
        if found[one.name]:
            by_models, registry = decided_by[one.name], registries[one.name]
            remove_expired(lakehouse, one, settings, remover, pins=named, decided_by=by_models, registry=registry)
    asked.tell(f"Removed by {remover.person} (account {remover.account}): {bytes_:,} bytes.")


def show_removals(settings: Settings, *, portfolio: str | None, as_json: bool = False) -> None:
    """List when versions and reports were removed because of their age, how many, by whom and why.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
    """
    lakehouse = Lakehouse(settings.lakehouse_root)
    chosen = [get_portfolio(portfolio).name] if portfolio else portfolio_names()
    rows = [_removal_row(name, one) for name in chosen for one in removals(lakehouse, name)]
    show_listing(Listing("Removed because of their age", _REMOVAL, rows), as_json=as_json)


def remove_old_versions(settings: Settings, asked: Removal, *, keep: int) -> None:
    """Remove versions that nothing needs, if so asked, and print what goes, table by table, with bytes.

    Raises:
        SettingError: a pin cannot be read; a name, a reason or a yes is missing.
        TableNotFoundError: a pin names a version that does not exist.
        UnknownPortfolioError: there is no such portfolio.
    """
    chosen = [one.name for one in asked.portfolios]
    lakehouse, named = Lakehouse(settings.lakehouse_root), _pins(settings, asked.pins)
    found = retain(lakehouse, chosen, keep, pins=named, dry_run=True)
    asked.show(_table_rows(found), [_sum(found)])
    if asked.dry_run or not any(one.removed_versions or one.files for one in found):
        return
    remover = asked.remover
    confirm("Remove these versions for good?", yes=asked.yes)
    done = retain(lakehouse, chosen, keep, pins=named, dry_run=False, note=remover.note())
    versions, size = sum(len(one.removed_versions) for one in done), sum(one.bytes for one in done)
    asked.tell(f"{versions} versions, {size:,} bytes removed by {remover.person} (account {remover.account}).")


def _pins(settings: Settings, pins: Sequence[str]) -> dict[str, set[int]]:
    named: dict[str, set[int]] = defaultdict(set)
    for key, version in [*settings.pins.items(), *(item for pin in pins for item in parse_pins([pin]).items())]:
        named[key].add(version)
    return named


def _declared(portfolio: Portfolio) -> str:
    kept = portfolio.retention
    return (
        f"{portfolio.name} keeps tables for {kept.features.days} days, reports for {kept.reports.days}, and models for "
        f"{kept.models.days} after they were last in production, or longer while something in force needs them."
    )


def _row(kind: str, what: str, **values: object) -> Row:
    return {**{field.name: None for field in _GOING}, "kind": kind, "what": what, **values}


def _rows(going: Expired) -> Iterator[Row]:
    yield from _table_rows(going.tables)
    for report in going.reports:
        yield _row("report", report.name, last_needed=report.changed.date(), bytes=report.bytes)
    for model in going.models:
        yield _row("model", model.name, last_needed=model.last_needed.date(), bytes=model.bytes)
    for one in going.registered:
        name = f"mlflow:{one.model}/{one.version}"
        yield _row("registered model", name, last_needed=one.made_at.date(), removed=[one.version])


def _table_rows(results: Sequence[VacuumResult]) -> list[Row]:
    return [
        _row(
            "table",
            result.key,
            kept=sorted(result.kept_versions),
            removed=sorted(result.removed_versions),
            files=len(result.files),
            bytes=result.bytes,
        )
        for result in results
        if result.removed_versions or result.files
    ]


def _sum(results: Sequence[VacuumResult]) -> str:
    versions, files = sum(len(r.removed_versions) for r in results), sum(len(r.files) for r in results)
    total = f"{sum(r.bytes for r in results):,} bytes"
    return f"{len(results)} tables: {versions} versions, {files} files, {total} would be removed."


def _removal_row(portfolio: str, one: RemovalRecord) -> Row:
    return {
        "removed_at": one.removed_at,
        "portfolio": portfolio,
        "versions": sum(len(numbers) for numbers in one.tables.values()),
        "tables": len(one.tables),
        "reports": len(one.reports),
        "models": len(one.models or ()),
        "bytes": one.bytes,
        "person": one.person,
        "account": one.account,
        "reason": one.reason,
    }
