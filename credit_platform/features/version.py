"""The version of a portfolio's features: it changes when a feature could."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from credit_platform import portfolios
from credit_platform.portfolios.portfolio import Portfolio

ENGINE = (
    *("reading.py", "finiteness.py", "stages.py", "compiling.py", "build.py", "one_applicant.py", "request_rows.py"),
    *("required.py", "inputs.py"),
    *(f"engines/{name}.py" for name in ("engine", "parts", "frames", "native", "choice")),
    *(f"engines/direct/{name}.py" for name in ("graph", "expressions", "scalar", "columns", "program", "groups")),
    *(f"../values/{name}.py" for name in ("grammar", "rule", "columns")),
)
DEFINITIONS = ("features.py", "features", "tables.py", "tables", "portfolio.py")
DIGITS = 12


def feature_version(portfolio: Portfolio) -> str:
    """Version of the feature definitions of `portfolio`.

    Returns:
        12 hex digits of a SHA-256 over the source text of its feature definitions and contract and of the engine. A
        portfolio that is no folder of `portfolios/` (a toy in a test) is hashed over its features' expressions.
    """
    digest = hashlib.sha256(_engine_text())
    folder = Path(portfolios.__file__).parent / portfolio.name
    if folder.is_dir():
        digest.update(_folder_text(folder))
    else:
        for feature in portfolio.features:
            digest.update(f"{feature.name}={feature.expression!r}\n".encode())
    return digest.hexdigest()[:DIGITS]


@cache
def _engine_text() -> bytes:
    folder = Path(__file__).parent
    return b"".join(_text(folder / name, name) for name in ENGINE)


@cache
def _folder_text(folder: Path) -> bytes:
    files: list[Path] = []
    for name in DEFINITIONS:
        path = folder / name
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path] if path.is_file() else []
    return b"".join(_text(file, file.relative_to(folder).as_posix()) for file in files)


def _text(file: Path, name: str) -> bytes:
    # Read as text: a checkout with other line endings is the same source.
    return f"{name}\n{file.read_text(encoding='utf-8')}\n".encode()
