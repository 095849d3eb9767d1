"""`credit-platform promotions`, `approve` and `rollback`."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from credit_platform.cli.run import print_outcome, run_with_progress
from credit_platform.governance.promotion_history import Record, history
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings

_HEADINGS = ("version", "date (UTC)", "event", "model", "promoted", "by")


def show_promotions(name: str, settings: Settings) -> None:
    """Print every decision, approval, override and rollback of a portfolio, newest first.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
    """
    portfolio = get_portfolio(name)
    console = Console()
    records = history(Lakehouse(settings.lakehouse_root), portfolio.name)
    if not records:
        console.print(f"Nothing was decided yet. Run it: credit-platform run {portfolio.name}", highlight=False)
        return
    table = Table(title=f"{portfolio.title}: promotions")
    for heading in _HEADINGS:
        table.add_column(heading, overflow="fold", no_wrap=heading in ("version", "date (UTC)", "event", "promoted"))
    for record in records:
        table.add_row(*_cells(record))
    console.print(table)
    # A sentence in a column of a narrow terminal is broken within words.
    for record in records:
        said = f"Version {record.version}: {record.decision.reason}"
        console.print(said, markup=False, highlight=False, soft_wrap=True)
    for basis, found in records[0].decision.swap_set.get("sentences", {}).items():
        console.print(f"Swap set of the newest record ({basis}): {found}", markup=False, highlight=False)


def approve_promotion(name: str, settings: Settings, *, by: str, reason: str, override: bool) -> bool:
    """Record an approval or override, then promote and package the model; return whether that succeeded.

    Raises:
        PromotionRefusedError: there is nothing to approve, or a check failed that the act cannot answer for.
    """
    from credit_platform.orchestration.promotion import approve

    portfolio = get_portfolio(name)
    console = Console()
    decision = approve(portfolio, settings, by=by, reason=reason, override=override)
    console.print(escape(decision.reason), highlight=False)
    report = run_with_progress(portfolio, settings, console, job=f"{portfolio.name}_serving")
    print_outcome(report, console)
    return report.success


def roll_back_promotion(name: str, settings: Settings, *, by: str, reason: str) -> None:
    """Restore the champion before, and say what serves from now on.

    Raises:
        PromotionRefusedError: there is no model to go back to.
    """
    from credit_platform.orchestration.promotion import roll_back

    done = roll_back(get_portfolio(name), settings, by=by, reason=reason)
    console = Console()
    console.print(escape(done.decision.reason), highlight=False)
    console.print(
        f"Champion in MLflow: version {done.decision.challenger.version}. Bento: {done.bento}.", highlight=False
    )
    console.print(
        "credit-platform serve and make up follow within seconds; any other running service must be started again.",
        highlight=False,
    )


def _cells(record: Record) -> tuple[str, ...]:
    decision = record.decision
    return (
        str(record.version),
        decision.decided_at.strftime("%Y-%m-%d %H:%M:%S"),
        decision.event,
        escape(f"{decision.challenger} ({decision.challenger.digest[:12]})"),
        "yes" if decision.promoted else "no",
        escape(decision.person or decision.decided_by),
    )
