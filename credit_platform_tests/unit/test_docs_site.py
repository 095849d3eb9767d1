"""The pages of the documentation site, as they are laid out before they are built (`make docs` builds them, in CI)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scripts.docs_site import ELSEWHERE, FENCE, LINK, configuration, rooms, stage


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "mes pages é"
    folder.mkdir()
    stage(folder)
    return folder


def test_every_link_leads_to_something_that_is_there(pages: Path) -> None:
    followed = 0
    for page in pages.rglob("*.md"):
        for text in FENCE.split(page.read_text(encoding="utf-8"))[::2]:
            for found in LINK.finditer(text):
                target = found["target"].partition("#")[0]
                if target and "://" not in target and not target.startswith("mailto:"):
                    followed += 1
                    assert (page.parent / target).is_file(), f"{page.relative_to(pages)}: {target}"
    assert followed > 300


def test_a_link_to_a_folder_without_a_page_is_words_and_one_to_code_a_copy(pages: Path) -> None:
    assert "](docs/adr/README.md)" in (pages / "README.md").read_text(encoding="utf-8")
    assert (pages / "credit_platform" / "__init__.py").is_file()


def test_every_room_has_a_page_of_reference(pages: Path) -> None:
    written = {path.stem for path in (pages / "reference").glob("*.md")}
    assert written == set(rooms())
    assert "::: credit_platform.scoring.scorer" in (pages / "reference" / "credit_platform.scoring.md").read_text()


def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    assert not re.search(r"https?://", json.dumps(configuration(tmp_path, tmp_path)))
    assert ELSEWHERE.search('<script src="https://cdn.example/x.js"></script>')
    assert ELSEWHERE.search("<link rel=stylesheet href='//fonts.example/x.css'>")
    assert not ELSEWHERE.search('<a href="https://dagster.io">')
