"""Reports are stored by key; the newest of each lies under a plain name for people."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from credit_platform.lakehouse.reports import model_reports_key, pictures, reports_key, shown_at, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.settings import Settings

ROWS = pl.DataFrame({"a": [1, 2]})


def test_tables_pictures_and_texts_are_stored_and_shown_over_what_was_there(tmp_path: Path) -> None:
    shelf = Shelf.of(Settings(home=tmp_path / "à faire"))
    for text in ("first", "l'été"):
        contents = {"rows.csv": ROWS, "page.html": text, **pictures({"roc": b"\x89PNG"})}
        assert write_reports(shelf, reports_key("german_credit"), contents) == "german_credit/reports"
    assert shelf.all_keys() == [f"german_credit/reports/{name}" for name in ("page.html", "roc.png", "rows.csv")]
    assert shelf.store.get("german_credit/reports/page.html").decode() == "l'été"
    folder = tmp_path / "à faire" / "reports" / "german_credit"
    assert (folder / "rows.csv").read_text() == "a\n1\n2\n"
    assert sorted(path.name for path in folder.iterdir()) == ["page.html", "roc.png", "rows.csv"]


def test_what_is_written_of_a_model_has_a_place_of_its_own(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    place = model_reports_key("german_credit", "0123456789abcdef")
    assert place == "german_credit/reports/models/0123456789ab"
    assert shown_at(tmp_path, place) == settings.reports_folder("german_credit") / "models" / "0123456789ab"
    assert shown_at(tmp_path, reports_key("german_credit")) == settings.reports_folder("german_credit")
