"""`credit-platform demo`: from raw files to two decisions over HTTP, and a summary of what was made."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from credit_platform.cli.run import print_outcome, run_with_progress
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.orchestration.freshness import is_current
from credit_platform.orchestration.service_process import start_service
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

DEMO_PORTFOLIO = "german_credit"
EXPECTED = ("accepted", "refused")
"""The demonstration asks for one decision of each kind, by the portfolio's examples of these names."""


def run_demo(settings: Settings) -> bool:
    """Run the demonstration; return whether both decisions came out as expected."""
    console, started = Console(), time.monotonic()
    portfolio = get_portfolio(DEMO_PORTFOLIO)
    if is_current(portfolio, settings):
        console.print(f"{portfolio.title}: files, code and settings have not changed; using what is there.")
    else:
        report = run_with_progress(portfolio, settings, console, job=portfolio.name)
        print_outcome(report, console)
        if not report.success:
            return False
    lakehouse = Lakehouse(settings.lakehouse_root)
    answers = _ask(portfolio, Path(lakehouse.read(f"{portfolio.name}/serving/bento").summary["path"]), settings)
    _print_models(portfolio, lakehouse, console)
    _print_decisions(answers, console)
    _print_places(portfolio, settings, console)
    console.print(f"Done in {time.monotonic() - started:.0f} s.")
    return all(answers[kind]["decision"] == kind for kind in EXPECTED)


def _ask(portfolio: Portfolio, bento: Path, settings: Settings) -> dict[str, dict[str, Any]]:
    """Start the service on a free port, ask it once per example, stop it."""
    with start_service(bento, settings=settings) as service:
        return {kind: service.predict(dict(portfolio.examples[kind]), language="en") for kind in EXPECTED}


def _print_models(portfolio: Portfolio, lakehouse: Lakehouse, console: Console) -> None:
    comparison = lakehouse.read(f"{portfolio.name}/models/comparison")
    threshold = lakehouse.read(f"{portfolio.name}/models/threshold").summary
    table = Table("candidate", "AUC (95 %)", "cost per applicant (95 %)", "", title=_title(portfolio, comparison))
    for row in comparison.frame.collect().iter_rows(named=True):
        auc = _with_interval(row, "auc")
        cost = _with_interval(row, "cost_per_applicant")
        table.add_row(row["title"], auc, cost, "selected" if row["selected"] else "")
    console.print(table)
    console.print(
        f"Refused from a probability of default of [bold]{threshold['threshold']:.3f}[/] "
        f"({threshold['method']}; break-even would be {threshold['break_even']:.3f}). Cost per applicant "
        f"[bold]{threshold['cost_per_applicant']:.3f}[/] out of fold; accepting all costs "
        f"{threshold['accept_all_cost']:.2f}, refusing all {threshold['refuse_all_cost']:.2f}."
    )


def _with_interval(row: dict[str, Any], name: str) -> str:
    return f"{row[name]:.3f} ({row[f'{name}_low']:.3f} to {row[f'{name}_high']:.3f})"


def _title(portfolio: Portfolio, comparison: StoredTable) -> str:
    data = "synthetic data" if comparison.version.synthetic else "real data"
    return f"{portfolio.title} ({data}), five folds, scores out of fold"


def _print_decisions(answers: dict[str, dict[str, Any]], console: Console) -> None:
    for answer in answers.values():
        lines = [
            f"probability of default {answer['probability_of_default']:.3f}, "
            f"threshold {answer['threshold']:.3f}, {answer['points']} points"
        ]
        lines += [f"- {reason['text']}" for reason in answer["reasons"]]
        console.print(Panel(Text("\n".join(lines)), title=f"POST /predict: {answer['decision']}", title_align="left"))


def _print_places(portfolio: Portfolio, settings: Settings, console: Console) -> None:
    home = settings.home
    table = Table("what", "where", title="Artefacts")
    places = {
        "tables, every version": settings.lakehouse_root,
        "comparison, cost curve, catalogue, quality report": settings.reports_folder(portfolio.name),
        "MLflow runs and registry": home / "mlflow",
        "scorers": home / "scorers" / portfolio.name,
        "Bentos": home / "bentos",
    }
    for what, where in places.items():
        table.add_row(what, Text(str(where), overflow="fold"))
    console.print(table)
    console.print("[bold]Next:[/]")
    console.print("  make up                                            Dagster UI, MLflow UI and the service")
    console.print(f"  .venv/bin/credit-platform versions {portfolio.name}/features/applicants")
    console.print(f"  .venv/bin/credit-platform show {portfolio.name}/models/comparison")
