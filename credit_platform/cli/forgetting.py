"""`decisions purge`, `erase`, `removals`, `verify`, `declare-lost`: forgetting, and proof of the rest."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from credit_platform.cli.erasing_again import erase_again
from credit_platform.cli.listing import AsJson, Field, Listing, moment, show_listing, thousands
from credit_platform.cli.options import confirm, parse_duration, parse_settings, read_settings
from credit_platform.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from credit_platform.monitoring.decision_log import Act, DecisionStore, Verification
    from credit_platform.portfolios.portfolio import Portfolio
    from credit_platform.settings import Settings

By = Annotated[str, typer.Option(help="Your name; it goes into the record, beside the account of this machine.")]
Reason = Annotated[str, typer.Option(help="Why; it goes into the record. Name nobody here.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

_REMOVAL = (
    Field("removed_at", "time (UTC)", moment),
    Field("kind", "why"),
    Field("portfolio", "portfolio"),
    Field("decided_before", "decided before", moment),
    Field("decisions", "decisions", thousands),
    Field("person", "by"),
    Field("account", "account"),
    Field("reason", "reason"),
)


def add_commands(app: typer.Typer) -> None:
    """Add the commands to `credit-platform decisions`."""
    app.command()(purge)
    app.command()(erase)
    app.command()(removals)
    app.command()(verify)
    app.command("declare-lost")(declare_lost)
    app.command("erase-again")(erase_again)


def purge(
    *,
    by: By = "",
    reason: Reason = "",
    older_than: Annotated[
        str | None,
        typer.Option(help="Age from which decisions go: 730d, 104w. By default what each portfolio declares."),
    ] = None,
    portfolio: Annotated[str | None, typer.Option(help="Of this portfolio only.")] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Remove decisions that are older than the time they may be kept."""
    from credit_platform.monitoring.decision_log import Filter
    from credit_platform.monitoring.decision_retention import horizons_of
    from credit_platform.monitoring.decisions.logs import every_store

    settings, now, console = read_settings(), datetime.now(UTC), Console()
    chosen = _portfolios(portfolio)
    given = None if older_than is None else parse_duration(older_than)
    horizons = horizons_of(chosen, given, now)
    stores = every_store(settings)
    counts = {
        name: sum(store.count(Filter(portfolio=name, until=before)) for store in stores)
        for name, before in horizons.items()
    }
    for name, before in horizons.items():
        going = "would be removed" if dry_run else "are too old"
        said = f"{name}: {counts[name]} decisions from before {before:%Y-%m-%d %H:%M} UTC {going}."
        console.print(said, highlight=False, soft_wrap=True)
    names = [one.name for one in chosen]
    if dry_run or not any(counts.values()):
        console.print("Nothing was removed.")
        _forget_in_tables(settings, names, console, erased=False, dry_run=dry_run)
        return
    act = _act(by, reason)
    confirm(f"Remove {sum(counts.values())} decisions for good?", yes=yes)
    done = 0
    for store in stores:
        done += sum(store.purge(horizons[name], act, portfolio=name) for name, count in counts.items() if count)
        store.close()
    console.print(f"{done} decisions were removed; `removals` notes it.", highlight=False)
    _forget_in_tables(settings, names, console, erased=True, dry_run=False)


def erase(
    applicant: Annotated[str, typer.Option(help="Whose decisions are removed.")],
    *,
    by: By = "",
    reason: Reason = "",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Remove all decisions about an applicant who has the right to it, and what is known of them elsewhere.

    They go from the decision logs of all services, from every version of the tables that are made of these, and their
    histories from Bentos.
    """
    from credit_platform.monitoring.decision_log import Filter
    from credit_platform.monitoring.decisions.logs import every_store
    from credit_platform.portfolios import portfolio_names
    from credit_platform.serving.begun_erasures import begun
    from credit_platform.serving.shipped_histories import erase_from_bentos

    settings, console = read_settings(), Console()
    stores = every_store(settings)
    count = sum(store.count(Filter(applicant_id=applicant)) for store in stores)
    bentos = erase_from_bentos(settings, applicant, dry_run=True)
    if not count and not bentos:
        console.print("Nobody of that name is known: no decision in the log is about them, and no Bento holds them.")
    if dry_run:
        console.print(f"{count} decisions and the histories in {len(bentos)} Bentos would be removed. Nothing was.")
        if count:
            console.print("Rows made of these decisions would go from every version of monitoring/decisions.")
        _forget_in_tables(settings, portfolio_names(), console, erased=False, dry_run=True)
        return
    act = _act(by, reason)
    if count or bentos:
        confirm(f"Remove {count} decisions and the histories in {len(bentos)} Bentos for good?", yes=yes)
    # Noted first: whatever of this is cut short, the next command ends it.
    with begun(settings, applicant, act):
        _erase_everywhere(settings, applicant, act, stores, console)
        # Also where nothing was removed now: an erasure that was interrupted after the log is ended here.
        _forget_in_tables(settings, portfolio_names(), console, erased=True, dry_run=False)


def _erase_everywhere(
    settings: Settings, applicant: str, act: Act, stores: Sequence[DecisionStore], console: Console
) -> None:
    from credit_platform.serving.shipped_histories import erase_from_bentos, remember_erasure

    bentos = erase_from_bentos(settings, applicant)
    # Also where nothing is counted: what was removed before may still stand in a write-ahead log.
    done = 0
    for store in stores:
        done += store.erase(applicant, act)
        store.close()
    remember_erasure(settings, applicant)  # once more: what was decided meanwhile went, too
    noted = "`removals` notes it, without the applicant." if done else "there is nothing to note."
    console.print(f"{done} decisions were removed; {noted}")
    console.print(f"Stored histories were removed from {len(bentos)} Bentos; the next ones will not hold them.")
    for bento in bentos:
        console.print(f"Container images of {bento.parent.name}:{bento.name} hold them still: build these again.")


def _forget_in_tables(
    settings: Settings, portfolios: Sequence[str], console: Console, *, erased: bool, dry_run: bool
) -> None:
    """Take what the logs do not hold any more out of every version of the tables made of them, and say so."""
    from credit_platform.lakehouse import Lakehouse
    from credit_platform.monitoring.decisions.forgetting import forget
    from credit_platform.monitoring.decisions.logs import open_logs

    lakehouse, logs = Lakehouse(settings.lakehouse_root), open_logs(settings)
    would = "would go" if dry_run else "went"
    for portfolio in portfolios:
        for gone in forget(lakehouse, portfolio, logs, erased=erased, dry_run=dry_run):
            if gone.nothing:
                continue
            named = ", ".join(map(str, sorted(gone.versions))) or "none"
            console.print(
                f"{gone.key}: {gone.rows} rows {would} that no log holds any more, with {gone.files} files. Versions "
                f"that cannot be read any more, pinned or not: {named}.",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )


def removals(*, as_json: AsJson = False) -> None:
    """List when decisions were removed, how many, by whom and why."""
    found = _store(parse_settings().decision_log).removals()
    rows = [{field.name: getattr(one, field.name) for field in _REMOVAL} for one in found]
    show_listing(Listing("Removed from the decision log", _REMOVAL, rows), as_json=as_json)


def verify(*, as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False) -> None:
    """Follow the hash chain of the decision log and compare it with its checkpoints; exits with 1 on any finding."""
    from credit_platform.monitoring.decision_log import verify as verify_log

    store = _store(parse_settings().decision_log)
    found = verify_log(store)
    if as_json:
        typer.echo(
            json.dumps({**asdict(found), "clean": found.is_clean, "checkpoints": str(store.checkpoints)}, indent=2)
        )
    else:
        _print(found, store)
    raise typer.Exit(0 if found.is_clean else 1)


def declare_lost(
    *,
    by: By = "",
    reason: Reason = "",
    yes: Yes = False,
    promotions: Annotated[
        str | None, typer.Option(help="Of this portfolio: its promotion history instead of the decision log.")
    ] = None,
) -> None:
    """Declare decisions lost that checkpoints vouch for, so that a service starts: only if nothing can be restored."""
    if promotions is not None:
        _declare_promotions_lost(promotions, by, reason, yes=yes)
        return
    from credit_platform.errors import DecisionLogLostError

    store, console = _store(read_settings().decision_log), Console()
    try:
        store.require_whole()
    except DecisionLogLostError as error:
        console.print(error.what, highlight=False, soft_wrap=True)
    else:
        console.print("Nothing is lost: the log holds all that its checkpoints vouch for. Nothing was declared.")
        return
    act = _act(by, reason)
    confirm("Declare these decisions lost?", yes=yes)
    lost = store.declare_lost(act)
    rows = sum(lost.values())
    console.print(f"{rows} rows of {len(lost)} writers are declared lost by {act.person}; the checkpoints keep it.")


def _declare_promotions_lost(portfolio: str, by: str, reason: str, *, yes: bool) -> None:
    from credit_platform.monitoring.promotion_checkpoints import declare_promotions_lost
    from credit_platform.portfolios import get_portfolio

    name, act = get_portfolio(portfolio).name, _act(by, reason)
    confirm(f"Declare what is missing of the promotion history of {name} lost?", yes=yes)
    newest = declare_promotions_lost(read_settings(), name, act)
    Console().print(
        f"What is missing of the promotion history of {name}, vouched for up to version {newest}, is declared lost by "
        f"{act.person}; the checkpoints keep it."
    )


def _print(found: Verification, store: DecisionStore) -> None:
    console = Console()
    for finding in found.findings:
        console.print(f"{finding.kind}: {finding.what}", highlight=False, markup=False, soft_wrap=True)
    sentences = [
        f"{found.decisions} decisions of {found.writers} writers were followed; {found.removed} more were removed by "
        "erasure or retention, and their places are proven.",
        f"Checkpoints: {store.checkpoints}.",
    ]
    if found.before_the_chain:
        sentences.append(f"{found.before_the_chain} of them were written before the chain, and are sealed since.")
    if found.lost:
        sentences.append(f"{found.lost} rows were declared lost.")
    if found.uncovered:
        sentences.append(
            f"{found.uncovered} rows at the end of their chains are covered by no checkpoint yet: whoever owns the "
            "database could have changed these."
        )
    elif found.is_clean:
        sentences.append("Every row is covered by a checkpoint.")
    sentences.append("Nothing was changed." if found.is_clean else f"{len(found.findings)} findings.")
    for sentence in sentences:
        console.print(sentence, highlight=False, markup=False, soft_wrap=True)


def _portfolios(name: str | None) -> Sequence[Portfolio]:
    from credit_platform.portfolios import all_portfolios, get_portfolio

    return all_portfolios() if name is None else [get_portfolio(name)]


def _store(url: str) -> DecisionStore:
    from credit_platform.monitoring.decision_log import DecisionStore

    return DecisionStore(url)


def _act(by: str, reason: str) -> Act:
    from credit_platform.monitoring.decision_log import Act

    if not by.strip() or not reason.strip():
        raise SettingError("A name or a reason is missing.", "Give both: --by NAME --reason TEXT.")
    return Act(person=by.strip(), reason=reason.strip())
