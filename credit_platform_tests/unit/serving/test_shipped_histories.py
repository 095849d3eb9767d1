"""What of applicants' histories goes into a Bento, and how a person is taken out again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from credit_platform.errors import ServiceError
from credit_platform.features import feature_version
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.scoring import Scorer
from credit_platform.scoring.stored_histories import FOLDER, PERSONAL, SYNTHETIC, StoredHistories
from credit_platform.serving import bentos, shipped_histories
from credit_platform.serving.shipped_histories import (
    HistoriesPlan,
    erase_from_bentos,
    erased_applicants,
    plan_histories,
)
from credit_platform.settings import Settings
from credit_platform_tests.toy_scorer import PORTFOLIO, toy_scorer, toy_tables

KEY = "toy/features/applicants"
FEATURES = toy_tables()[1]


def trained(settings: Settings, *, synthetic: bool = True) -> Scorer:
    """A scorer, and the feature table it was trained on, which got a newer version since."""
    lakehouse = Lakehouse(settings.lakehouse_root)
    version = lakehouse.write(KEY, FEATURES, info=CommitInfo(synthetic=synthetic))
    lakehouse.write(KEY, FEATURES.head(9))
    return toy_scorer(
        FEATURES,
        metadata={"data_hash": version.content_hash},
        provenance={"data_versions": {KEY: version.version}},
    )


def planned(scorer: Scorer, settings: Settings) -> HistoriesPlan:
    plan = plan_histories(scorer, settings)
    assert plan is not None
    return plan


@pytest.mark.parametrize(("synthetic", "licence"), [(True, SYNTHETIC), (False, PERSONAL)])
def test_the_version_that_the_scorer_was_trained_on_is_shipped(tmp_path: Path, synthetic: bool, licence: str) -> None:
    settings = Settings(home=tmp_path)
    plan = planned(trained(settings, synthetic=synthetic), settings)
    facts = plan.write(tmp_path)
    assert (facts.table, facts.table_version, facts.licence) == (KEY, 0, licence)
    assert facts.feature_version == feature_version(PORTFOLIO)
    assert len(StoredHistories(PORTFOLIO, tmp_path / FOLDER)) == facts.applicants == FEATURES.height
    assert plan.is_in(tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(f".{FOLDER}")]


def test_nothing_is_shipped_where_there_is_nothing_or_the_settings_say_no(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    scorer = trained(settings)
    assert plan_histories(scorer, settings) is not None
    assert plan_histories(scorer, Settings(home=tmp_path, ship_histories=False)) is None
    assert plan_histories(toy_scorer(FEATURES), settings) is None


def test_a_table_that_is_gone_or_another_is_not_replaced_by_a_guess(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    trained(settings)
    for provenance, metadata, said in (
        ({"data_versions": {KEY: 7}}, {}, "version 7, which the scorer was trained on, is gone"),
        ({"data_versions": {KEY: 1}}, {"data_hash": "other"}, "holds other rows"),
    ):
        scorer = toy_scorer(FEATURES, provenance=provenance, metadata=metadata)
        with pytest.raises(ServiceError, match=f"{said}.*SHIP_HISTORIES=false"):
            plan_histories(scorer, settings)


@pytest.fixture
def toy_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped_histories, "all_portfolios", lambda: (PORTFOLIO,))


@pytest.mark.usefixtures("toy_is_known")
def test_an_erased_applicant_leaves_every_bento_and_comes_into_none(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    scorer = trained(settings)
    before = planned(scorer, settings)
    sources = [tmp_path / "bentos" / "bentos" / "toy_scoring" / name / "src" for name in ("a", "b")]
    for source in sources:
        source.mkdir(parents=True)
        before.write(source)
    (tmp_path / "bentos" / "bentos" / "toy_scoring" / "none" / "src").mkdir(parents=True)
    running = StoredHistories(PORTFOLIO, sources[0] / FOLDER)
    assert erase_from_bentos(settings, "07.0") == [source.parent for source in sources]
    assert not running.knows("7")
    assert erase_from_bentos(settings, "7") == []
    assert len(erased_applicants(settings, "toy")) == 1
    assert "7" not in erased_applicants(settings, "toy")
    after = planned(scorer, settings)
    assert after.facts.digest != before.facts.digest
    assert not after.is_in(sources[0])
    assert after.write(sources[0]).applicants == FEATURES.height - 1
    assert not StoredHistories(PORTFOLIO, sources[0] / FOLDER).knows("7")


def test_the_version_of_a_bento_takes_account_of_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path / "home")
    trained(settings).save(tmp_path / "scorer")
    monkeypatch.setattr(Scorer, "load", lambda folder, **_: load_toy(folder))
    monkeypatch.setattr(bentos, "_code_files", lambda _: {})
    monkeypatch.setattr(bentos, "_build", build_nothing)
    first = bentos.build_bento(tmp_path / "scorer", PORTFOLIO, settings)
    again = bentos.build_bento(tmp_path / "scorer", PORTFOLIO, settings)
    without = bentos.build_bento(tmp_path / "scorer", PORTFOLIO, Settings(home=tmp_path / "home", ship_histories=False))
    assert first.histories is not None
    assert first.histories.applicants == FEATURES.height
    assert (first.reused, again.reused, again.path, again.histories) == (False, True, first.path, first.histories)
    assert without.histories is None
    assert not (without.path / "src" / FOLDER).exists()
    assert without.version != first.version
    assert without.version[:12] == first.version[:12]
    # A build that was killed before the rows were there is not taken for a whole one, unless they are stored.
    (first.path / "src" / FOLDER).rename(tmp_path / "gone")
    assert bentos.build_bento(tmp_path / "scorer", PORTFOLIO, settings).reused
    (first.path / "src" / FOLDER).rename(tmp_path / "gone again")
    for key in (key for key in Shelf.of(settings).all_keys() if "/histories/" in key):
        Shelf.of(settings).store.delete(key)
    assert not bentos.build_bento(tmp_path / "scorer", PORTFOLIO, settings).reused


_LOAD = Scorer.load


def load_toy(folder: Path) -> Scorer:
    return _LOAD(folder, portfolio=PORTFOLIO)


def build_nothing(store: Path, name: str, version: str, content: Any) -> None:
    """Stands in for BentoML: the scorer in its place, and the file that says that the build is whole."""
    bento = store / "bentos" / name / version
    _LOAD(content.scorer_folder, portfolio=PORTFOLIO).save(bento / "src" / "scorer")
    (bento / "bento.yaml").touch()
