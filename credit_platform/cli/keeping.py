"""The commands about what a home keeps, and whether it is whole: from `artefacts` to `restore`.

What is here: their options; each calls one function of a module that is loaded then.
What must not be here: what they do (`artefacts.py`, `verify.py`, `backup.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from credit_platform.cli.listing import AsJson
from credit_platform.cli.options import TableKey, parse_settings
from credit_platform.cli.options import read_settings as _settings


def add_keeping_commands(app: typer.Typer) -> None:
    """Add the commands to `credit-platform`."""
    for command in (artefacts, fetch_bento, containerize, verify, repair, backup, restore, migrate):
        app.command(rich_help_panel="What a home keeps")(command)


def artefacts(
    key: Annotated[str, typer.Argument(help="Whole, for a path that opens; or what keys begin with, for a list.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List what is stored by key (scorers, Bentos, documents, reports), or give one of it a path that opens."""
    settings = _settings()
    from credit_platform.cli.artefacts import show_artefacts

    show_artefacts(settings, key, as_json=as_json)


def fetch_bento(
    portfolio: Annotated[str, typer.Argument(help="Whose Bento.", show_default=False)],
    *,
    to: Annotated[Path, typer.Option(help="Folder to put it at; what lies there is replaced.")],
    digest: Annotated[
        str,
        typer.Option(
            help="Of the Bento, or of its scorer as /model-info says it.", envvar="CREDIT_PLATFORM_BENTO_DIGEST"
        ),
    ] = "",
    or_promoted: Annotated[
        bool, typer.Option("--or-promoted", help="Where no digest is given: the one that is promoted now.")
    ] = False,
) -> None:
    """Fetch one promoted Bento by its digest and compare it with the record of its promotion; pods start so."""
    from credit_platform.cli.fetch_bento import fetch_and_tell

    fetch_and_tell(parse_settings(), portfolio, digest, to, or_promoted=or_promoted)


def containerize(
    portfolio: Annotated[str, typer.Argument(help="Whose Bento.", show_default=False)],
    *,
    digest: Annotated[
        str, typer.Option(help="Of the Bento, or of its scorer as /model-info says it. Default: what is promoted now.")
    ] = "",
    base: Annotated[
        str, typer.Option(help="Image that it runs in; name@digest where it is to be the same each time.")
    ] = "credit-platform/service:dev",
    prefix: Annotated[str, typer.Option(help="Registry and path before its name.")] = "credit-platform",
) -> None:
    """Build a container image of one promoted Bento, tagged by its digest; docker must be installed."""
    from credit_platform.cli.containerize import containerize_and_tell

    containerize_and_tell(parse_settings(), portfolio, digest, base=base, prefix=prefix)


def verify(
    tables: Annotated[list[str] | None, typer.Argument(help="Tables, with all versions; else the whole home.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Older versions of tables and documents, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print every finding as JSON.")] = False,
) -> None:
    """Compare what is stored with the digests it was written with; exits with 1 when something differs."""
    settings = _settings()
    from credit_platform.cli.verify import verify_stored

    raise typer.Exit(0 if verify_stored(settings, tables or [], every_version=everything, as_json=as_json) else 1)


def repair(
    table: TableKey,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only say what would be done.")] = False,
) -> None:
    """Move a broken newest commit of a table aside, so that the version before it is in force; it is kept and noted."""
    settings = _settings()
    from credit_platform.cli.verify import repair_table

    raise typer.Exit(0 if repair_table(settings, table, yes=yes) else 1)


def backup(
    target: Annotated[
        str,
        typer.Argument(
            help="Folder of backups outside the home, or s3://bucket/prefix; each gets a folder there.",
            show_default=False,
        ),
    ],
    *,
    logs: Annotated[bool, typer.Option("--logs", help="The logs of processes, too.")] = False,
) -> None:
    """Back up the home while it is used: tables, models, decisions with their checkpoints, databases, raw files."""
    from credit_platform.cli.backup import back_up

    back_up(parse_settings(), target, logs=logs)


def restore(
    source: Annotated[
        str,
        typer.Argument(
            help="Folder or s3://bucket/prefix of a backup, or of several: then the newest.", show_default=False
        ),
    ],
    *,
    home: Annotated[Path | None, typer.Option(help="Where to; by default CREDIT_PLATFORM_HOME.")] = None,
    erasures: Annotated[
        list[str] | None,
        typer.Option(
            help="Who was erased since: a home, a backup (also s3://…), a list, a decision log's address. Repeatable."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Replace a home that is not empty; it is kept beside.")] = False,
) -> None:
    """Restore a backup, compared with its digests, and carry out again the erasures made since."""
    from credit_platform.cli.backup import restore as restore_home

    restore_home(parse_settings(home=home), source, erasures=erasures or [], yes=yes)


def migrate() -> None:
    """Bring every database to the state of this version: once, after a new version, before its programs start."""
    settings = _settings()
    from credit_platform.cli.migrate import migrate_and_tell

    migrate_and_tell(settings)
