"""Going back finds the Bento of a model among all that were, whole; one that is not whole is not served again."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import ScorerError
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import bento_key
from credit_platform.scoring.folder import read_manifest, write_folder
from credit_platform.scoring.parts import SCORER_FILE
from credit_platform.serving.kept_bentos import bento_of
from credit_platform.settings import Settings
from credit_platform_tests.records import bento_record, promoted_model

GERMAN = get_portfolio("german_credit")


@pytest.fixture
def lakehouse(tmp_path: Path) -> Lakehouse:
    return Lakehouse(str(tmp_path / "lakehouse"))


def bento(folder: Path) -> str:
    """A folder that looks like a Bento's; returns the digest of the scorer inside."""
    scorer = folder / "src" / "scorer"
    scorer.parent.mkdir(parents=True)
    write_folder(scorer, {SCORER_FILE: f'{{"name": "{folder.name}"}}'.encode()}, b"{}")
    return read_manifest(scorer)[1]


def test_the_bento_that_served_a_model_is_found_behind_others(lakehouse: Lakehouse, tmp_path: Path) -> None:
    digests = {name: bento(tmp_path / name) for name in ("first", "second")}
    for name, digest in digests.items():
        summary = bento_record(tmp_path / name, digest).to_summary()
        lakehouse.write(bento_key(GERMAN.name), pl.DataFrame({"tag": [name]}), summary=summary)
    lakehouse.write(bento_key(GERMAN.name), pl.DataFrame({"tag": ["damaged"]}), summary={"path": "nowhere"})
    found = bento_of(lakehouse, GERMAN, Settings(home=tmp_path), promoted_model(digests["first"]))
    assert found.record.folder(Shelf.of(Settings(home=tmp_path))) == tmp_path / "first"
    assert found.frame.collect()["tag"].to_list() == ["first"]


def test_a_bento_that_was_altered_is_not_served_again(lakehouse: Lakehouse, tmp_path: Path) -> None:
    digest = bento(tmp_path / "first")
    summary = bento_record(tmp_path / "first", digest).to_summary()
    lakehouse.write(bento_key(GERMAN.name), pl.DataFrame({"tag": ["first"]}), summary=summary)
    (tmp_path / "first" / "src" / "scorer" / SCORER_FILE).write_text("{}", encoding="utf-8")
    with pytest.raises(ScorerError):  # another is to be built, and there is no scorer to build it of
        bento_of(lakehouse, GERMAN, Settings(home=tmp_path), promoted_model(digest, tmp_path / "gone"))
