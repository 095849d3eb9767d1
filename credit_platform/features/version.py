"""The version of a portfolio's features: it changes when a feature could.

What is here: `feature_version`, and `is_version_of`, which also knows the versions of before.
What must not be here: how source is read (`code_versions.py`).
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from credit_platform import portfolios
from credit_platform.code_versions import closure, digest_of, module_file
from credit_platform.portfolios.portfolio import Portfolio

COMPUTING = tuple(f"credit_platform.features.{name}" for name in ("build", "one_applicant", "request_rows"))
"""What computes features, for a table and for one applicant; the rest of the engine is found by its imports."""
DECLARING = ("credit_platform.portfolios.portfolio",)
"""What holds a portfolio's features beside its costs, periods and policies, none of which changes a feature."""
DEFINITIONS = ("features", "tables")
"""What of a portfolio's folder says how a feature is computed; reasons, claims and costs do not."""
DIGITS = 12


def feature_version(portfolio: Portfolio) -> str:
    """Version of the feature definitions of `portfolio`.

    Returns:
        12 hex digits of a SHA-256 over its feature definitions and contract, the engine, and all that these import or
        read: by syntax trees, so that comments and docstrings do not count. A portfolio that is no folder of
        `portfolios/` (a toy in a test) is hashed over its features' expressions.
    """
    package = f"{portfolios.__name__}.{portfolio.name}"
    stored = module_file(package) is not None
    digest = hashlib.sha256(_code(package if stored else None).encode())
    for group in portfolio.feature_groups:
        digest.update(f"{group.table}: {[feature.name for feature in group.all_features]}\n".encode())
    if not stored:
        for feature in portfolio.features:
            digest.update(f"{feature.name}={feature.expression!r}\n".encode())
    return digest.hexdigest()[:DIGITS]


def is_version_of(portfolio: Portfolio, version: str) -> bool:
    """Whether `version` names the features as this code computes them: by now, or by the text, as until November 2026.

    A scorer or table with a version of that kind holds as long as no letter of the definitions changed, as it did then.
    """
    return version == feature_version(portfolio) or version == _version_by_text(portfolio.name)


@cache
def _code(package: str | None) -> str:
    parts = [] if package is None else [f"{package}.{name}" for name in DEFINITIONS]
    present = [part for part in parts if module_file(part) is not None]
    return digest_of(closure(*COMPUTING, *present, declarations=DECLARING))


_ENGINE_BEFORE = (
    *("reading.py", "finiteness.py", "stages.py", "compiling.py", "build.py", "one_applicant.py", "request_rows.py"),
    *("required.py", "inputs.py"),
    *(f"engines/{name}.py" for name in ("engine", "parts", "frames", "native", "choice")),
    *(f"engines/direct/{name}.py" for name in ("graph", "expressions", "scalar", "columns", "program", "groups")),
    *(f"../values/{name}.py" for name in ("grammar", "rule", "columns")),
)
_DEFINITIONS_BEFORE = ("features.py", "features", "tables.py", "tables", "portfolio.py")


@cache
def _version_by_text(name: str) -> str | None:
    """The version as it was until November 2026, for what was stored by then; None where those files are no more."""
    own, folder = Path(__file__).parent, Path(portfolios.__file__).parent / name
    engine = {file: own / file for file in _ENGINE_BEFORE}
    definitions: dict[str, Path] = {}
    for place in (folder / part for part in _DEFINITIONS_BEFORE):
        files = sorted(place.rglob("*.py")) if place.is_dir() else [place] if place.is_file() else []
        definitions |= {file.relative_to(folder).as_posix(): file for file in files}
    if not folder.is_dir() or not all(file.is_file() for file in engine.values()):
        return None
    texts = (f"{inside}\n{file.read_text(encoding='utf-8')}\n" for inside, file in {**engine, **definitions}.items())
    return hashlib.sha256("".join(texts).encode()).hexdigest()[:DIGITS]
