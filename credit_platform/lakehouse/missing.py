"""What to say of a table, or a version of it, that is not there.

What is here: `not_found`.
What must not be here: looking for it (`Lakehouse`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from credit_platform.errors import TableNotFoundError
from credit_platform.lakehouse.verdicts import Judged, is_refused, refused_key
from credit_platform.lakehouse.versions import TableVersion
from credit_platform.portfolios.keys import siblings_of

if TYPE_CHECKING:
    from credit_platform.lakehouse.lakehouse import Lakehouse


def not_found(lakehouse: Lakehouse, key: str, what: str, versions: list[TableVersion]) -> TableNotFoundError:
    """The error that says so, with the versions or tables that there are."""
    if versions:
        listed = ", ".join(f"{v.version} ({v.timestamp:%Y-%m-%d %H:%M:%S} UTC)" for v in versions[:10])
        return TableNotFoundError(f"Table {key} {what}.", f"Ask for one of these versions: {listed}.")
    if not is_refused(key) and lakehouse.exists(refused_key(key)):
        return TableNotFoundError(
            f"Table {key} has no version in force: what was written of it so far was refused by a check.",
            f"See what and why: credit-platform show {refused_key(key)}. {_what_can_be_done(lakehouse, key)}",
        )
    siblings = lakehouse.keys(siblings_of(key))
    known = f" Tables there: {', '.join(siblings[:20])}." if siblings else ""
    return TableNotFoundError(f"Table {key} {what}.", f"Materialise it first, or check the name.{known}")


def _what_can_be_done(lakehouse: Lakehouse, key: str) -> str:
    """What helps against the newest refusal of `key`, of which no version is in force."""
    newest = lakehouse.latest(refused_key(key))
    judged = Judged.from_summary(lakehouse.read(refused_key(key), newest.version).summary) if newest else None
    return judged.what_can_be_done(key) if judged else "Mend its cause and run again."
