"""`credit-platform release`: all that was written about a model, as one archive to hand over.

What is here: the command, and what it prints.
What must not be here: which files there are (`governance/release.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from credit_platform.cli.options import read_settings


def add_release_command(app: typer.Typer) -> None:
    """Add the command to `credit-platform`."""
    app.command(rich_help_panel="From files to decisions")(release)


def release(
    portfolio: Annotated[str, typer.Argument(help="Whose model.", show_default=False)],
    *,
    to: Annotated[
        Path, typer.Option(help="Folder to put the archive into; one of the same model is replaced.")
    ] = Path(),
) -> None:
    """Put every document of the model in use, its figures and their digests into one ZIP file with an index page."""
    settings = read_settings()
    from rich.console import Console

    from credit_platform.files.durable import write_synced
    from credit_platform.files.names import require_place
    from credit_platform.governance.release import INDEX, gather_release
    from credit_platform.lakehouse import Lakehouse
    from credit_platform.lakehouse.shelf import Shelf
    from credit_platform.portfolios import get_portfolio

    gathered = gather_release(Shelf.of(settings), Lakehouse(settings.lakehouse_root), get_portfolio(portfolio))
    place = to / f"{gathered.name}.zip"
    require_place(place)
    write_synced(place, gathered.archive())
    Console().print(str(place), markup=False, highlight=False, soft_wrap=True)
    said = f"{len(gathered.files)} files of model {gathered.record.digest}. Unpack it, open {gathered.name}/{INDEX}."
    Console(stderr=True).print(said, markup=False, soft_wrap=True)
