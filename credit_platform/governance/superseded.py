"""What is stored of models that nothing goes back to: scorers, Bentos, the histories that travelled with them.

What is here: `StoredModel`, `superseded`; `needed_models` and `last_used`, which say it of a model wherever it lies.
What to add here: another kind of artefact that belongs to one model, or another reason to keep a model.
What must not be here: versions of tables and reports (`expiry.py`), the models in MLflow (`superseded_versions.py`).

A model is kept for `Retention.models` after it was last in production (after it was made, where it never was). Kept
whatever its age are the champion, the model that a rollback returns to, the newest scorer, the newest challenger that
was not promoted (it may be a shadow), what a pin names, and every model by which a decision was made that is still in
the log: `replay` scores it again.
"""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from credit_platform.errors import PromotionRefusedError
from credit_platform.governance.promotion_history import history, previous_champion
from credit_platform.governance.records import AboutBento, AboutScorer, PromotedModel
from credit_platform.governance.retention import Named
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios.keys import (
    bento_key,
    bento_name,
    champion_key,
    histories_artefact,
    kind_of_artefact,
    scorer_key,
    tables_of,
)
from credit_platform.portfolios.portfolio import Portfolio

KINDS: Final = ("scorers", "bentos", "histories")
_NAMED_BY_DIGEST: Final = re.compile(r"[0-9a-f]{12,}(-|$)")


@dataclass(frozen=True, kw_only=True)
class StoredModel:
    """Something that is stored of a model, by key or in the home."""

    name: str
    """Its key, or its path below the home."""
    models: tuple[str, ...]
    """First digits of the digest of each model that it belongs to; none where nothing says whose it is."""
    last_needed: datetime
    """When the last of these was in production, or made."""
    bytes: int
    folder: Path | None = None
    """Where it lies in the home, when it is no artefact."""

    def is_of(self, digest: str) -> bool:
        """Whether it belongs to the model of this digest."""
        return digest.startswith(self.models) if self.models else False

    def remove(self, shelf: Shelf) -> None:
        """Delete it; nothing happens when it is gone."""
        if self.folder is None:
            shelf.store.delete(self.name)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def superseded(
    lakehouse: Lakehouse, portfolio: Portfolio, shelf: Shelf, *, pins: Named, decided_by: Set[str], now: datetime
) -> list[StoredModel]:
    """What is stored of models of `portfolio` that may go, by name.

    Args:
        lakehouse: its tables say which model was in production when.
        portfolio: declares for how long a model is kept.
        shelf: what is stored by key, and the home.
        pins: versions of tables; the model of each is kept.
        decided_by: digests of the models by which the decisions were made that the logs still hold.
        now: with its time zone.

    Raises:
        DamagedTableError: of a table it is not known what it holds.
        RecordError: a record cannot be read.
    """
    before = now - timedelta(days=portfolio.retention.models.days)
    needed = needed_models(lakehouse, portfolio.name, pins) | set(decided_by)
    used = last_used(lakehouse, portfolio.name, now)
    found = [*_stored(lakehouse, portfolio.name, shelf, used), *_in_home(portfolio.name, shelf, used)]
    going = [one for one in found if one.last_needed < before and not any(map(one.is_of, needed))]
    return sorted(going, key=lambda one: one.name)


def needed_models(lakehouse: Lakehouse, portfolio: str, pins: Named) -> set[str]:
    """Digests of models that stay whatever their age."""
    found: set[str] = set()
    for key in (champion_key(portfolio), scorer_key(portfolio), bento_key(portfolio)):
        pinned = {*pins.get(key, ())}
        for age, (version, summary) in enumerate(lakehouse.records(key)):
            if age == 0 or version.version in pinned:
                found.add(AboutScorer.from_summary(summary).digest)
    with suppress(PromotionRefusedError):  # there was none before
        found.add(PromotedModel.of(previous_champion(lakehouse, portfolio)).digest)
    waiting = (record.decision for record in history(lakehouse, portfolio) if not record.decision.promoted)
    newest = next(waiting, None)
    return found if newest is None else found | {newest.challenger.digest}


def last_used(lakehouse: Lakehouse, portfolio: str, now: datetime) -> Mapping[str, datetime]:
    """When each model was last in production, or made, by its digest."""
    found = defaultdict[str, datetime](lambda: datetime.min.replace(tzinfo=UTC))
    for key in (scorer_key(portfolio), bento_key(portfolio)):
        for version, summary in lakehouse.records(key):
            digest = AboutScorer.from_summary(summary).digest
            found[digest] = max(found[digest], version.timestamp)
    until = now
    for version, summary in lakehouse.records(champion_key(portfolio)):  # the newest first
        digest = AboutScorer.from_summary(summary).digest
        found[digest] = max(found[digest], until)
        until = version.timestamp
    return found


def _stored(lakehouse: Lakehouse, portfolio: str, shelf: Shelf, used: Mapping[str, datetime]) -> Iterator[StoredModel]:
    """Scorers, Bentos and histories that are stored by key."""
    with_histories = _with_histories(lakehouse, portfolio)
    for key in shelf.all_keys():
        kind, name = kind_of_artefact(key), key.rpartition("/")[2]
        if not key.startswith(tables_of(portfolio)) or kind not in KINDS:
            continue
        models = with_histories.get(key, ()) if kind == "histories" else (_model_in(name),)
        changed, size = shelf.store.changed(key), shelf.store.stat(key).size
        yield StoredModel(name=key, models=models, last_needed=_last(models, used, changed), bytes=size)


def _in_home(portfolio: str, shelf: Shelf, used: Mapping[str, datetime]) -> Iterator[StoredModel]:
    """Bentos as they were built or fetched, and scorers of before artefacts had keys."""
    folders = [*shelf.home.glob(f"bentos/bentos/{bento_name(portfolio)}/*"), *shelf.home.glob(f"scorers/{portfolio}/*")]
    for folder in folders:
        if _NAMED_BY_DIGEST.match(folder.name) and folder.is_dir():
            models = (_model_in(folder.name),)
            changed = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            name = folder.relative_to(shelf.home).as_posix()
            needed = _last(models, used, changed)
            yield StoredModel(name=name, models=models, last_needed=needed, bytes=size, folder=folder)


def _model_in(name: str) -> str:
    """First digits of the digest of the model: of a scorer its name, of a Bento what is before the code (`…-…`)."""
    return name.partition("-")[0]


def _with_histories(lakehouse: Lakehouse, portfolio: str) -> dict[str, tuple[str, ...]]:
    """Models with which histories travelled, by the key of these."""
    found = defaultdict[str, set[str]](set)
    for _, summary in lakehouse.records(bento_key(portfolio)):
        bento = AboutBento.from_summary(summary)
        if bento.stored_histories is not None:
            found[histories_artefact(portfolio, bento.stored_histories.digest)].add(bento.digest)
    return {key: tuple(sorted(digests)) for key, digests in found.items()}


def _last(models: tuple[str, ...], used: Mapping[str, datetime], changed: datetime) -> datetime:
    """As the tables know it, for files of a copied home are of today; else when it was stored."""
    known = [at for digest, at in used.items() if models and digest.startswith(models)]
    return max(known, default=changed)
