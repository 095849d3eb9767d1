"""A home that was copied or moved is whole in itself: it serves, runs and promotes; the original is never touched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.records import ScorerRecord
from credit_platform.modelling.tracking import Tracking
from credit_platform.orchestration.rollback import roll_back
from credit_platform.orchestration.runner import run_job
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import bento_key, champion_key, scorer_key
from credit_platform.serving.local.following import BlueGreenServices
from credit_platform.serving.records import BentoRecord
from credit_platform.serving.service_client import Asked, ServiceClient
from credit_platform.serving.verification import verify_home
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import CANDIDATES, FinishedRun, tool_environment
from credit_platform_tests.registry import downloaded

NAME = "german_credit"
GERMAN = get_portfolio(NAME)


def settings_of(home: Path) -> Settings:
    return Settings(home=home, tuning_trials=1, candidates=CANDIDATES[:2])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a space and an accent in its name, in which the graph ran."""
    settings = settings_of(tmp_path_factory.mktemp("travels") / "la maison é #1")
    with tool_environment(settings):
        report = run_job(GERMAN, settings)
    assert report.success, (report.errors, report.failed_checks)
    return settings


@pytest.fixture
def original(made: Settings, tmp_path: Path) -> Settings:
    """The same, of which a test may do what it wants: as it was made, for nothing in it was opened there yet."""
    home = tmp_path / made.home.name
    shutil.copytree(made.home, home)
    return settings_of(home)


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """All that is in a folder, and when it was changed."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def spoil(home: Path) -> None:
    """Change every file of a home: whoever reads any of it, finds something else."""
    for path in home.rglob("*"):
        if path.is_file():
            path.write_bytes(b"not yours")


def answer(settings: Settings) -> dict[str, object]:
    """What the service of the champion answers."""
    with (
        BlueGreenServices(settings, 0, print, portfolios=[NAME], exact_port=True) as services,
        ServiceClient(services.access[0]) as client,
    ):
        return client.predict(Asked(GERMAN.examples["refused"]))


def problems(settings: Settings) -> list[str]:
    return [f"{one.name}: {one.message}" for one in verify_home(settings) if one.state == "damaged"]


def champion_is_in_mlflow(settings: Settings, folder: Path) -> None:
    """The champion's scorer can be fetched from the registry, and is the one of the table."""
    tracking = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, NAME)
    version = tracking.champion(NAME)
    assert version is not None
    fetched = downloaded(tracking, NAME, version, folder)
    stored = ScorerRecord.of(Lakehouse(settings.lakehouse_root).read(champion_key(NAME))).folder(Shelf.of(settings))
    assert (fetched / "manifest.json").read_bytes() == (stored / "manifest.json").read_bytes()


def use(settings: Settings, scratch: Path) -> None:
    """What is done with a home: verify, serve, fetch from the registry, run on and promote, serve again."""
    with tool_environment(settings):
        assert problems(settings) == []
        first = answer(settings)
        assert first["decision"] == "refused"
        champion_is_in_mlflow(settings, scratch)
        report = run_job(GERMAN, settings, start="models/tuned")
        assert report.success, (report.errors, report.failed_checks)
        assert f"{NAME}/serving/bento" in report.materialised
        assert answer(settings)["probability_of_default"] == first["probability_of_default"]
        assert problems(settings) == []


def test_no_record_names_a_place_of_one_machine(made: Settings) -> None:
    """Not in a summary, not in a tag, not on a page of Dagster."""
    lakehouse = Lakehouse(made.lakehouse_root)
    for key in lakehouse.keys(f"{NAME}/"):
        assert str(made.home) not in str(lakehouse.read(key).summary), key
    tracking = Tracking(made.mlflow_uri, made.mlflow_artifacts, NAME)
    assert str(made.home) not in str(tracking.version_tags(NAME, "1"))
    for database in (made.home / "dagster").rglob("*.db"):
        assert made.home.name.encode() not in database.read_bytes(), database


def test_a_copy_is_used_and_the_original_is_neither_read_nor_written(original: Settings, tmp_path: Path) -> None:
    copy = tmp_path / "copie à part"
    shutil.copytree(original.home, copy)
    spoil(original.home)
    before = state(original.home)
    use(settings_of(copy), tmp_path / "fetched")
    assert state(original.home) == before


def test_a_home_that_was_moved_is_used(original: Settings, tmp_path: Path) -> None:
    moved = tmp_path / "ailleurs" / "maison"
    moved.parent.mkdir()
    shutil.move(original.home, moved)
    use(settings_of(moved), tmp_path / "fetched")
    assert not original.home.exists()


def test_a_bento_that_is_gone_from_the_home_is_fetched_again(original: Settings) -> None:
    first = answer(original)
    shutil.rmtree(original.home / "bentos")
    assert answer(original)["probability_of_default"] == first["probability_of_default"]


def of_before_keys(settings: Settings, written_in: Path) -> None:
    """Make a home one of the version before: absolute paths of the home it was written in, folders where they were."""
    lakehouse, shelf = Lakehouse(settings.lakehouse_root), Shelf.of(settings)
    for key in (scorer_key(NAME), champion_key(NAME)):
        stored = lakehouse.read(key)
        record = ScorerRecord.of(stored)
        place = Path("scorers") / NAME / record.digest[:16]
        if not (settings.home / place).exists():
            shutil.copytree(record.folder(shelf), settings.home / place)
        summary = {name: value for name, value in stored.summary.items() if name != "key"}
        lakehouse.write(key, stored.frame, summary={**summary, "path": str(written_in / place)})
    stored = lakehouse.read(bento_key(NAME))
    place = BentoRecord.of(stored).folder(shelf).relative_to(shelf.home)
    summary = {name: value for name, value in stored.summary.items() if name not in ("key", "promoted_at")}
    lakehouse.write(bento_key(NAME), stored.frame, summary={**summary, "path": str(written_in / place)})
    shutil.rmtree(settings.home / "artefacts")


@pytest.mark.parametrize("original_is", ["gone", "there"])
def test_records_of_before_keys_are_read_and_their_paths_are_not_followed(
    original: Settings, tmp_path: Path, original_is: str
) -> None:
    copy = settings_of(tmp_path / "copie à part")
    of_before_keys(original, original.home.resolve())
    shutil.copytree(original.home, copy.home)
    if original_is == "gone":
        shutil.rmtree(original.home)
    else:
        spoil(original.home)
    before = state(original.home)
    with tool_environment(copy):
        assert answer(copy)["decision"] == "refused"
        report = run_job(GERMAN, copy, start="models/scorer")
        assert report.success, (report.errors, report.failed_checks)
        assert answer(copy)["decision"] == "refused"
    assert state(original.home) == before


def test_a_rollback_to_a_bento_of_before_keys_stores_it(original: Settings, finished: FinishedRun) -> None:
    of_before_keys(original, Path("/nowhere any more"))
    lakehouse = Lakehouse(original.lakehouse_root)
    first = lakehouse.read(champion_key(NAME))
    lakehouse.write(champion_key(NAME), first.frame, summary={**first.summary, "digest": "0" * 64})
    with tool_environment(original):
        roll_back(GERMAN, original, by="grace", reason="too many refusals")
        assert BentoRecord.of(lakehouse.read(bento_key(NAME))).key is not None
        shutil.rmtree(original.home / "bentos")
        assert answer(original)["decision"] == "refused"
    assert finished.settings.home != original.home


@pytest.fixture(autouse=True)
def _no_cache_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A home with its artefacts in it has no copies outside."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield
    assert not (tmp_path / "cache" / "credit_platform").exists()
