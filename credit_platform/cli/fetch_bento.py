"""`credit-platform fetch-bento`: one promoted Bento, by digest, where a pod serves from."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from credit_platform.portfolios import get_portfolio
from credit_platform.serving.bento_fetching import fetch_bento, promoted_digest
from credit_platform.settings import Settings


def fetch_and_tell(settings: Settings, portfolio: str, digest: str, target: Path, *, or_promoted: bool) -> None:
    """Fetch it, or, where no digest is given and `or_promoted`, what is promoted now; say what was fetched.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
        ServiceError: nothing of this digest was promoted.
        ArtefactError: it is not stored any more, or was altered.
        ScorerError: what is stored is not what was promoted.
    """
    name = get_portfolio(portfolio).name
    if or_promoted and not digest:
        digest = promoted_digest(settings, name)
    record = fetch_bento(settings, name, digest, target)
    said = f"{record.tag} with the scorer {record.digest[:12]} is at {target}, as it was promoted."
    Console().print(said, markup=False, highlight=False, soft_wrap=True)
