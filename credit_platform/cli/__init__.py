"""The `credit-platform` command.

What is here: `app.py`, where every command is registered, and one module per command or family of commands:
`accept.py`, `artefacts.py`, `authoring.py` (`new-portfolio`, `check-portfolio`), `backup.py` (with `restore`),
`fetch_bento.py`, `containerize.py`, `migrate.py`, `keeping.py` (their options), `bench.py`, `console.py`,
`dagster_ui.py`, `decisions.py` (with `replay`), `exporter.py`, `forgetting.py`, `erasing_again.py` and `swap_set.py`,
`demo.py` and `demo_summary.py`, `generate.py`, `keys.py`, `model_page.py`, `notices.py`, `promotions.py` (with
`approval`, `approve` and `rollback`), `registry.py`, `release.py`, `retention.py`, `policies.py` (their options),
`run.py`, `running.py` (options of what runs until it is stopped), `score.py`, `serve.py`, `simulate.py` (with
`simulate_outcomes.py`), `tables.py` (`portfolios`, `tables`, `versions`, `show`), `up.py` and `verify.py` (with
`repair`). They share `options.py` (settings), `listing.py` (how records are shown) and `invoked.py` (how a command is
named).
What to add here: a command. It parses, calls one function of a package below, and prints the answer.
What must not be here: logic that another program could want.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Final, NoReturn

from rich.console import Console
from rich.markup import escape

from credit_platform.cli.app import app
from credit_platform.cli.invoked import as_typed
from credit_platform.errors import CreditPlatformError
from credit_platform.outside_errors import explained

__all__ = ["app", "main"]

_PIPE_CLOSED: Final = 141
"""What a shell says of a program that the signal PIPE ended."""


def main() -> None:
    """Run the command line; failures a user can mend are shown as what went wrong and what to do, without a trace."""
    # What libraries make when they are imported stays; to look through it every 700 objects costs half a second.
    gc.set_threshold(50_000, 20, 20)
    try:
        app()
    except CreditPlatformError as error:
        _tell(error)
    except BrokenPipeError:
        # Whoever read has seen enough (`… | head`); what is left in the buffer must not fail again at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_PIPE_CLOSED)
    except Exception as error:  # of others, which have no class in common; what is not known is raised again
        outside = explained(error, _home())
        if outside is None:
            raise
        _tell(outside)


def _tell(error: CreditPlatformError) -> NoReturn:
    console = Console(stderr=True)
    console.print(f"[bold red]Error:[/] {escape(as_typed(error.what))}", highlight=False, soft_wrap=True)
    console.print(f"[bold]Cure:[/]  {escape(as_typed(error.cure))}", highlight=False, soft_wrap=True)
    sys.exit(1)


def _home() -> Path:
    """The home, as far as it can be known when something failed: the settings themselves may be at fault."""
    return Path(os.environ.get("CREDIT_PLATFORM_HOME") or ".credit_platform").absolute()
