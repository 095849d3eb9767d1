"""What should be served: the newest Bento of a portfolio, as the table `serving/bento` names it.

What is here: `PromotedBento` and `promoted_bento`; `promoted_scorer`, for whoever scores without a Bento.
What must not be here: who decides what is promoted (`governance`), bringing it anywhere (`deployer.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from credit_platform.errors import ScorerError
from credit_platform.governance.records import PromotedModel
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios.keys import bento_key, champion_key
from credit_platform.serving.bento_places import BentoPlace, bring_bento
from credit_platform.serving.records import BentoRecord
from credit_platform.settings import Settings


@dataclass(frozen=True, kw_only=True)
class PromotedBento:
    """A version of the table `serving/bento`."""

    version: int
    """Version of the table; a promotion and a rollback each write one."""
    path: Path
    """Folder from which it is served; see `brought`."""
    digest: str
    """Digest of the scorer inside."""
    source_digest: str | None = None
    """Digest of the code it was promoted with; None for one of before there were any."""
    place: BentoPlace | None = None
    """What brings it to this machine; None for one of before artefacts had keys."""

    @property
    def name(self) -> str:
        """Its tag, for people: `<name>:<version>`."""
        return f"{self.path.parent.name}:{self.path.name}"

    def brought(self, shelf: Shelf) -> Path:
        """Its folder, fetched from the store where it is not there.

        Raises:
            ArtefactError: it is not stored either, or altered there.
        """
        return self.path if self.place is None else bring_bento(shelf, self.place)


def promoted_bento(settings: Settings, portfolio: str) -> PromotedBento | None:
    """What should be served now; None before the first promotion."""
    lakehouse, key = Lakehouse(settings.lakehouse_root), bento_key(portfolio)
    if not lakehouse.exists(key):
        return None
    stored = lakehouse.read(key)
    record = BentoRecord.of(stored)
    return PromotedBento(
        version=stored.version.version,
        path=record.folder(Shelf.of(settings)),
        digest=record.digest,
        source_digest=record.source_digest,
        place=None if record.key is None else record.place,
    )


def promoted_scorer(portfolio: str, settings: Settings) -> Path:
    """Folder of the promoted scorer.

    Raises:
        ScorerError: nothing was promoted yet.
        ArtefactError: its scorer is gone, or not as it was stored.
    """
    lakehouse = Lakehouse(settings.lakehouse_root)
    key = champion_key(portfolio)
    if not lakehouse.exists(key):
        raise ScorerError(f"{portfolio} has no promoted model.", f"Run credit-platform run {portfolio}, or --scorer.")
    return PromotedModel.of(lakehouse.read(key)).folder(Shelf.of(settings))
