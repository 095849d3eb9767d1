"""`credit-platform containerize`: an image of its own for a promoted Bento."""

from __future__ import annotations

from rich.console import Console

from credit_platform.portfolios import get_portfolio
from credit_platform.serving.bento_fetching import promoted_digest
from credit_platform.serving.containers import containerize
from credit_platform.settings import Settings


def containerize_and_tell(settings: Settings, portfolio: str, digest: str, *, base: str, prefix: str) -> None:
    """Build the image of the Bento of `digest`, or of what is promoted now where that is empty, and name it.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
        ServiceError: nothing of this digest was promoted, docker is missing or failed.
        ArtefactError: the Bento is not stored any more, or was altered.
        ScorerError: what is stored is not what was promoted.
    """
    name = get_portfolio(portfolio).name
    image = containerize(settings, name, digest or promoted_digest(settings, name), base=base, prefix=prefix)
    said = f"{image.reference} holds {image.bento} with the scorer {image.digest[:12]}, as it was promoted."
    Console().print(said, markup=False, highlight=False, soft_wrap=True)
