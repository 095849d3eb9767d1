"""What a record names is found in this home, whatever path a version before keys wrote down."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.errors import ArtefactError
from credit_platform.lakehouse.shelf import NO_SHELF, Shelf
from credit_platform.settings import Settings

PLACES = (
    "scorers/german_credit/0123456789abcdef",
    "bentos/bentos/german_credit_scoring/0123456789ab-01234567",
    "reports/german_credit/models/0123456789ab",
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("home", ["/gone", "/a home é/scorers/x/0123456789abcdef", "/b/bentos/bentos/c_scoring/1"])
def test_a_path_in_another_home_is_never_followed(tmp_path: Path, home: str, place: str) -> None:
    shelf = Shelf.of(Settings(home=tmp_path))
    assert shelf.left_at(f"{home}/{place}") == tmp_path / place


@pytest.mark.parametrize("place", PLACES)
def test_nor_when_it_exists_and_this_home_has_nothing_there(tmp_path: Path, place: str) -> None:
    (tmp_path / "original" / place).mkdir(parents=True)
    shelf = Shelf.of(Settings(home=tmp_path / "copy"))
    assert shelf.local(None, str(tmp_path / "original" / place)) == tmp_path / "copy" / place


def test_a_path_that_is_no_place_of_a_home_is_left_as_it_is(tmp_path: Path) -> None:
    shelf = Shelf.of(Settings(home=tmp_path))
    for path in ("/mnt/scorer", "/mnt/scorers/p/short", "relative", "/bentos/bentos/p/1"):
        assert shelf.left_at(path) == Path(path)


def test_a_key_goes_before_a_path(tmp_path: Path) -> None:
    shelf = Shelf.of(Settings(home=tmp_path))
    shelf.store.put("p/scorers/0123456789abcdef", b"scorer")
    assert shelf.local("p/scorers/0123456789abcdef", "/elsewhere").read_bytes() == b"scorer"
    with pytest.raises(ArtefactError, match="names no place"):
        shelf.local(None, None)


def test_looking_makes_nothing(tmp_path: Path) -> None:
    shelf = Shelf.of(Settings(home=tmp_path / "home"))
    assert (shelf.is_used, shelf.all_keys()) == (False, [])
    assert not (tmp_path / "home").exists()
    with pytest.raises(ArtefactError, match="without their artefacts"):
        _ = NO_SHELF.store


def test_files_of_one_place_are_brought_together_for_a_while(tmp_path: Path) -> None:
    shelf = Shelf.of(Settings(home=tmp_path))
    for key in ("p/reports/a.md", "p/reports/b.md", "p/reportsof/c.md"):
        shelf.store.put(key, key.encode())
    with shelf.together("p/reports") as folder:
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
            "a.md": b"p/reports/a.md",
            "b.md": b"p/reports/b.md",
        }
    assert not folder.exists()
