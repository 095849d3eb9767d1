"""Report files land where a person looks for them, whole, over what was there."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from credit_platform.lakehouse.reports import model_reports, pictures, write_reports
from credit_platform.settings import Settings


def test_tables_pictures_and_texts_are_written_over_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "à faire" / "reports"
    for text in ("before", "é"):
        contents = {"t.csv": pl.DataFrame({"a": [1]}), "t.txt": text, **pictures({"curve": b"png"})}
        assert write_reports(folder, contents) == folder.resolve()
    assert (folder / "t.csv").read_text(encoding="utf-8") == "a\n1\n"
    assert (folder / "t.txt").read_text(encoding="utf-8") == "é"
    assert (folder / "curve.png").read_bytes() == b"png"


def test_a_model_version_has_a_folder_of_its_own(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    folder = model_reports(settings, "german_credit", "0123456789abcdef")
    assert folder == (settings.reports_folder("german_credit") / "models" / "0123456789ab").resolve()
    assert folder.is_dir()
