"""Which versions of tables may go by their number, and their removal; by their age: `expiry.py`.

Kept are, of every table: the newest versions, those that a pin names, and those that the champion stands on, so that
the model that answers applicants can be explained and made again. Nothing goes of the layers whose versions are the
record of who promoted what and why, and what a rollback returns to.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping

from credit_platform.errors import TableNotFoundError
from credit_platform.governance.records import PromotedModel
from credit_platform.lakehouse import Lakehouse, VacuumResult, is_refused
from credit_platform.portfolios.keys import applicants_key, champion_key, split_key, tables_of
from credit_platform.scoring.folder import PROVENANCE

RECORDS = ("governance", "serving")
"""Layers of which every version stays."""

Named = Mapping[str, Iterable[int]]
"""Versions by table key."""


def retain(
    lakehouse: Lakehouse,
    portfolios: Iterable[str],
    keep: int,
    *,
    pins: Named,
    dry_run: bool,
    note: Mapping[str, str] | None = None,
) -> list[VacuumResult]:
    """Remove the versions that nothing needs from every table of `portfolios`, or only say which they are.

    Args:
        lakehouse: where the tables lie.
        portfolios: names of portfolios.
        keep: how many of the newest versions of each table stay, at least 1.
        pins: versions that stay besides.
        dry_run: remove nothing.
        note: who does it and why, for the commits that say so.

    Returns:
        What was (or would be) removed, table by table.

    Raises:
        TableNotFoundError: a pin names a version that does not exist; nothing was removed.
        ValueError: `keep` is below 1.
    """
    require_pins(lakehouse, pins)
    results = []
    for portfolio in portfolios:
        referred = champion_versions(lakehouse, portfolio)
        for key in lakehouse.keys(tables_of(portfolio)):
            if split_key(key).layer not in RECORDS:
                named = {*pins.get(key, ()), *referred.get(key, ())}
                results.append(lakehouse.vacuum(key, keep, dry_run=dry_run, also_keep=named, note=note))
    return results


def champion_versions(lakehouse: Lakehouse, portfolio: str) -> dict[str, set[int]]:
    """Versions that the newest promotion of `portfolio` stands on; empty before the first promotion.

    Those are, of each table, the version that was current when the champion was promoted, and the version of the
    feature table that its scorer says it was trained on (another one, when that run read a pinned version).
    """
    key = champion_key(portfolio)
    if not lakehouse.exists(key):
        return {}
    champion = lakehouse.read(key, version=lakehouse.versions(key)[0].version)
    found: dict[str, set[int]] = defaultdict(set)
    for table in lakehouse.keys(tables_of(portfolio)):
        if is_refused(table):  # no model was made of it
            continue
        then = [v.version for v in lakehouse.versions(table) if v.timestamp <= champion.version.timestamp]
        found[table].update(then[:1])
    trained_on = _trained_on(PromotedModel.of(champion), lakehouse)
    found[applicants_key(portfolio)].update(set() if trained_on is None else {trained_on})
    return dict(found)


def _trained_on(model: PromotedModel, lakehouse: Lakehouse) -> int | None:
    """Version of the feature table; of a model of before it was recorded, what its scorer says, if it is there."""
    if model.table_version is not None:
        return model.table_version
    provenance = model.folder(lakehouse.shelf) / PROVENANCE
    said = json.loads(provenance.read_bytes()).get("data_version") if provenance.is_file() else None
    return None if said is None else int(said)


def require_pins(lakehouse: Lakehouse, pins: Named) -> None:
    """Refuse to remove anything where a pin names what does not exist.

    Raises:
        TableNotFoundError: so it is.
    """
    for key, wanted in pins.items():
        known = [version.version for version in lakehouse.versions(key)]
        for version in wanted:
            if version not in known:
                listed = ", ".join(map(str, known)) or "none"
                raise TableNotFoundError(
                    f"A pin names version {version} of {key}, which {_why_not(lakehouse, key, version)}.",
                    f"Nothing was removed. Versions that exist: {listed}.",
                )


def _why_not(lakehouse: Lakehouse, key: str, version: int) -> str:
    withdrawal = lakehouse.withdrawn(key).get(version)
    if withdrawal is None:
        return "does not exist"
    return f"was taken away because {withdrawal.why}: neither a pin nor time travel brings it back"
