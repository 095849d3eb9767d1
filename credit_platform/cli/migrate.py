"""`credit-platform migrate`: databases to the state of this version, before its programs start."""

from __future__ import annotations

from functools import partial

from rich.console import Console

from credit_platform.cli.up import say
from credit_platform.orchestration.migrations import migrate
from credit_platform.settings import Settings


def migrate_and_tell(settings: Settings) -> None:
    """Migrate every database and say so.

    Raises:
        DecisionLogError: the decision log cannot be reached, or is newer than this version.
    """
    migrate(settings, partial(say, Console()))
