"""The words of a scorer stay with it, whatever the package says later; scorers from before keep theirs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import ScorerError
from credit_platform.features import build_features
from credit_platform.portfolios import get_portfolio, reasons_before
from credit_platform.portfolios.reason import Contact
from credit_platform.scoring import Scorer
from credit_platform.scoring.folder import PROVENANCE, write_folder
from credit_platform.scoring.words import REASONS_FILE
from credit_platform_tests.small_scorer import answers_of, raw_applications, save_small_scorer

PORTFOLIO = get_portfolio("german_credit")
SPEECHLESS = replace(
    PORTFOLIO,
    reasons=tuple(replace(r, wordings=(), adverse_en=f"{r.code}.") for r in PORTFOLIO.reasons),
    contact=Contact(name="Somebody else", example=False),
)
"""The package after its words were changed."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("words") / "scorer"
    save_small_scorer(path)
    return path


@pytest.fixture(scope="module")
def features() -> pl.DataFrame:
    return build_features(PORTFOLIO, {"applications": raw_applications(PORTFOLIO).lazy()}).collect().head(50)


def without_words(folder: Path, target: Path) -> Path:
    """The folder of a scorer that was saved before there were words in it."""
    kept = {
        path.name: path.read_bytes() for path in folder.iterdir() if path.name not in {REASONS_FILE, "manifest.json"}
    }
    write_folder(target, {name: text for name, text in kept.items() if name != PROVENANCE}, kept[PROVENANCE])
    return target


def said(scorer: Scorer, features: pl.DataFrame) -> list[object]:
    return [(d.reasons, d.rights) for d in answers_of(scorer, features)]


def test_words_are_those_of_the_folder_not_of_the_package(folder: Path, features: pl.DataFrame) -> None:
    before, after = Scorer.load(folder), Scorer.load(folder, portfolio=SPEECHLESS)
    assert said(before, features) == said(after, features)
    assert before.digest == after.digest
    renamed = Scorer(SPEECHLESS, before.fitted, before.calibrator, before.threshold, before.metadata)
    assert said(renamed, features) != said(before, features)
    assert renamed.digest != before.digest


def test_altered_words_are_found_out(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "scorer"
    copy.mkdir()
    for path in folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / REASONS_FILE).write_bytes((copy / REASONS_FILE).read_bytes().replace(b"overdrawn", b"fine"))
    with pytest.raises(ScorerError, match="altered after the scorer was built"):
        Scorer.load(copy)


@pytest.mark.parametrize("content", [b"[]", b"{}", b'{"version": 2}', b"no json"])
def test_words_that_cannot_be_read_are_named(folder: Path, tmp_path: Path, content: bytes) -> None:
    old = without_words(folder, tmp_path / "old")
    kept = {p.name: p.read_bytes() for p in old.iterdir() if p.name not in {PROVENANCE, "manifest.json"}}
    write_folder(tmp_path / "new", {**kept, REASONS_FILE: content}, (old / PROVENANCE).read_bytes())
    with pytest.raises(ScorerError, match=REASONS_FILE):
        Scorer.load(tmp_path / "new")


def test_a_scorer_from_before_loads_with_its_digest_and_its_words(
    folder: Path, features: pl.DataFrame, tmp_path: Path
) -> None:
    path = without_words(folder, tmp_path / "old")
    old, new = Scorer.load(path), Scorer.load(folder)
    assert old.digest == json.loads(json.dumps(Scorer.load(path, expected_digest=old.digest).digest))
    assert old.digest != new.digest
    texts = reasons_before("german_credit")
    assert texts is not None
    known = {reason.code: reason for reason in texts}
    for was, now in zip(answers_of(old, features), answers_of(new, features), strict=True):
        assert [(r.code, r.contribution) for r in was.reasons] == [(r.code, r.contribution) for r in now.reasons]
        assert [r.text for r in was.reasons] == [
            known[r.code].text("en", adverse=was.decision == "refused") for r in was.reasons
        ]
        assert was.rights == now.rights
    old.save(tmp_path / "again")
    assert not (tmp_path / "again" / REASONS_FILE).exists()


def test_a_younger_portfolio_has_no_words_from_before() -> None:
    assert reasons_before("no_such_portfolio") is None
