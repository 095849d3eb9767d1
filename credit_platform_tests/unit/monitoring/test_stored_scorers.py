"""A scorer is found by its digest alone, in whichever portfolio it is stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.errors import ArtefactError
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.monitoring.stored_scorers import stored_scorer
from credit_platform.portfolios.keys import scorer_artefact
from credit_platform.scoring import Scorer
from credit_platform.settings import Settings
from credit_platform_tests.small_scorer import save_small_scorer


def test_a_scorer_is_found_by_its_digest(tmp_path: Path) -> None:
    shelf = Shelf.of(Settings(home=tmp_path / "home"))
    assert stored_scorer(shelf, "0" * 64) is None
    scorer = save_small_scorer(tmp_path / "scorer")
    shelf.store.put(scorer_artefact(scorer.portfolio.name, scorer.digest), tmp_path / "scorer")
    found = stored_scorer(shelf, scorer.digest)
    assert found is not None
    assert Scorer.load(found).digest == scorer.digest
    assert stored_scorer(shelf, "0" * 64) is None
    (found / "manifest.json").write_text("{}")
    with pytest.raises(ArtefactError, match="not as it was stored"):
        stored_scorer(shelf, scorer.digest)
