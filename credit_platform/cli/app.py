"""The Typer application and its commands; heavy libraries are imported by the command that needs them.

A command reads its settings first: that sets folders which some libraries look for when they are imported.
"""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from credit_platform.cli.authoring import add_authoring_commands
from credit_platform.cli.bench import bench
from credit_platform.cli.decisions import app as decisions_app
from credit_platform.cli.decisions import replay
from credit_platform.cli.forgetting import add_commands
from credit_platform.cli.keeping import add_keeping_commands
from credit_platform.cli.keys import app as keys_app
from credit_platform.cli.listing import AsJson
from credit_platform.cli.notices import app as notices_app
from credit_platform.cli.options import TableKey, parse_pins
from credit_platform.cli.options import read_settings as _settings
from credit_platform.cli.policies import add_policy_commands
from credit_platform.cli.release import add_release_command
from credit_platform.cli.running import add_running_commands
from credit_platform.cli.swap_set import show_swap_set

if TYPE_CHECKING:
    from credit_platform.scoring.header import Ignored

app = typer.Typer(
    name="credit-platform",
    help="From raw loan files to defensible credit decisions.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001  # Typer gives it so
    if wanted:
        typer.echo(f"credit-platform {version('credit-platform')}")
        raise typer.Exit


_WORK = "From files to decisions"
_MORE = "Decisions, keys, notices, measurements"

PortfolioName = Annotated[str, typer.Argument(help="Portfolio: german_credit, …", show_default=False)]
Verbatim = Annotated[
    bool, typer.Option("--verbatim", help="Leave texts in a CSV that a spreadsheet would compute as they are.")
]


@app.callback()
def credit_platform(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """From raw loan files to defensible credit decisions."""


@app.command(rich_help_panel=_WORK)
def portfolios(*, as_json: AsJson = False) -> None:
    """List the portfolios."""
    from credit_platform.cli.tables import show_portfolios

    show_portfolios(as_json=as_json)


@app.command(rich_help_panel=_WORK)
def run(
    portfolio: PortfolioName,
    *,
    raw: Annotated[str | None, typer.Option(help="Folder with the raw CSV files, or s3://, gs://, az://.")] = None,
    profile: Annotated[str | None, typer.Option(help="quick or full.")] = None,
    ingestion_only: Annotated[bool, typer.Option("--ingestion-only", help="Stop after checked raw tables.")] = False,
    pin: Annotated[
        list[str] | None, typer.Option(help="Read a fixed version of a table: <key>=<version>. Repeatable.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", help="Begin at this table, as models/scorer; what it is made of is read as stored."),
    ] = None,
    monitoring: Annotated[
        bool, typer.Option("--monitoring", help="Instead: read the decisions that are new, and what follows of them.")
    ] = False,
    day: Annotated[str | None, typer.Option(help="With --monitoring: only this day, as 2026-11-30.")] = None,
) -> None:
    """Run the asset graph of a portfolio, from raw files to the Bento; or what watches the model in production."""
    settings = _settings(raw=raw, profile=profile, pins=parse_pins(pin or []) or None)
    from credit_platform.cli.run import job_of, run_portfolio

    job = job_of(portfolio, ingestion_only=ingestion_only, monitoring=monitoring, day=day)
    raise typer.Exit(0 if run_portfolio(portfolio, settings, job=job, start=start, day=day) else 1)


@app.command(rich_help_panel=_WORK)
def generate(
    portfolio: PortfolioName,
    *,
    scale: Annotated[float, typer.Option(help="Size relative to the real files; 1 gives their row counts.")] = 0.02,
    seed: Annotated[int, typer.Option(help="Same seed, scale and options: same files.")] = 7,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to; by default the one that `run` reads from.")
    ] = None,
    drift: Annotated[
        list[str] | None, typer.Option(help="Shift the applicants to be scored; `list` shows the names. Repeatable.")
    ] = None,
    defects: Annotated[
        list[str] | None, typer.Option(help="Damage the files for the checks to find; `list` as well. Repeatable.")
    ] = None,
    report: Annotated[
        bool, typer.Option("--report", help="Say how close the files come to the real ones, and write fidelity.html.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With `list`: print JSON, for programs.")] = False,
) -> None:
    """Make synthetic raw files of a portfolio, with the schema, size and statistics of the real ones."""
    from credit_platform.cli.generate import generate_files, show_options
    from credit_platform.lakehouse.raw_files import folder_to_fill

    if "list" in (*(drift or ()), *(defects or ())):
        show_options(portfolio, as_json=as_json)
        return
    folder = out or folder_to_fill(portfolio, _settings())
    generate_files(
        portfolio, folder, scale=scale, seed=seed, drift=drift or (), defects=defects or (), with_fidelity=report
    )


@app.command(rich_help_panel=_WORK)
def tables(
    prefix: Annotated[str, typer.Argument(help="What the names begin with: german_credit/raw.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List the tables with their newest versions."""
    settings = _settings()
    from credit_platform.cli.tables import show_tables

    show_tables(prefix, settings, as_json=as_json)


@app.command(rich_help_panel=_WORK)
def versions(table: TableKey, *, as_json: AsJson = False) -> None:
    """List the versions of a table."""
    settings = _settings()
    from credit_platform.cli.tables import show_versions

    show_versions(table, settings, as_json=as_json)


@app.command(rich_help_panel=_WORK)
def show(
    table: TableKey,
    *,
    version: Annotated[int | None, typer.Option(help="Version to read; the newest by default.")] = None,
    as_of: Annotated[datetime | None, typer.Option(help="Read the version that was current then (UTC).")] = None,
    rows: Annotated[int, typer.Option(min=0, help="Rows to print.")] = 10,
    csv: Annotated[Path | None, typer.Option(help="Write the whole version to this CSV file instead.")] = None,
    verbatim: Verbatim = False,
    as_json: AsJson = False,
) -> None:
    """Print one version of a table, or write it to a CSV file."""
    settings = _settings()
    from credit_platform.cli.tables import show_table

    show_table(table, settings, version=version, as_of=as_of, rows=rows, csv=csv, verbatim=verbatim, as_json=as_json)


@app.command(rich_help_panel=_WORK)
def score(
    portfolio: PortfolioName,
    *,
    input_file: Annotated[Path, typer.Option("--input", help="Applications: .csv (also .csv.gz, .zip) or .parquet.")],
    output_file: Annotated[Path, typer.Option("--output", help="Decisions: .csv or .parquet; replaced at the end.")],
    scorer: Annotated[Path | None, typer.Option(help="Folder of a scorer; by default the promoted one.")] = None,
    histories: Annotated[
        Path | None,
        typer.Option(help="Folder with the files of the other tables, CSV (also packed) or Parquet."),
    ] = None,
    stored: Annotated[
        bool, typer.Option("--stored", help="Histories from the stored feature table, by applicant key.")
    ] = False,
    ignore_protected: Annotated[
        bool, typer.Option("--ignore-protected", help="Leave columns with protected attributes unread.")
    ] = False,
    ignore_target: Annotated[
        bool, typer.Option("--ignore-target", help="Leave the outcome unread, which a training file has.")
    ] = False,
    sentences: Annotated[
        Literal["fr", "en"] | None, typer.Option(help="Add the column `sentences`: what each applicant is told.")
    ] = None,
    without_histories: Annotated[
        bool, typer.Option("--without-histories", help="Score without histories a model that was trained with them.")
    ] = False,
    verbatim: Verbatim = False,
) -> None:
    """Score a file of applications, piece by piece; rows that break the contract go to <output>__rejected."""
    settings = _settings()
    from credit_platform.cli.score import score_and_tell

    ignored: dict[Ignored, bool] = {"protected": ignore_protected, "target": ignore_target}
    score_and_tell(
        portfolio,
        settings,
        input_file,
        output_file,
        scorer=scorer,
        histories=histories,
        stored=stored,
        ignore=[kind for kind, wanted in ignored.items() if wanted],
        without_histories=without_histories,
        sentences=sentences,
        verbatim=verbatim,
    )


@app.command(rich_help_panel=_WORK)
def promotions(portfolio: PortfolioName, *, as_json: AsJson = False) -> None:
    """Print every decision of the gate, approval, override and rollback, newest first."""
    settings = _settings()
    from credit_platform.cli.promotions import show_promotions

    show_promotions(portfolio, settings, as_json=as_json)


@app.command("model-page", rich_help_panel=_WORK)
def model_page(
    portfolio: PortfolioName,
    *,
    out: Annotated[Path | None, typer.Option(help="Write it to this file instead, as Markdown.")] = None,
) -> None:
    """Print the model in production as a page: figures, choice, explanation, limits, each from a stored table."""
    settings = _settings()
    from credit_platform.cli.model_page import write_model_page

    write_model_page(portfolio, settings, out)


@app.command(rich_help_panel=_WORK)
def approve(
    portfolio: PortfolioName,
    *,
    by: Annotated[str, typer.Option(help="Your name; it goes into the record.")],
    reason: Annotated[str, typer.Option(help="Why; it goes into the record.")],
    override: Annotated[bool, typer.Option("--override", help="Answer for checks that failed.")] = False,
) -> None:
    """Approve the challenger that waits for a person (see `approval`), then promote and package it."""
    settings = _settings()
    from credit_platform.cli.promotions import approve_promotion

    done = approve_promotion(portfolio, settings, by=by, reason=reason, override=override)
    raise typer.Exit(0 if done else 1)


@app.command(rich_help_panel=_WORK)
def accept(
    table: TableKey,
    *,
    by: Annotated[str, typer.Option(help="Your name; it goes into the record.")],
    reason: Annotated[str, typer.Option(help="Why; it goes into the record.")],
) -> None:
    """Put the newest refused version of a table in force and answer for it; `show <table>__refused` prints it."""
    settings = _settings()
    from credit_platform.cli.accept import accept_table

    accept_table(table, settings, by=by, reason=reason)


@app.command(rich_help_panel=_WORK)
def rollback(
    portfolio: PortfolioName,
    *,
    by: Annotated[str, typer.Option(help="Your name; by default that of the account.")] = "",
    reason: Annotated[str, typer.Option(help="Why; it goes into the record.")] = "rollback from the command line",
) -> None:
    """Put the champion before back into production: MLflow alias, promoted model and Bento."""
    settings = _settings()
    from credit_platform.accounts import account
    from credit_platform.cli.promotions import roll_back_promotion

    roll_back_promotion(portfolio, settings, by=by or account(), reason=reason)


# The help lists commands in the order in which they were added: what everybody needs comes first.
add_running_commands(app)
add_authoring_commands(app)
add_policy_commands(app)
add_keeping_commands(app)
add_release_command(app)
app.add_typer(decisions_app, name="decisions", rich_help_panel=_MORE)
app.command(rich_help_panel=_MORE)(replay)
decisions_app.command("swap-set")(show_swap_set)
add_commands(decisions_app)
app.add_typer(keys_app, name="keys", rich_help_panel=_MORE)
app.add_typer(notices_app, name="notices", rich_help_panel=_MORE)
app.add_typer(bench, rich_help_panel=_MORE)
