"""`credit-platform verify` and `repair`: whether what is stored is what was written, and what can be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console

from credit_platform.cli.invoked import as_typed
from credit_platform.cli.listing import Field, Listing, show_listing
from credit_platform.errors import TableNotFoundError
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.repair import plan_repair
from credit_platform.lakehouse.repair import repair as move_aside
from credit_platform.portfolios.keys import split_key
from credit_platform.serving.verification import Finding, verify_home
from credit_platform.settings import Settings

_FIELDS = tuple(Field(name, name) for name in ("state", "kind", "name", "message"))


def verify_stored(settings: Settings, keys: Sequence[str], *, every_version: bool, as_json: bool) -> bool:
    """Verify and print what was found; whether nothing is damaged.

    Raises:
        TableNotFoundError: there is no table of a key.
    """
    found = list(verify_home(settings, [key.strip().strip("/") for key in keys], every_version=every_version))
    counts = Counter(finding.state for finding in found)
    erased = f", {counts['erased']} gone because they were erased" if counts["erased"] else ""
    said = (
        f"{len(found)} things verified: {counts['whole']} whole, {counts['unverified']} without a digest, "
        f"{counts['damaged']} not as they should be{erased}."
    )
    if as_json or not Console().is_terminal:
        rows = [finding.to_dict() for finding in found]
        show_listing(Listing("Verified", _FIELDS, rows, (said,)), as_json=as_json)
    else:
        _print(found, detailed=bool(keys))
        say(said)
    return not counts["damaged"]


def repair_table(settings: Settings, key: str, *, yes: bool) -> bool:
    """Move a broken newest commit of a table aside, or say what would be done; whether the newest commit is whole now.

    Raises:
        DamagedTableError: what is broken is not the newest commit.
        TableNotFoundError: there is no such table.
    """
    key = key.strip().strip("/")
    if not Lakehouse(settings.lakehouse_root).exists(key):
        raise TableNotFoundError(f"There is no table {key!r}.", "credit-platform verify lists them.")
    plan = plan_repair(settings.lakehouse_root, key)
    if plan is None:
        say(f"The newest commit of {key} is whole: there is nothing to repair.")
        return True
    then = "has no version any more" if plan.newest_after is None else f"has version {plan.newest_after} in force"
    if not yes:
        say(f"Commit {plan.commit} of {key} {plan.fault}. Moved aside, the table {then}. Do it: add --yes")
        return False
    moved = move_aside(settings.lakehouse_root, plan)
    say(f"Commit {plan.commit} of {key}, which {plan.fault}, lies in {moved} now; the table {then}.")
    say(f"Make anew what it held: credit-platform run {split_key(key).portfolio}")
    return True


def _print(found: Sequence[Finding], *, detailed: bool) -> None:
    for finding in found:
        if detailed or finding.state != "whole":
            say(f"{finding.state}: {finding.kind} {finding.name}: {finding.message}")


def say(text: str) -> None:
    """Print a sentence as it is: a terminal wraps it so that it can be copied."""
    Console().print(as_typed(text), markup=False, highlight=False, soft_wrap=True)
