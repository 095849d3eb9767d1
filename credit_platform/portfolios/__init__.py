"""What is scored: one folder per portfolio (product line).

What is here: the vocabulary (`portfolio.py`) and one sub-package per portfolio with its tables, features and reasons.
What to add here: a folder with a `portfolio.py` that defines `PORTFOLIO`; it is found by itself.
What must not be here: reading, training, serving, or anything that would have to change for another portfolio.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from functools import cache

from credit_platform.errors import UnknownPortfolioError
from credit_platform.portfolios.portfolio import Portfolio


@cache
def portfolio_names() -> tuple[str, ...]:
    """Names of all portfolios, alphabetically: the sub-packages that define a `portfolio` module."""
    packages = (module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)
    return tuple(sorted(name for name in packages if importlib.util.find_spec(f"{__name__}.{name}.portfolio")))


@cache
def get_portfolio(name: str) -> Portfolio:
    """Load the portfolio called `name`.

    Raises:
        UnknownPortfolioError: no folder of that name exists; the message lists those that do.
    """
    if name not in portfolio_names():
        raise UnknownPortfolioError(f"There is no portfolio {name!r}.", f"Use one of: {', '.join(portfolio_names())}.")
    module = importlib.import_module(f"{__name__}.{name}.portfolio")
    portfolio: Portfolio = module.PORTFOLIO
    return portfolio


def all_portfolios() -> tuple[Portfolio, ...]:
    """Every portfolio, alphabetically by name."""
    return tuple(get_portfolio(name) for name in portfolio_names())
