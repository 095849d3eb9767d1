"""Which challenger scores along beside a champion: the one that was named, or the last that was not promoted.

What is here: `shadow_scorer` and `waiting_challenger`.
What to add here: another way to name a challenger.
What must not be here: scoring along (`bento.runtime.shadow`), starting services (`blue_green.py`).
"""

from __future__ import annotations

import json
from pathlib import Path

from credit_platform.errors import ScorerError, ServiceError
from credit_platform.governance.promotion_history import history
from credit_platform.governance.records import PromotedModel
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.records import ScorerRecord
from credit_platform.portfolios.keys import champion_key, scorer_key
from credit_platform.scoring.folder import read_manifest, verify_files
from credit_platform.scoring.parts import SCORER_FILE
from credit_platform.settings import Settings

CHALLENGER = "challenger"
"""Instead of a folder: the last challenger that the gate refused or that waits for a person."""


def shadow_scorer(settings: Settings, portfolio: str, champion: str, wanted: str | None) -> Path | None:
    """Folder of the scorer that `wanted` names, fit to score beside the champion; None when it names none.

    Args:
        settings: where tables lie.
        portfolio: whose service it is.
        champion: digest of the scorer that answers.
        wanted: a folder, `challenger`, or nothing.

    Raises:
        ServiceError: no challenger waits; the scorer is of another portfolio, or it is the champion itself.
        ScorerError: the folder is not a scorer's, or it was altered.
    """
    if not wanted:
        return None
    folder = _challenger(settings, portfolio) if wanted == CHALLENGER else Path(wanted)
    listed, digest = read_manifest(folder)
    verify_files(folder, listed)
    cure = "Name the folder of another scorer for --shadow or CREDIT_PLATFORM_SHADOW_SCORER, or serve without one."
    if (whose := _portfolio_of(folder)) != portfolio:
        raise ServiceError(f"The shadow scorer {folder} is of {whose}, not of {portfolio}.", cure)
    if digest == champion:
        raise ServiceError(f"The shadow scorer {folder} is the champion itself, {digest[:12]}.", cure)
    return folder.resolve()


def concerns(settings: Settings, portfolio: str, wanted: str | None) -> bool:
    """Whether what is named for several portfolios is meant for this one: a scorer of it, or a challenger that waits.

    A folder that cannot be read is, and is refused by `shadow_scorer` then.
    """
    if not wanted:
        return False
    if wanted == CHALLENGER:
        return waiting_challenger(settings, portfolio) is not None
    try:
        return _portfolio_of(Path(wanted)) == portfolio
    except ScorerError:
        return True


def waiting_challenger(settings: Settings, portfolio: str) -> Path | None:
    """Scorer of the newest challenger that was not promoted and is not the champion by now; None when there is none."""
    lakehouse = Lakehouse(settings.lakehouse_root)
    key = champion_key(portfolio)
    champion = PromotedModel.of(lakehouse.read(key)).digest if lakehouse.exists(key) else None
    for record in history(lakehouse, portfolio):
        digest = record.decision.challenger.digest
        if not record.decision.promoted and digest != champion:
            return _stored_at(settings, portfolio, digest)
    return None


def _challenger(settings: Settings, portfolio: str) -> Path:
    folder = waiting_challenger(settings, portfolio)
    if folder is None:
        raise ServiceError(
            f"No challenger of {portfolio} was refused or waits for approval.",
            f"See credit-platform promotions {portfolio}, or name the folder of a scorer.",
        )
    return folder


def _stored_at(settings: Settings, portfolio: str, digest: str) -> Path | None:
    """Where the scorer of this digest lies, as the table of scorers says."""
    lakehouse, key = Lakehouse(settings.lakehouse_root), scorer_key(portfolio)
    for version in lakehouse.versions(key):
        record = ScorerRecord.of(lakehouse.read(key, version.version))
        if record.digest == digest:
            return record.folder(Shelf.of(settings))
    return None


def _portfolio_of(folder: Path) -> str:
    try:
        return str(json.loads((folder / SCORER_FILE).read_bytes())["portfolio"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ScorerError(
            f"{folder} is not the folder of a scorer.", "Name the folder that Scorer.save wrote."
        ) from None
