"""What `credit-platform demo` prints: candidates, decisions, a line per portfolio, places, and notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from credit_platform.cli.invoked import as_typed
from credit_platform.cli.listing import Field, Listing, Row, fixed, show_on_screen, thousands
from credit_platform.cli.notices import print_incidents
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.records import value_at
from credit_platform.local.demonstration import Shown
from credit_platform.local.watched_week import DAYS, DRIFT, DRIFTED, MONTHS, Week
from credit_platform.monitoring.notices.chosen import channels_of
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.pages import newest_pages
from credit_platform.portfolios.keys import applicants_key, model_key, monitoring_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

_SUMMARY = (
    Field("portfolio", "portfolio"),
    Field("data", "data"),
    Field("applicants", "applicants", thousands),
    Field("features", "features"),
    Field("title", "selected"),
    Field("auc", "AUC", fixed(3)),
    Field("cost_per_applicant", "cost per applicant", fixed(3)),
)
_CANDIDATES = (
    Field("candidate", "candidate"),
    Field("auc", "AUC (95%)"),
    Field("cost", "cost a head (95%)"),
    Field("selected", ""),
)


def print_portfolio(shown: Shown, console: Console) -> None:
    """Print how the candidates compare, the threshold, and the decisions."""
    _print_models(shown, console)
    _print_decisions(shown, console)


def print_summary(shown: Sequence[Shown], console: Console) -> None:
    """Print a line per portfolio."""
    show_on_screen(Listing("Summary", _SUMMARY, [_summary(each) for each in shown]), console)


def _summary(shown: Shown) -> Row:
    applicants = shown.read("features", "applicants").version
    selected = shown.candidates.filter("selected").row(0, named=True)
    return {
        "portfolio": shown.portfolio.title,
        "data": shown.data,
        "applicants": applicants.rows,
        "features": applicants.number_of_features,
        **{name: selected[name] for name in ("title", "auc", "cost_per_applicant")},
    }


def print_week(portfolio: Portfolio, week: Week, settings: Settings, console: Console) -> None:
    """Print who applied in the simulated week, what watching it found, and which pages say more."""
    made = "Synthetic, made just now" if week.new else "Synthetic, of an earlier demonstration"
    console.print(
        f"{made}: {week.applicants:,} simulated applicants over {DAYS} days, {week.accepted:,} of them accepted; those "
        f"of the last {DRIFTED} days are shifted (drift {DRIFT}). What became of the loans is made up, too, as if they "
        f"were {MONTHS} months old.",
        highlight=False,
    )
    lakehouse = Lakehouse(settings.lakehouse_root)
    for name in ("drift", "performance", "retrain_decision"):
        key = monitoring_key(portfolio.name, name)
        stored = lakehouse.read(key)
        console.print(f"  {name.replace('_', ' ')}: {value_at(stored, 'message')}", markup=False, highlight=False)
    for name, page in newest_pages(settings, portfolio).items():
        said = f"  page of {name.replace('_', ' ')}: {page.file}"
        console.print(said, markup=False, highlight=False, soft_wrap=True)


def print_places(portfolios: Sequence[Portfolio], settings: Settings, console: Console) -> None:
    """Print where everything lies, and what to do next."""
    home = settings.home
    places = {"tables, every version": settings.lakehouse_root}
    for portfolio in portfolios:
        places[f"{portfolio.title}: catalogue, quality, charts"] = str(settings.reports_folder(portfolio.name))
        for name, page in newest_pages(settings, portfolio).items():
            places[f"{portfolio.title}: {name.replace('_', ' ')}"] = str(page.file)
    places |= {
        "MLflow runs and registry": str(home / "mlflow"),
        "scorers, Bentos, documents, reports, by key": settings.artefact_root,
        "Bentos, as they are served": str(home / "bentos"),
    }
    rows = [{"what": what, "where": where} for what, where in places.items()]
    show_on_screen(Listing("Artefacts", (Field("what", "what"), Field("where", "where")), rows), console)
    name = portfolios[0].name
    console.print("[bold]Next:[/]")
    console.print("  make up       Dagster, MLflow, the services, the console")
    for command in (f"versions {applicants_key(name)}", f"show {model_key(name, 'comparison')}"):
        console.print(as_typed(f"  credit-platform {command}"), markup=False, highlight=False, soft_wrap=True)


def print_warnings(settings: Settings, console: Console) -> None:
    """Print what is known to be wrong, and where it was told: a check that only warns stops no run."""
    console.rule("Who was told of what")
    incidents = IncidentBook.of(settings).open_incidents()
    print_incidents(incidents, console)
    where = ", ".join(channel.where for channel in channels_of(settings))
    said = "Each is told once" if incidents else "What goes wrong is told once"
    console.print(f"{said}: {where}", markup=False, highlight=False, soft_wrap=True)


def _print_models(shown: Shown, console: Console) -> None:
    threshold = shown.threshold
    title = f"{shown.portfolio.title} ({shown.data}), five folds, scores out of fold"
    rows = [
        {
            "candidate": row["title"],
            "auc": _with_interval(row, "auc"),
            "cost": _with_interval(row, "cost_per_applicant"),
            "selected": "selected" if row["selected"] else None,
        }
        for row in shown.candidates.iter_rows(named=True)
    ]
    show_on_screen(Listing(title, _CANDIDATES, rows), console)
    console.print(
        f"Refused from a probability of default of [bold]{threshold.rule.threshold:.3f}[/] "
        f"({threshold.method}; break-even would be {threshold.break_even:.3f}). Cost per applicant "
        f"[bold]{threshold.cost_per_applicant:.3f}[/] out of fold; accepting all costs "
        f"{threshold.accept_all_cost:.2f}, refusing all {threshold.refuse_all_cost:.2f}."
    )


def _with_interval(row: Mapping[str, Any], name: str) -> str:
    return f"{row[name]:.3f} ({row[f'{name}_low']:.3f} to {row[f'{name}_high']:.3f})"


def _print_decisions(shown: Shown, console: Console) -> None:
    for kind, answer in shown.answers.items():
        histories = shown.portfolio.example_histories.get(kind)
        lines = [
            f"probability of default {answer['probability_of_default']:.3f}, "
            f"threshold {answer['threshold']:.3f}, {answer['points']} points"
        ]
        if histories:
            lines.append("with histories: " + ", ".join(f"{len(rows)} of {name}" for name, rows in histories.items()))
        lines += [f"- {reason['text']}" for reason in answer["reasons"]]
        console.print(Panel(Text("\n".join(lines)), title=f"POST /predict: {answer['decision']}", title_align="left"))
