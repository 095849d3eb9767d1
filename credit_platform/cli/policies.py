"""The commands about what holds in a home for whoever works in it: `approval`, `registry`, `retention`.

What is here: their options; each calls one function of a module that is loaded then.
What must not be here: what they do (`promotions.py`, `registry.py`, `retention.py`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from credit_platform.cli.listing import AsJson
from credit_platform.cli.options import read_settings
from credit_platform.errors import SettingError


def add_policy_commands(app: typer.Typer) -> None:
    """Add the commands to `credit-platform`."""
    for command in (approval, deploy, registry, retention):
        app.command(rich_help_panel="What holds in a home")(command)


def deploy(portfolio: Annotated[str, typer.Argument(help="Name of the portfolio.")]) -> None:
    """Bring the promoted Bento to where it answers (CREDIT_PLATFORM_DEPLOYMENT_TARGET), or go on where that stopped."""
    settings = read_settings()
    from credit_platform.cli.promotions import deploy_promoted

    raise typer.Exit(0 if deploy_promoted(portfolio, settings) else 1)


def approval(
    level: Annotated[
        str | None,
        typer.Argument(help="automatic, manual or four-eyes, for the whole home; without, say what holds."),
    ] = None,
    *,
    by: Annotated[str, typer.Option(help="Your name; it goes into the record, beside the account.")] = "",
    reason: Annotated[str, typer.Option(help="Why; it goes into the record.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before the policy is loosened.")] = False,
    history: Annotated[bool, typer.Option("--history", help="Instead: which policies this home had, and why.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say, or set, whether a person must approve each model of this home, and whether another one than trained it.

    A portfolio declares its own policy; that of the home can only add to it. It holds for whoever runs, however.
    """
    settings = read_settings()
    from credit_platform.cli.promotions import set_policy, show_home_policies, show_policy

    if level is None:
        show = show_home_policies if history else show_policy
        show(settings, as_json=as_json)
        return
    from credit_platform.portfolios.approval import LEVELS

    if level not in LEVELS:
        raise SettingError(f"{level!r} is no policy of approval.", f"Choose one of: {', '.join(LEVELS)}.")
    set_policy(level, settings, by=by, reason=reason, yes=yes, as_json=as_json)


def registry(
    portfolio: Annotated[str, typer.Argument(help="Portfolio: german_credit, …", show_default=False)],
    *,
    mend: Annotated[bool, typer.Option("--mend", help="Put version and alias back where the history says.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare MLflow's registry with the promotion history, which decides what serves; exits with 1 if they differ.

    What `--mend` does: a deleted version is registered again from the stored scorer, and the alias is put back.
    """
    settings = read_settings()
    from credit_platform.cli.registry import show_registry

    raise typer.Exit(0 if show_registry(portfolio, settings, mend=mend, as_json=as_json) else 1)


def retention(
    *,
    keep: Annotated[
        int | None, typer.Option(min=1, help="By number instead of by age: how many of the newest versions stay.")
    ] = None,
    portfolio: Annotated[str | None, typer.Option(help="Only the tables of this portfolio.")] = None,
    pin: Annotated[list[str] | None, typer.Option(help="Keep this version, too: <key>=<version>. Repeatable.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing; only say what would go.")] = False,
    removals: Annotated[bool, typer.Option("--removals", help="Only list what was removed, by whom and why.")] = False,
    by: Annotated[str, typer.Option(help="Your name; it goes into the record, beside the account.")] = "",
    reason: Annotated[str, typer.Option(help="Why; it goes into the record.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove tables and reports that are older than their portfolio declares, but for what something in force needs."""
    settings = read_settings()
    from credit_platform.cli.retention import Removal, remove_old_versions, remove_too_old, show_removals

    if removals:
        show_removals(settings, portfolio=portfolio, as_json=as_json)
        return
    asked = Removal(
        portfolio=portfolio, pins=tuple(pin or ()), dry_run=dry_run, by=by, reason=reason, yes=yes, as_json=as_json
    )
    if keep is None:
        remove_too_old(settings, asked)
    else:
        remove_old_versions(settings, asked, keep=keep)
