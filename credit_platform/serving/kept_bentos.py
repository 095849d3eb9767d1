"""The Bento of a model that served before: the one that is still there, else one built anew.

What is here: `bento_of`, for whoever goes back to a model.
What to add here: another way to find a Bento again.
What must not be here: building (`bentos.py`), deciding to go back (`orchestration/promotion.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from credit_platform.errors import ArtefactError, RecordError, ScorerError
from credit_platform.governance.records import PromotedModel
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios.keys import bento_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.folder import read_manifest, verify_files
from credit_platform.serving.bento_places import keep_bento
from credit_platform.serving.bentos import build_bento
from credit_platform.serving.freshness import fingerprint
from credit_platform.serving.records import BentoRecord, bento_rows
from credit_platform.settings import Settings


@dataclass(frozen=True)
class KeptBento:
    """Row and record of the table `serving/bento`."""

    frame: pl.LazyFrame
    record: BentoRecord


def bento_of(lakehouse: Lakehouse, portfolio: Portfolio, settings: Settings, model: PromotedModel) -> KeptBento:
    """The Bento that served this model, if it is still there and whole; else one built anew.

    Raises:
        ArtefactError: no Bento of it is left, and its scorer is gone or altered.
        ScorerError: the same, of a scorer of before artefacts had keys.
        ServiceError: no Bento of it is left, and none can be built.
    """
    key, shelf = bento_key(portfolio.name), Shelf.of(settings)
    for version in lakehouse.versions(key):
        stored = lakehouse.read(key, version.version)
        try:
            record = BentoRecord.of(stored)
        except RecordError:  # another one is built then, which is as good
            continue
        if record.digest == model.digest and _is_whole(record, shelf):
            return KeptBento(stored.frame, record if record.key is not None else _with_key(record, shelf))
    built = build_bento(model.folder(shelf), portfolio, settings)
    record = BentoRecord.made(built, fingerprint(portfolio, settings))
    return KeptBento(bento_rows(record, built.bytes).lazy(), record)


def _is_whole(bento: BentoRecord, shelf: Shelf) -> bool:
    """Whether the Bento holds the scorer of its record, unaltered.

    The scorer is not loaded: a Bento brings the feature code that its model was trained with, which may not be today's,
    and to go back behind a change of that code is what a rollback is often for.
    """
    try:
        folder = bento.brought(shelf) / "src" / "scorer"
        listed, found = read_manifest(folder)
        verify_files(folder, listed)
    except (ScorerError, ArtefactError):
        return False
    return found == bento.digest


def _with_key(bento: BentoRecord, shelf: Shelf) -> BentoRecord:
    """The record of a Bento of before artefacts had keys, which is stored now, where it lies as those of today do."""
    if bento.place.folder(shelf.home) != bento.folder(shelf):
        return bento
    return replace(bento, key=keep_bento(shelf, bento.place), path=None)
