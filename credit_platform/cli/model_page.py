"""`credit-platform model-page`: the model in production as a page of Markdown."""

from __future__ import annotations

from pathlib import Path

from credit_platform.cli.listing import tell, write
from credit_platform.files.durable import write_synced
from credit_platform.files.names import require_place
from credit_platform.governance.model_page import model_page
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings


def write_model_page(name: str, settings: Settings, out: Path | None) -> None:
    """Print the page of the champion, or write it to a file.

    Raises:
        ModellingError: there is no champion, or the newest evidence is about another model.
        RequestError: no file can be written there, or something that is no file lies in its place.
        UnknownPortfolioError: there is no such portfolio.
    """
    from rich.console import Console

    if out is not None:
        require_place(out)
    page = model_page(get_portfolio(name), Lakehouse(settings.lakehouse_root))
    if out is None:
        write(page, Console())
        return
    write_synced(out, page.encode())
    tell(f"Written: {out}")
