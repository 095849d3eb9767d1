"""What a portfolio may keep no longer: versions of tables, reports, superseded models, by the periods it declares.

What is here: `expired` (what goes), `remove_expired`, `Remover`, `RemovalRecord` and `removals`.
What to add here: another kind of thing that a declared period is about, or another reason to keep one beyond it.
What must not be here: removal by number (`retention.py`), which models may go (`superseded.py`), decisions
(`monitoring.decision_retention`).

Raw tables, features and what models were made of (they hold applicants) are kept for `Retention.features`; documents,
evidence and the promotion history for `Retention.reports`. A version counts from the moment when it was written. What
is in force is kept, whatever its age: the newest version of each table, what a pin names, all that the champion stands
on, the model that a rollback returns to, and the features that the newest scorer was trained on. Of what was refused
nothing is in force, so that the last version of it goes, too. What goes is written down before it does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import polars as pl

from credit_platform.accounts import account
from credit_platform.errors import PromotionRefusedError, ScorerError
from credit_platform.governance.promotion_history import champion_table, previous_champion
from credit_platform.governance.records import AboutScorer, PromotedModel
from credit_platform.governance.retention import Named, champion_versions, require_pins
from credit_platform.governance.superseded import StoredModel, superseded
from credit_platform.governance.superseded_versions import delete_versions, superseded_versions
from credit_platform.lakehouse import CommitInfo, Lakehouse, VacuumResult
from credit_platform.lakehouse.records import LEFT_OUT, Record
from credit_platform.lakehouse.reports import ReportFiles, is_of_model, report_files
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.records import ScorerRecord
from credit_platform.modelling.registry import RegisteredVersion, Registry
from credit_platform.portfolios.keys import (
    applicants_key,
    bento_key,
    champion_key,
    governance_key,
    removals_key,
    scorer_key,
    split_key,
    tables_of,
)
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.retention import Period
from credit_platform.scoring.folder import read_manifest
from credit_platform.settings import Settings

ABOUT_PEOPLE = frozenset({"raw", "aggregates", "features", "models", "monitoring"})
"""Layers that hold applicants; what is in the others documents the models."""
_SCORED = "scored_applicants"


@dataclass(frozen=True, kw_only=True)
class Remover:
    """Who has something removed, and why."""

    person: str
    """As they gave it; the account beside it is what the machine knows."""
    reason: str
    account: str = field(default_factory=account)

    def note(self) -> dict[str, str]:
        """For the commit that says what went."""
        return {"person": self.person, "account": self.account, "reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class Expired:
    """What is older than it may be kept, and nothing needs."""

    tables: tuple[VacuumResult, ...]
    """Those that lose a version, or files of which nothing is known any more."""
    reports: tuple[ReportFiles, ...]
    models: tuple[StoredModel, ...] = ()
    """Scorers, Bentos and histories of models that nothing goes back to."""
    registered: tuple[RegisteredVersion, ...] = ()
    """Versions in MLflow's registry of such models."""

    @property
    def versions(self) -> int:
        """How many versions of tables go."""
        return sum(len(one.removed_versions) for one in self.tables)

    @property
    def bytes(self) -> int:
        """Size of all that goes."""
        found = [*(one.bytes for one in self.tables), *(one.bytes for one in self.reports)]
        return sum(found) + sum(one.bytes for one in self.models)

    def __bool__(self) -> bool:
        """Whether anything goes."""
        return bool(self.tables or self.reports or self.models or self.registered)


@dataclass(frozen=True, kw_only=True, slots=True)
class RemovalRecord(Record):
    """Of governance/removals: one time that something was removed because it may be kept no longer."""

    person: str
    account: str
    reason: str
    removed_at: datetime
    tables: dict[str, tuple[int, ...]]
    """Versions by table key."""
    reports: tuple[str, ...]
    """Names below the reports of the portfolio."""
    models: Annotated[tuple[str, ...] | None, LEFT_OUT] = None
    """Keys of scorers, Bentos and histories, or their places in the home, and `mlflow:<model>/<version>`; None before
    these were removed."""
    bytes: int


def expired(
    lakehouse: Lakehouse,
    portfolio: Portfolio,
    settings: Settings,
    *,
    pins: Named,
    decided_by: Set[str],
    registry: Registry | None,
    now: datetime | None = None,
) -> Expired:
    """What of `portfolio` may be kept no longer.

    Args:
        lakehouse: where its tables lie.
        portfolio: declares the periods.
        settings: say where reports lie.
        pins: versions that stay, by table key.
        decided_by: digests of the models by which the decisions were made that the logs still hold.
        registry: of models; None where there is none.
        now: with its time zone; by default this moment.

    Raises:
        TableNotFoundError: a pin names a version that does not exist.
        DamagedTableError: of a table it is not known what it needs.
    """
    moment, shelf = now or datetime.now(UTC), Shelf.of(settings)
    in_use = {*decided_by, *_shadow(settings)}
    models = superseded(lakehouse, portfolio, shelf, pins=pins, decided_by=in_use, now=moment)
    registered = superseded_versions(lakehouse, portfolio, registry, pins=pins, decided_by=in_use, now=moment)
    found = _expire(lakehouse, portfolio, settings, pins, moment, None)
    return replace(found, models=tuple(models), registered=tuple(registered))


def remove_expired(
    lakehouse: Lakehouse,
    portfolio: Portfolio,
    settings: Settings,
    remover: Remover,
    *,
    pins: Named,
    decided_by: Set[str],
    registry: Registry | None,
    now: datetime | None = None,
) -> Expired:
    """Write down what goes, by whom and why, and remove it; a killed call is completed by the next one.

    Raises:
        TableNotFoundError: a pin names a version that does not exist; nothing was removed.
        DamagedTableError: of a table it is not known what it needs; nothing was removed.
    """
    moment = now or datetime.now(UTC)
    found = expired(lakehouse, portfolio, settings, pins=pins, decided_by=decided_by, registry=registry, now=moment)
    shelf = Shelf.of(settings)
    if found.versions or found.reports or found.models or found.registered:
        _write_down(lakehouse, portfolio, found, remover, moment)
    _expire(lakehouse, portfolio, settings, pins, moment, remover)
    for report in found.reports:
        report.remove(shelf)
    for model in found.models:
        model.remove(shelf)
    delete_versions(registry, found.registered)
    if shelf.is_used:  # of writers that were killed, and what others replaced
        shelf.store.tidy(tables_of(portfolio.name))
    return found


def _shadow(settings: Settings) -> set[str]:
    """Digest of the scorer whose folder the settings name as the shadow; of `challenger` the records know."""
    folder = Path(settings.shadow_scorer or "")
    try:
        return {read_manifest(folder)[1]} if settings.shadow_scorer else set()
    except ScorerError:  # `challenger`, or none
        return set()


def removals(lakehouse: Lakehouse, portfolio: str) -> list[RemovalRecord]:
    """Every time that something was removed, newest first.

    Raises:
        RecordError: one cannot be read.
    """
    key = removals_key(portfolio)
    return [RemovalRecord.from_summary(summary, key) for _, summary in lakehouse.records(key)]


def period_of(portfolio: Portfolio, key: str) -> Period:
    """For how long versions of a table are kept."""
    parts, retention = split_key(key), portfolio.retention
    about_people = parts.layer in ABOUT_PEOPLE or (parts.layer == "serving" and parts.name.startswith(_SCORED))
    return retention.features if about_people else retention.reports


def needed_versions(lakehouse: Lakehouse, portfolio: str) -> dict[str, set[int]]:
    """Versions that stay whatever their age, beside the newest: what champion, rollback and newest scorer stand on."""
    found: dict[str, set[int]] = defaultdict(set)
    for key, versions in champion_versions(lakehouse, portfolio).items():
        found[key] |= versions
    for key, number in _of_rollback(lakehouse, portfolio):
        found[key].add(number)
    for made, summary in lakehouse.records(scorer_key(portfolio))[:1]:
        trained_on = ScorerRecord.from_summary(summary, f"{made.key} version {made.version}").table_version
        found[applicants_key(portfolio)] |= set() if trained_on is None else {trained_on}
    return dict(found)


def _of_rollback(lakehouse: Lakehouse, portfolio: str) -> list[tuple[str, int]]:
    """The model that a rollback returns to, and what records which one that is."""
    champion = champion_table(lakehouse, portfolio)
    if champion is None:
        return []
    restored = PromotedModel.of(champion).restored_version
    kept = [] if restored is None else [(champion_key(portfolio), restored)]
    try:
        before = previous_champion(lakehouse, portfolio)
    except PromotionRefusedError:  # there is none
        return kept
    digest = PromotedModel.of(before).digest
    bentos = lakehouse.records(bento_key(portfolio))
    packed = next((v.version for v, summary in bentos if AboutScorer.from_summary(summary).digest == digest), None)
    kept.append((champion_key(portfolio), before.version.version))
    return kept if packed is None else [*kept, (bento_key(portfolio), packed)]


def _expire(  # noqa: PLR0917  # two calls, above
    lakehouse: Lakehouse, portfolio: Portfolio, settings: Settings, pins: Named, now: datetime, remover: Remover | None
) -> Expired:
    """What goes, and its removal from the tables where somebody answers for it."""
    require_pins(lakehouse, {key: pins[key] for key in pins if key.startswith(tables_of(portfolio.name))})
    needed = needed_versions(lakehouse, portfolio.name)
    reports = tuple(_expired_reports(lakehouse, portfolio, settings, now))
    tables = []
    for key in lakehouse.keys(tables_of(portfolio.name)):
        before = now - timedelta(days=period_of(portfolio, key).days)
        kept = {*pins.get(key, ()), *needed.get(key, ())}
        note = None if remover is None else remover.note()
        tables.append(lakehouse.expire(key, before, dry_run=remover is None, also_keep=kept, note=note))
    return Expired(tables=tuple(one for one in tables if one.removed_versions or one.files), reports=reports)


def _expired_reports(
    lakehouse: Lakehouse, portfolio: Portfolio, settings: Settings, now: datetime
) -> Iterable[ReportFiles]:
    """Reports about models that nobody may go back to, and files that no run writes any more."""
    before = now - timedelta(days=portfolio.retention.reports.days)
    in_use, written = _models_in_use(lakehouse, portfolio.name), _written(lakehouse, portfolio.name)
    newest = lakehouse.latest(scorer_key(portfolio.name))
    for found in report_files(Shelf.of(settings), portfolio.name):
        model = found.model
        if model is None:
            # Each run writes its own again: one that the newest run left alone is about nothing that is in force.
            if found.changed < before and newest is not None and newest.timestamp >= before:
                yield found
            continue
        # A copied home has files of today; its tables remember when they were written.
        dates = [moment for digest, moment in written.items() if is_of_model(model, digest)]
        if max(dates, default=found.changed) < before and not any(is_of_model(model, one) for one in in_use):
            yield found


def _models_in_use(lakehouse: Lakehouse, portfolio: str) -> set[str]:
    """Digests of the champion, of what a rollback returns to, and of the newest scorer."""
    champion = champion_table(lakehouse, portfolio)
    found = set() if champion is None else {PromotedModel.of(champion).digest}
    found |= {AboutScorer.from_summary(summary).digest for _, summary in lakehouse.records(scorer_key(portfolio))[:1]}
    with suppress(PromotionRefusedError):  # there was none before
        found.add(PromotedModel.of(previous_champion(lakehouse, portfolio)).digest)
    return found


def _written(lakehouse: Lakehouse, portfolio: str) -> Mapping[str, datetime]:
    """When documents about a scorer were last written, by its digest."""
    found: dict[str, datetime] = {}
    for name in ("model_card", "validation_report"):
        for version, summary in lakehouse.records(governance_key(portfolio, name)):
            digest = AboutScorer.from_summary(summary).digest
            found[digest] = max(version.timestamp, found.get(digest, version.timestamp))
    return found


def _write_down(lakehouse: Lakehouse, portfolio: Portfolio, found: Expired, remover: Remover, at: datetime) -> None:
    record = RemovalRecord(
        **remover.note(),
        removed_at=at,
        tables={one.key: one.removed_versions for one in found.tables if one.removed_versions},
        reports=tuple(report.name for report in found.reports),
        models=(
            *(model.name for model in found.models),
            *(f"mlflow:{one.model}/{one.version}" for one in found.registered),
        ),
        bytes=found.bytes,
    )
    rows: list[dict[str, Any]] = [
        {"kind": "table", "name": key, "versions": ", ".join(map(str, sorted(versions)))}
        for key, versions in record.tables.items()
    ]
    rows += [{"kind": "report", "name": name, "versions": None} for name in record.reports]
    rows += [{"kind": "model", "name": name, "versions": None} for name in record.models or ()]
    frame = pl.DataFrame(rows, schema={"kind": pl.String, "name": pl.String, "versions": pl.String})
    info = CommitInfo(portfolio=portfolio.name)
    lakehouse.write(removals_key(portfolio.name), frame, summary=record.to_summary(), info=info)
