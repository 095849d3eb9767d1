"""A new portfolio on the disk: its folder, and the raw file that it is run on.

What is here: `make_portfolio`.
What must not be here: what is written (`template.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from credit_platform.authoring.looking import look
from credit_platform.authoring.template import FILE_NAME, MARK, modules
from credit_platform.errors import SettingError
from credit_platform.files.durable import make_folder, write_synced
from credit_platform.portfolios import portfolio_names

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class Made:
    """What was written, and what a person should know of it."""

    folder: Path
    raw: Path
    rows: int
    notes: tuple[str, ...]
    marks: int
    """How often the texts ask a person to decide."""


def make_portfolio(
    name: str, file: Path, *, to: Path, raw: Path, target: str | None = None, key: str | None = None
) -> Made:
    """Look at a file and write the modules of a portfolio for it, and a copy that fits its contract.

    Args:
        name: of the portfolio: a name of a Python module.
        file: CSV with the loans.
        to: folder outside the package that holds portfolios; made if need be.
        raw: where `run` looks for the portfolio's raw files.
        target: column of the outcome; guessed where it is not given.
        key: column that names the loan; guessed likewise.

    Raises:
        RawFileError: the file cannot be read.
        SettingError: the name cannot be used, something lies there already, or the outcome cannot be guessed.
    """
    if not _NAME.fullmatch(name):
        raise SettingError(f"{name!r} is no name of a portfolio.", "Use a-z, 0-9 and _, first a letter: my_loans.")
    folder, copy = to.resolve() / name, raw / FILE_NAME
    if name in portfolio_names() or folder.exists():
        raise SettingError(f"There is a portfolio {name} already.", "Choose another name, or remove its folder.")
    if copy.exists():
        raise SettingError(f"{copy} is there already.", "Choose another name for the portfolio, or move the file away.")
    seen = look(file, target=target, key=key)
    texts = modules(name, seen)
    for inside, text in texts.items():
        make_folder((folder / inside).parent)
        write_synced(folder / inside, text.encode())
    make_folder(raw)
    write_synced(copy, seen.frame.write_csv().encode())
    marks = sum(text.count(MARK) for text in texts.values())
    return Made(folder=folder, raw=copy, rows=seen.frame.height, notes=seen.notes, marks=marks)
