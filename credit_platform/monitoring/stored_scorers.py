"""Scorers by digest, out of the artefacts of a home.

What is here: `stored_scorer`, for whoever knows of a scorer nothing but its digest.
What must not be here: replaying (`decision_log/replay.py`, which travels in a Bento, where no artefacts are).
"""

from __future__ import annotations

from pathlib import Path

from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios import portfolio_names
from credit_platform.portfolios.keys import scorer_artefact


def stored_scorer(shelf: Shelf, digest: str) -> Path | None:
    """Folder of the scorer with this digest, of whichever portfolio; None when none is stored.

    Raises:
        ArtefactError: it was altered.
    """
    keys = (scorer_artefact(portfolio, digest) for portfolio in portfolio_names()) if shelf.is_used else ()
    found = next((key for key in keys if shelf.store.exists(key)), None)
    return None if found is None else shelf.store.local(found)
