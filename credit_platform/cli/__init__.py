"""The `credit-platform` command.

What is here: `app.py`, where every command is registered, and one module per command or family of commands:
`bench.py`, `console.py`, `decisions.py` (with `replay`) and `swap_set.py`, `demo.py` and `demo_summary.py`,
`generate.py`, `keys.py`, `promotions.py` (with `approve` and `rollback`), `retention.py`, `run.py`, `score.py`,
`serve.py`, `simulate.py`, `tables.py` (`portfolios`, `versions`, `show`), `up.py`. They share `options.py` (settings).
What to add here: a command. It parses, calls one function of a package below, and prints the answer with Rich.
What must not be here: logic that another program could want.
"""

from __future__ import annotations

import gc
import sys

from rich.console import Console
from rich.markup import escape

from credit_platform.cli.app import app
from credit_platform.errors import CreditPlatformError

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; failures a user can mend are shown as what went wrong and what to do, without a trace."""
    # What libraries make when they are imported stays; to look through it every 700 objects costs half a second.
    gc.set_threshold(50_000, 20, 20)
    try:
        app()
    except CreditPlatformError as error:
        console = Console(stderr=True)
        console.print(f"[bold red]Error:[/] {escape(error.what)}", highlight=False, soft_wrap=True)
        console.print(f"[bold]Cure:[/]  {escape(error.cure)}", highlight=False, soft_wrap=True)
        sys.exit(1)
