"""What is scored: one folder per portfolio (product line).

What is here: the vocabulary (`portfolio.py`, made of `source_table.py`, `feature_group.py`, `economics.py`,
`reason.py` with `reason_families.py`, `approval.py`, `responsible.py`, `retention.py` and `monitoring_policy.py`;
`claims.py`, `generator.py`, `truth.py`), the names of tables (`keys.py`), and one sub-package per portfolio with its
tables, features, reasons and claims. Folders outside the package that `CREDIT_PLATFORM_PORTFOLIOS` names count as if
what they hold lay here, and their modules are imported by the same names (ADR 0049).
What to add here: a folder with a `portfolio.py` that defines `PORTFOLIO`; it is found by itself. So is a sub-package
`generator` in it, with `generate`, `DRIFTS` and `DEFECTS`, where the portfolio's raw files can be generated, and a
module `truth` that defines `TRUTH`, where it can be simulated who defaults.
What must not be here: reading, training, serving, or anything that would have to change for another portfolio.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import pkgutil
import traceback
from functools import cache
from pathlib import Path
from typing import Any

from credit_platform.errors import GenerationError, PortfolioError, UnknownPortfolioError
from credit_platform.portfolios.claims import Claims
from credit_platform.portfolios.generator import Fidelity, Generator
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.reason import Reason
from credit_platform.portfolios.truth import Truth

FOLDERS_VARIABLE = "CREDIT_PLATFORM_PORTFOLIOS"
# A Bento has its portfolio in itself and comes first; a folder that is not there on its machine is no error to it.
__path__ += [
    str(Path(folder).resolve())
    for folder in os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep)
    if folder and Path(folder).is_dir()
]


def portfolio_folder(name: str) -> Path:
    """Where the portfolio called `name` lies: in the package, or in a folder outside.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
    """
    found = (Path(place) / name for place in __path__)
    if name in portfolio_names():
        return next(folder for folder in found if (folder / "__init__.py").is_file())
    raise UnknownPortfolioError(f"There is no portfolio {name!r}.", f"Use one of: {', '.join(portfolio_names())}.")


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
        PortfolioError: its modules cannot be loaded.
    """
    if name not in portfolio_names():
        raise UnknownPortfolioError(f"There is no portfolio {name!r}.", f"Use one of: {', '.join(portfolio_names())}.")
    try:
        portfolio: Portfolio = importlib.import_module(f"{__name__}.{name}.portfolio").PORTFOLIO
    except _OF_DECLARATIONS as error:
        raise PortfolioError(
            f"The portfolio {name} cannot be loaded: {_told(error, portfolio_folder(name))}.",
            f"Mend it in {portfolio_folder(name)}, and ask again: credit-platform check-portfolio {name}",
        ) from error
    return portfolio


_OF_DECLARATIONS = (AttributeError, ImportError, KeyError, NameError, SyntaxError, TypeError, ValueError)
"""What a slip in a module raises when it is imported."""


def _told(error: BaseException, folder: Path) -> str:
    """What is wrong, with file and line of the last step in the folder where one is known."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{Path(error.filename).name}, line {error.lineno}: {error.msg}"
    steps = [step for step in traceback.extract_tb(error.__traceback__) if Path(step.filename).is_relative_to(folder)]
    place = f"{Path(steps[-1].filename).name}, line {steps[-1].lineno}: " if steps else ""
    return f"{place}{type(error).__name__}: {error}"


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
