"""Files that people read, beside the tables: charts, lists and pages of one portfolio, or of one of its models.

What is here: `write_reports` and `model_reports`; `ReportFiles`, what lies there of which age, and their removal.
What to add here: nothing of a particular report.
What must not be here: drawing, writing text.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
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


@dataclass(frozen=True, kw_only=True)
class ReportFiles:
    """A folder of what was written about one model, or a file about whatever was newest."""

    path: Path
    changed: datetime
    """When it was last written, UTC."""
    bytes: int
    model: str | None
    """First digits of the digest of the model; None for a file that belongs to none."""

    def remove(self) -> None:
        """Delete it; nothing happens when it is gone."""
        if self.path.is_dir():
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            self.path.unlink(missing_ok=True)


def report_files(settings: Settings, portfolio: str) -> list[ReportFiles]:
    """Everything in the reports of a portfolio, by name."""
    root = settings.reports_folder(portfolio)
    models = [(folder, folder.name) for folder in sorted((root / "models").glob("*")) if folder.is_dir()]
    files = [(path, None) for path in sorted(root.glob("*")) if path.is_file()]
    return [found for path, model in [*models, *files] if (found := _report(path, model)) is not None]


def is_of_model(model: str, digest: str) -> bool:
    """Whether a folder `model` holds what was written about the scorer of `digest`."""
    return digest.startswith(model)


def _report(path: Path, model: str | None) -> ReportFiles | None:
    stats = [one.stat() for one in (path.rglob("*") if path.is_dir() else [path]) if one.is_file()]
    if not stats:
        return None
    changed = datetime.fromtimestamp(max(stat.st_mtime for stat in stats), UTC)
    return ReportFiles(path=path, changed=changed, bytes=sum(stat.st_size for stat in stats), model=model)
