"""What is stored by key is listed, and one of it is given a path that opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.cli.artefacts import show_artefacts
from credit_platform.errors import ArtefactError
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.settings import Settings

PAGE = "german_credit/reports/quality_report.html"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path / "home é")
    Shelf.of(made).store.put(PAGE, b"<p>Good</p>")
    Shelf.of(made).store.put("home_credit/reports/quality_report.html", b"<p>Fair</p>")
    return made


def test_a_key_gives_a_path_that_opens(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    show_artefacts(settings, PAGE)
    assert Path(capsys.readouterr().out.strip()).read_bytes() == b"<p>Good</p>"


def test_what_keys_begin_with_gives_a_list(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    show_artefacts(settings, "german_credit/")
    said = capsys.readouterr().out
    assert PAGE in said
    assert "home_credit" not in said


@pytest.mark.parametrize("prefix", ["", "nothing"])
def test_where_there_is_none_that_is_said_and_nothing_made(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(ArtefactError, match="There is no artefact"):
        show_artefacts(Settings(home=tmp_path / "empty"), prefix)
    assert not (tmp_path / "empty").exists()
