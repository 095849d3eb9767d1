"""A person puts a refused table in force and answers for it.

What is here: `accept`.
What to add here: another act of a person on stored data.
What must not be here: what refuses a table (`judging.py`), the promotion of models (`governance/promotion_history.py`).

The new version carries who, when and why, and the verdicts that were overruled, as an override of the gate does; the
refused one stays where it lies. What no one can answer for, because what comes after could not work with it, stays
refused: values that break the contract's types, rows that were lost, an applicant twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import polars as pl

from credit_platform.errors import AcceptanceError
from credit_platform.lakehouse import (
    CommitInfo,
    Judged,
    Lakehouse,
    StoredTable,
    TableVersion,
    is_refused,
    refused_key,
)
from credit_platform.lakehouse.verdicts import key_in_force
from credit_platform.tables.before_writing import write_checks
from credit_platform.tables.judging import BESIDE, judge, submission_of

ACCEPTED = "accepted"
"""Where an accepted version's summary records the act."""


def accept(lakehouse: Lakehouse, key: str, *, by: str, reason: str) -> TableVersion:
    """Make the newest refused version of `key` its newest version, with who, when and why in its record.

    What was refused with it, as the rejected rows of a raw file, comes with it. Everything is judged once more first:
    the rules may have changed since.

    Args:
        lakehouse: where the tables lie.
        key: the table, without `__refused`.
        by: name of the person.
        reason: why, in words.

    Returns:
        The version in force from now on.

    Raises:
        AcceptanceError: name or reason is empty; nothing of `key` was refused; what was refused is in force already, or
            a newer version is; or a check failed that nobody may answer for.
    """
    by, reason = by.strip(), reason.strip()
    if not by or not reason:
        raise AcceptanceError("A name or a reason is missing.", "Give both: --by NAME --reason TEXT.")
    refused = _newest_refused(lakehouse, key)
    beside = {
        other: lakehouse.read(refused_key(other), version) for other, version in refused.summary.get(BESIDE, {}).items()
    }
    judged = _answerable(lakehouse, key, refused, {other: stored.frame for other, stored in beside.items()})
    overruled = ", ".join(verdict.check for verdict in judged.failed) or "none any more"
    at = datetime.now(UTC)
    exception = f"Accepted by {by} on {at:%Y-%m-%d %H:%M} UTC: {reason} (refused by: {overruled})."
    act = {"by": by, "reason": reason, "at": at.isoformat(), "refused_version": refused.version.version}
    # As in ingestion: when the table can be read, so can what it left out.
    for other, stored in beside.items():
        _put_in_force(lakehouse, other, stored, stored.summary, exception)
    summary = {**refused.summary, **judged.recorded(), ACCEPTED: act}
    return _put_in_force(lakehouse, key, refused, summary, exception)


def _newest_refused(lakehouse: Lakehouse, key: str) -> StoredTable:
    if is_refused(key):
        raise AcceptanceError(
            f"{key} is where refused data is kept.", f"Name the table it is meant for: {key_in_force(key)}."
        )
    newest, in_force = lakehouse.latest(refused_key(key)), lakehouse.latest(key)
    if newest is None or not write_checks(key):
        raise AcceptanceError(f"No check refused anything of {key} for itself.", _where_to_look(lakehouse))
    if in_force is not None and in_force.timestamp >= newest.timestamp:
        raise AcceptanceError(*_overtaken(lakehouse, in_force, newest))
    return lakehouse.read(newest.key, newest.version)


def _where_to_look(lakehouse: Lakehouse) -> str:
    names = (key_in_force(key) for key in sorted(filter(is_refused, lakehouse.keys(""))))
    known = ", ".join(name for name in names if write_checks(name))
    if not known:
        return "There is nothing to accept: no table of this home was refused."
    return f"Tables of which something was refused: {known}."


def _overtaken(lakehouse: Lakehouse, in_force: TableVersion, refused: TableVersion) -> tuple[str, str]:
    """What to say when a newer version is in force than the one that was refused, and the cure."""
    act = lakehouse.read(in_force.key, in_force.version).summary.get(ACCEPTED, {})
    if act.get("refused_version") == refused.version:
        what = f"Version {refused.version} of {refused.key} is in force already, as version {in_force.version}"
        return f"{what} of {in_force.key}: {in_force.exception}", "There is nothing left to accept."
    return (
        f"Version {in_force.version} of {in_force.key}, of {in_force.timestamp:%Y-%m-%d %H:%M:%S} UTC, came into force "
        f"after version {refused.version} of {refused.key} was refused.",
        "To go back to the refused data, put its file back and run the ingestion: it is refused anew and can then be "
        "accepted.",
    )


def _answerable(lakehouse: Lakehouse, key: str, refused: StoredTable, beside: Mapping[str, pl.LazyFrame]) -> Judged:
    """What the checks of today say of the refused table, when a person may answer for it."""
    submission = replace(submission_of(refused, beside), key=key)
    judged = judge(submission, write_checks(key), lakehouse)
    final = [verdict for verdict in judged.failed if verdict.final]
    if final:
        why = " ".join(f"Check {verdict.check}: {verdict.message}" for verdict in final)
        raise AcceptanceError(
            f"{refused.version.key} version {refused.version.version} cannot be answered for by hand. {why}",
            "What comes after could not work with it. Mend what is named and run again.",
        )
    return judged


def _put_in_force(
    lakehouse: Lakehouse, key: str, refused: StoredTable, summary: Mapping[str, Any], exception: str
) -> TableVersion:
    known = {field.name: getattr(refused.version, field.name) for field in fields(CommitInfo)}
    info = CommitInfo(**{**known, "exception": exception})
    return lakehouse.write(key, refused.frame, summary=summary, info=info, partition_by=refused.partitioned_by)
