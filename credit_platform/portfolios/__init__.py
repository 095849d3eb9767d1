"""What is scored: one folder per portfolio (product line).

What is here: the vocabulary (`portfolio.py`, made of `source_table.py`, `feature_group.py`, `economics.py`, `reason.py`
with `reason_families.py`, `approval.py`, `responsible.py`, `retention.py` and `monitoring_policy.py`; `claims.py`,
`generator.py`, `truth.py`), the names of tables (`keys.py`), and one sub-package per portfolio with its tables,
features, reasons and
claims.
What to add here: a folder with a `portfolio.py` that defines `PORTFOLIO`; it is found by itself. So is a sub-package
`generator` in it, with `generate`, `DRIFTS` and `DEFECTS`, where the portfolio's raw files can be generated, and a
module `truth` that defines `TRUTH`, where it can be simulated who defaults.
What must not be here: reading, training, serving, or anything that would have to change for another portfolio.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import pkgutil
from functools import cache
from pathlib import Path
from typing import Any

from credit_platform.errors import GenerationError, UnknownPortfolioError
from credit_platform.portfolios.claims import Claims
from credit_platform.portfolios.generator import Fidelity, Generator
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.reason import Reason
from credit_platform.portfolios.truth import Truth


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


def get_claims(name: str) -> Claims | None:
    """What the sentences of the portfolio called `name` claim, in terms of its raw tables; only the gate asks.

    Returns:
        `CLAIMS` of the module `claims` (or sub-package) in the portfolio's folder; None where there is none.
    """
    if name not in portfolio_names() or importlib.util.find_spec(f"{__name__}.{name}.claims") is None:
        return None
    claims: Claims = importlib.import_module(f"{__name__}.{name}.claims").CLAIMS
    return claims


@cache
def reasons_before(name: str) -> tuple[Reason, ...] | None:
    """The sentences that scorers of the portfolio called `name` had before they kept their own.

    Returns:
        Families without wordings by situation, from `reasons_before.json` in the portfolio's folder; None where there
        is no such file: the portfolio is younger.
    """
    path = Path(__file__).parent / name / "reasons_before.json"
    if not path.is_file():
        return None
    texts: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return tuple(Reason(code=code, **sides) for code, sides in texts.items())


@cache
def has_generator(name: str) -> bool:
    """Whether raw files of the portfolio called `name` can be generated."""
    known = name in portfolio_names()
    return known and importlib.util.find_spec(f"{__name__}.{name}.generator") is not None


def get_generator(name: str) -> Generator:
    """Load the generator of the portfolio called `name`; only whoever generates pays for its import.

    Raises:
        UnknownPortfolioError: no folder of that name exists.
        GenerationError: the portfolio has no generator; the message lists those that do.
    """
    portfolio = get_portfolio(name)
    if not has_generator(name):
        able = ", ".join(other for other in portfolio_names() if has_generator(other))
        raise GenerationError(
            f"Raw files of {portfolio.title} cannot be generated.", f"Portfolios with a generator: {able}."
        )
    module = importlib.import_module(f"{__name__}.{name}.generator")
    return Generator(generate=module.generate, drifts=module.DRIFTS, defects=module.DEFECTS)


def get_truth(name: str) -> Truth:
    """Load the made-up truth of the portfolio called `name`; for simulations, never for what watches a model.

    Raises:
        UnknownPortfolioError: no folder of that name exists.
        GenerationError: nobody made up who defaults in it.
    """
    portfolio = get_portfolio(name)
    if importlib.util.find_spec(f"{__name__}.{name}.truth") is None:
        raise GenerationError(
            f"Nobody made up who of the simulated applicants of {portfolio.title} defaults.",
            f"Define TRUTH in credit_platform/portfolios/{name}/truth.py.",
        )
    truth: Truth = importlib.import_module(f"{__name__}.{name}.truth").TRUTH
    return truth


def get_fidelity(name: str) -> Fidelity:
    """Load what compares generated files of the portfolio called `name` with the statistics of the real ones.

    Raises:
        UnknownPortfolioError: no folder of that name exists.
        GenerationError: nothing is known of its real files.
    """
    portfolio = get_portfolio(name)
    if importlib.util.find_spec(f"{__name__}.{name}.fidelity") is None:
        raise GenerationError(
            f"The statistics of the real files of {portfolio.title} are not known, so there is nothing to report.",
            "Leave out --report.",
        )
    module: Fidelity = importlib.import_module(f"{__name__}.{name}.fidelity")
    return module
