"""Files that people read, beside the tables: charts, lists and pages of one portfolio, or of one of its models.

What is here: `write_reports` and `model_reports`.
What to add here: nothing of a particular report.
What must not be here: drawing, writing text.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from credit_platform.settings import Settings

Content = pl.DataFrame | bytes | str
"""A table (as CSV), a picture, a text."""
_DIGITS = 12


def write_reports(folder: Path, contents: Mapping[str, Content]) -> Path:
    """Write files into `folder`, by their names, over what was there; the folder is made, its whole path returned."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        if isinstance(content, pl.DataFrame):
            content.write_csv(folder / name)
        elif isinstance(content, bytes):
            (folder / name).write_bytes(content)
        else:
            (folder / name).write_text(content, encoding="utf-8")
    return folder.resolve()


def pictures(drawn: Mapping[str, bytes]) -> dict[str, Content]:
    """File names of pictures that are named without an ending."""
    return {f"{name}.png": png for name, png in drawn.items()}


def model_reports(settings: Settings, portfolio: str, digest: str) -> Path:
    """Folder of everything written about one model version, made: `reports/<portfolio>/models/<version>`."""
    folder = settings.reports_folder(portfolio) / "models" / digest[:_DIGITS]
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()
