"""`credit-platform accept`: a refused table is put in force by a person."""

from __future__ import annotations

from rich.console import Console

from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.acceptance import accept
from credit_platform.settings import Settings


def accept_table(key: str, settings: Settings, *, by: str, reason: str) -> None:
    """Put the newest refused version of `key` in force, and say how to go on.

    Raises:
        AcceptanceError: there is nothing to accept, or nobody may answer for what failed.
    """
    version = accept(Lakehouse(settings.lakehouse_root), key.strip().strip("/"), by=by, reason=reason)
    console, portfolio = Console(), version.key.partition("/")[0]
    console.print(
        f"{version.key} version {version.version} is in force: {version.rows:,} rows. {version.exception}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    console.print(
        f"Make anew what is made of it: credit-platform run {portfolio}", markup=False, highlight=False, soft_wrap=True
    )
