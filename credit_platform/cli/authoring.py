"""`credit-platform new-portfolio` and `check-portfolio`: from a file of loans to a portfolio, and its faults.

What must not be here: looking, writing and checking (`authoring`).
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from credit_platform.cli.listing import AsJson, Field, Listing, show_listing, tell
from credit_platform.cli.options import parse_settings
from credit_platform.errors import SettingError


def add_authoring_commands(app: typer.Typer) -> None:
    """Add the commands to `credit-platform`."""
    for command in (new_portfolio, check_portfolio):
        app.command(rich_help_panel="Portfolios of your own")(command)


def new_portfolio(
    name: Annotated[str, typer.Argument(help="A name of a Python module: my_loans.", show_default=False)],
    *,
    file: Annotated[Path, typer.Option("--from", help="CSV file of loans whose outcome is known, in UTF-8.")],
    to: Annotated[
        Path | None,
        typer.Option(help="Folder that holds portfolios; by default the first of CREDIT_PLATFORM_PORTFOLIOS."),
    ] = None,
    target: Annotated[str | None, typer.Option(help="Column of the outcome: 1 is a default, 0 a repaid loan.")] = None,
    key: Annotated[str | None, typer.Option(help="Column that names the loan.")] = None,
) -> None:
    """Write a portfolio for a file of loans (tables, features, reasons, claims), to be completed by a person."""
    from credit_platform.authoring.making import make_portfolio

    settings = parse_settings()
    known = (settings.portfolios or "").split(os.pathsep)
    folder = to or (Path(known[0]) if known[0] else None)
    if folder is None:
        raise SettingError("It is not said where the portfolio is to lie.", "Give --to FOLDER, outside the package.")
    made = make_portfolio(name, file, to=folder, raw=settings.raw_folder(name), target=target, key=key)
    for note in made.notes:
        tell(note)
    tell(f"Written: {made.folder}, and {made.rows:,} rows in {made.raw}. FILL IN stands {made.marks} times in it.")
    if str(made.folder.parent) not in known:
        named = shlex.quote(os.pathsep.join([*filter(None, known), str(made.folder.parent)]))
        tell("Name the folder to every program, once for this terminal:")
        tell(f"  export CREDIT_PLATFORM_PORTFOLIOS={named}")
    tell(f"Then: credit-platform check-portfolio {name}, and credit-platform run {name}")


def check_portfolio(
    name: Annotated[str, typer.Argument(help="Name of the portfolio.", show_default=False)], *, as_json: AsJson = False
) -> None:
    """Say everything that is wrong with a portfolio's declarations, without a run; exits with 1 when anything is."""
    from credit_platform.authoring.checking import check_portfolio as check

    parse_settings()
    found = check(name)
    rows = [{"kind": "to decide" if one.advice else "wrong", "where": one.where, "what": one.what} for one in found]
    wrong = sum(not one.advice for one in found)
    fields = (Field("kind", "kind"), Field("where", "where"), Field("what", "what"))
    note = f"Wrong: {wrong}. Left to decide: {len(found) - wrong}."
    show_listing(Listing(f"The portfolio {name}", fields, rows, (note,)), as_json=as_json)
    raise typer.Exit(1 if wrong else 0)
