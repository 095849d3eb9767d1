"""`credit-platform registry`, and the same question asked beside a service that starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from credit_platform.cli.invoked import as_typed
from credit_platform.cli.listing import Field, Listing, show_listing
from credit_platform.environment import prepare_environment
from credit_platform.outside_errors import explained
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings

_COMMAND = (sys.executable, "-c", "from credit_platform.cli import main; main()", "registry")
_AGREES = "MLflow's registry says what the promotion history says."
_FIELDS = (
    Field("portfolio", "portfolio"),
    Field("agrees", "agree"),
    Field("found", "found", as_typed, is_sentence=True),
    Field("left", "left after mending", as_typed, is_sentence=True),
)


def show_registry(name: str, settings: Settings, *, mend: bool, as_json: bool = False) -> bool:
    """Print what MLflow says otherwise than the promotion history, or put it right; whether both agree now.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
        ScorerError: the champion must be registered again, and no whole copy of its scorer is left.
    """
    from credit_platform.orchestration.checks.registry import mend_registry, registry_difference

    portfolio = get_portfolio(name)
    found = left = registry_difference(settings, portfolio.name)
    if found is not None and mend:
        mend_registry(portfolio, settings)
        left = registry_difference(settings, portfolio.name)
    row = {"portfolio": portfolio.name, "agrees": left is None, "found": found, "left": left if mend else None}
    said = "" if left is not None else _AGREES if found is None else "It is put right."
    notes = (said,) if said else ()
    show_listing(Listing("MLflow's registry and the promotion history", _FIELDS, [row], notes), as_json=as_json)
    return left is None


def registry_sentence(settings: Settings, portfolio: str) -> str | None:
    """What is different, or why MLflow could not be asked: for commands that go on without it."""
    from credit_platform.orchestration.checks.registry import registry_difference

    try:
        return registry_difference(settings, portfolio)
    except Exception as error:  # of others, which have no class in common; what is not known is raised again
        outside = explained(error, settings.home)
        if outside is None:
            raise
        return f"MLflow could not be asked where its alias is: {outside}"


@contextmanager
def registry_compared(settings: Settings, portfolios: Sequence[str], say: Callable[[str], None]) -> Iterator[None]:
    """Compare beside what runs in this block, in processes of their own: MLflow takes seconds to load."""
    running: list[subprocess.Popen[str]] = []
    ended = threading.Event()
    home = {"CREDIT_PLATFORM_HOME": str(settings.home.resolve())}
    variables = {**os.environ, **prepare_environment(settings), **home}

    def compare() -> None:
        for portfolio in portfolios:
            with subprocess.Popen(  # noqa: S603  # our own command, and a name of a portfolio
                [*_COMMAND, portfolio, "--json"],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=variables,
            ) as process:
                running.append(process)
                if ended.is_set():
                    process.kill()
                told = process.communicate()[0].strip()
            if process.returncode == 1 and told and not ended.is_set():
                say(json.loads(told)[0]["found"])

    thread = threading.Thread(target=compare, name="registry", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        for process in running:
            process.kill()
        thread.join()
