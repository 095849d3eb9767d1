"""A restored home is the one that was backed up, less whoever was erased since; or nothing is changed."""

from __future__ import annotations

import json
import os
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from credit_platform.environment import UNFINISHED_RESTORE, prepare_environment
from credit_platform.errors import BackupError, ComponentError, EnvironmentSetupError
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.local.backup import swapping
from credit_platform.local.backup.finding import Found, find_backup
from credit_platform.local.backup.making import make_backup
from credit_platform.local.backup.manifest import HOME, MANIFEST
from credit_platform.local.backup.restoring import Restored, restore_backup
from credit_platform.local.home_owner import LOCK_NAME, owned
from credit_platform.orchestration.recorded_runs import runs_at_work
from credit_platform.portfolios.keys import erased_artefact
from credit_platform.scoring.stored_histories import (
    FOLDER,
    HistoriesFacts,
    erasure_mark,
    known_applicants,
    rows_state,
    write_histories,
)
from credit_platform.serving.running_services import ServiceAccess, announced
from credit_platform.serving.shipped_histories import erase_from_bentos, remember_erasure
from credit_platform.settings import Settings
from credit_platform_tests.toy_scorer import PORTFOLIO, toy_tables
from credit_platform_tests.unit.local.backup.homes import (
    ACT,
    KEY,
    applicants,
    decide,
    full_disk,
    put,
    rows_in,
    store_of,
    verified,
)


@pytest.fixture
def found(settings: Settings, tmp_path: Path) -> Found:
    return find_backup(make_backup(settings, tmp_path / "backups").folder)


def erase(settings: Settings, applicant: str) -> None:
    """As the command does it."""
    erase_from_bentos(settings, applicant)
    store = store_of(settings)
    store.erase(applicant, ACT)
    store.close()
    remember_erasure(settings, applicant)


def test_a_home_comes_back_elsewhere_with_the_original_gone(settings: Settings, found: Found, tmp_path: Path) -> None:
    shutil.rmtree(settings.home)
    other = Settings(home=tmp_path / "a b" / "é#c")
    done = restore_backup(found, other)
    assert Lakehouse(other.lakehouse_root).read(KEY).frame.collect().height == 4
    assert Lakehouse(other.lakehouse_root).read(KEY, 0).frame.collect().height == 3
    assert applicants(other) == ["A-1", "A-2"]
    assert done.log is not None
    assert (done.log.is_clean, done.log.decisions, done.log.uncovered) == (True, 2, 0)
    assert rows_in(other.home / "optuna" / "german_credit.db") == 5
    assert rows_in(other.home / "mlflow" / "mlflow.db") == 7
    assert (other.home / "raw" / "german_credit" / "a file.csv").read_text() == "raw/german_credit/a file.csv"
    assert stat.S_IMODE((other.home / "api_keys.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(other.home.stat().st_mode) == 0o700
    assert done.replaced is None
    assert done.later == ()
    assert {path.name for path in other.home.iterdir()} & {"replaced", UNFINISHED_RESTORE, "page_token"} == set()
    decide(other, "A-3")
    assert verified(other).is_clean


def test_a_home_that_holds_something_is_kept_or_refused(settings: Settings, found: Found, tmp_path: Path) -> None:
    other = Settings(home=tmp_path / "other")
    put(other.home / "raw" / "german_credit" / "mine.csv", "mine")
    for _ in range(2):
        with pytest.raises(BackupError, match=r"is not empty. Nothing was restored"):
            restore_backup(found, other)
    assert [path.name for path in other.home.iterdir()] == ["raw"]
    done = restore_backup(found, other, replace=True)
    assert done.replaced is not None
    assert (done.replaced / "raw" / "german_credit" / "mine.csv").read_text() == "mine"
    assert not (other.home / "raw" / "german_credit" / "mine.csv").exists()
    again = restore_backup(found, other, replace=True)
    assert again.replaced != done.replaced
    assert len(list((other.home / "replaced").iterdir())) == 2
    assert make_backup(other, tmp_path / "more").manifest.tables == found.manifest.tables
    assert not [entry for entry in make_backup(other, tmp_path / "more").manifest.files if "replaced" in entry.path]


def test_an_empty_home_that_was_looked_at_is_empty(
    found: Found, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DAGSTER_HOME", "BENTOML_HOME", "MPLCONFIGDIR"):
        monkeypatch.delenv(name, raising=False)
    other = Settings(home=tmp_path / "other")
    prepare_environment(other)
    restore_backup(found, other)
    assert applicants(other) == ["A-1", "A-2"]


def test_what_was_altered_is_named_and_nothing_is_restored(found: Found, tmp_path: Path) -> None:
    other = Settings(home=tmp_path / "other")
    put(other.home / "mine", "mine")
    path = found.folder / HOME / "reports" / "x" / "é.html"
    whole = path.read_bytes()
    for content in (bytes([whole[0] ^ 1]) + whole[1:], whole[:-1], whole + b"x", b""):
        path.write_bytes(content)
        with pytest.raises(BackupError, match=r"reports/x/é.html .* not the one that was put there. Nothing was"):
            restore_backup(found, other, replace=True)
    path.unlink()
    with pytest.raises(BackupError, match=r"reports/x/é.html"):
        restore_backup(found, other, replace=True)
    assert sorted(one.name for one in other.home.iterdir()) == ["mine", LOCK_NAME]


def test_an_altered_manifest_is_no_backup(found: Found, tmp_path: Path) -> None:
    path = found.folder / MANIFEST
    document = json.loads(path.read_bytes())
    document["content"]["files"].pop()
    path.write_text(json.dumps(document))
    with pytest.raises(BackupError, match=r"was altered"):
        find_backup(found.folder)
    with pytest.raises(BackupError, match=r"altered.*Name the backup"):
        find_backup(found.folder.parent)
    path.write_text("{")
    with pytest.raises(BackupError, match=r"cannot be read"):
        find_backup(found.folder)
    with pytest.raises(BackupError, match=r"no folder"):
        find_backup(tmp_path / "nowhere")


def test_nothing_is_restored_over_somebody_at_work(found: Found, tmp_path: Path) -> None:
    other = Settings(home=tmp_path / "other")
    other.home.mkdir()
    with owned(other, pytest.fail), pytest.raises(ComponentError, match=r"`up` runs on .*other already"):
        restore_backup(found, other, replace=True)
    service = ServiceAccess("german_credit", "http://127.0.0.1:3001", "key")
    with (
        announced(other, [service]),
        pytest.raises(ComponentError, match=r"scoring service of .*other runs: german_credit at http.*Stop it"),
    ):
        restore_backup(found, other, replace=True)
    with owned(other, pytest.fail, "restore"), pytest.raises(ComponentError, match=r"`restore` works on .*other"):
        restore_backup(found, other, replace=True)
    assert restore_backup(found, other, replace=True).home == other.home


def test_a_backup_and_a_home_lie_apart(found: Found) -> None:
    for home in (found.folder / "in it", found.folder, found.folder.parent):
        with pytest.raises(BackupError, match=r"lie in one another"):
            restore_backup(found, Settings(home=home), replace=True)


def test_a_full_disk_leaves_the_home_as_it_was(found: Found, tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root may mount a small disk")
    with full_disk(tmp_path / "disk", "64k") as disk:
        put(disk / "home" / "mine", "mine")
        with pytest.raises(BackupError, match=r"cannot be restored to .*home: No space left.*is as it was"):
            restore_backup(found, Settings(home=disk / "home"), replace=True)
        assert sorted(one.name for one in (disk / "home").iterdir()) == ["mine", LOCK_NAME]


def test_a_mount_is_a_home_too(found: Found, tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root may mount a disk")
    with full_disk(tmp_path / "disk", "16m") as disk:
        put(disk / "mine", "mine")
        for _ in range(2):
            assert restore_backup(found, Settings(home=disk), replace=True).replaced is not None
        assert applicants(Settings(home=disk)) == ["A-1", "A-2"]


@pytest.mark.parametrize("at", ["moving out", "moving in"])
def test_a_restore_that_was_killed_is_seen_and_done_again(
    found: Found, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    other = Settings(home=tmp_path / "other")
    restore_backup(found, other)
    put(other.home / "a mine", "mine")
    put(other.home / "b mine", "mine")
    erase(other, "A-2")  # known only to the home that is half moved away
    whole = swapping._move_all

    def half(source: Path, target: Path) -> None:
        if (source == other.home) == (at == "moving out"):
            path = sorted(path for path in source.iterdir() if not swapping._stays(path.name))[0]
            path.rename(target / path.name)
            raise KeyboardInterrupt  # as a kill: nothing is tidied up
        whole(source, target)

    monkeypatch.setattr(swapping, "_move_all", half)
    with pytest.raises(KeyboardInterrupt):
        restore_backup(found, other, replace=True)
    monkeypatch.setattr(swapping, "_move_all", whole)
    with pytest.raises(EnvironmentSetupError, match=r"cut short.*Restore again"):
        prepare_environment(other)
    with pytest.raises(BackupError, match=r"not empty"):
        restore_backup(found, other)
    done = restore_backup(found, other, replace=True)
    assert done.replaced is not None
    assert {"a mine", "b mine"} <= {path.name for path in done.replaced.iterdir()}
    assert applicants(other) == ["A-1"]
    assert not (other.home / UNFINISHED_RESTORE).exists()


# Erasures.


def test_an_erasure_since_is_known_from_the_home_that_is_replaced(settings: Settings, found: Found) -> None:
    erase(settings, "A-2")
    assert applicants(settings) == ["A-1"]
    for _ in range(2):
        done = restore_backup(found, settings, replace=True)
        assert (done.erased.decisions, applicants(settings)) == (1, ["A-1"])
        assert done.log is not None
        assert (done.log.is_clean, done.log.uncovered, done.log.removed) == (True, 0, 1)
        assert "replaced" in done.later[0].where
    (removal,) = store_of(settings).removals()
    assert (removal.kind, removal.person) == ("erasure", "restore")


def test_an_erasure_since_is_known_from_a_later_backup(settings: Settings, found: Found, tmp_path: Path) -> None:
    erase(settings, "A-2")
    later = make_backup(settings, found.folder.parent)
    shutil.rmtree(settings.home)
    done = restore_backup(found, Settings(home=tmp_path / "other"))
    assert [one.where for one in done.later] == [f"the later backup {later.folder.name}"]
    # Nothing was put beside what the backups hold.
    files = {
        path.relative_to(later.folder / HOME).as_posix() for path in (later.folder / HOME).rglob("*") if path.is_file()
    }
    assert files == {entry.path for entry in later.manifest.files}
    assert applicants(Settings(home=tmp_path / "other")) == ["A-1"]


@pytest.mark.parametrize("named", ["home", "folder", "file", "copy", "log", "backup"])
def test_an_erasure_since_is_known_from_what_is_named(
    settings: Settings, found: Found, tmp_path: Path, named: str
) -> None:
    erase(settings, "A-2")
    file = settings.home / "erased_applicants" / "german_credit.txt"  # as homes of before keys have it
    put(file, Shelf.of(settings).store.get(erased_artefact("german_credit")).decode())
    shutil.copy(file, tmp_path / "copy of a list")
    names = {
        "home": str(settings.home),
        "folder": str(file.parent),
        "file": str(file),
        "copy": str(tmp_path / "copy of a list"),
        "log": settings.decision_log,
        "backup": str(make_backup(settings, tmp_path / "elsewhere").folder) if named == "backup" else "",
    }
    other = Settings(home=tmp_path / "other")
    assert restore(found, other, names[named]).erased.decisions == 1
    assert applicants(other) == ["A-1"]
    # It is remembered for the next Bentos and the next restore.
    if named != "log":
        mark = erasure_mark("german_credit", "A-2")
        assert mark in (other.home / "erased_applicants" / "german_credit.txt").read_text()


def restore(found: Found, settings: Settings, *erasures: str) -> Restored:
    return restore_backup(found, settings, erasures=erasures)


def test_what_knows_of_no_erasure_is_refused_before_anything_is_done(found: Found, tmp_path: Path) -> None:
    put(tmp_path / "names.txt", "A-2\n")
    (tmp_path / "empty").mkdir()
    other = Settings(home=tmp_path / "other")
    for named, said in (
        (str(tmp_path / "names.txt"), "is no list of erasures"),
        (str(tmp_path / "none"), "cannot be read as a list"),
        (str(tmp_path / "empty"), "neither a decision log nor a list"),
        ("https://bucket/list", "not looked into"),
    ):
        with pytest.raises(BackupError, match=said):
            restore(found, other, named)
    assert not other.home.exists()


def test_another_homes_erasures_are_of_other_people(settings: Settings, found: Found, tmp_path: Path) -> None:
    other = Settings(home=tmp_path / "other")
    decide(other, "A-2")
    erase(other, "A-2")
    make_backup(other, found.folder.parent)
    done = restore_backup(found, other, replace=True)
    assert (done.later, applicants(other)) == ((), ["A-1", "A-2"])


def test_who_asked_again_after_an_erasure_stays(settings: Settings, tmp_path: Path) -> None:
    erase(settings, "A-2")
    decide(settings, "A-2")  # a new application of the same person
    found = find_backup(make_backup(settings, tmp_path / "backups").folder)
    done = restore_backup(found, settings, replace=True)
    assert (done.erased.decisions, applicants(settings)) == (0, ["A-1", "A-2"])


def test_lists_without_times_count_for_what_is_not_in_the_backups_own(settings: Settings, tmp_path: Path) -> None:
    old, new = (erasure_mark("home_credit", name) for name in ("A-1", "A-2"))
    put(settings.home / "erased_applicants" / "home_credit.txt", f"{old}\n")
    found = find_backup(make_backup(settings, tmp_path / "backups").folder)
    put(settings.home / "erased_applicants" / "home_credit.txt", f"{old}\n{new}\n")
    # A-1 was erased before the backup, and is in it for having asked again.
    assert restore_backup(found, settings, replace=True).erased.decisions == 1
    assert applicants(settings) == ["A-1"]


def test_a_key_that_is_a_number_is_one_person_in_any_spelling(settings: Settings, tmp_path: Path) -> None:
    decide(settings, "100002", portfolio="home_credit")
    decide(settings, "100003", portfolio="home_credit")
    found = find_backup(make_backup(settings, tmp_path / "backups").folder)
    erase(settings, "0100002.0")
    restore_backup(found, settings, replace=True)
    assert applicants(settings) == ["100003", "A-1", "A-2"]


def test_stored_histories_forget_again(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("serving.shipped_histories", "serving.erasures"):
        monkeypatch.setattr(f"credit_platform.{module}.all_portfolios", lambda: (PORTFOLIO,))
    monkeypatch.setattr("credit_platform.local.backup.bentos.bento_fault", lambda _: None)
    bento = settings.home / "bentos" / "bentos" / "toy_scoring" / "v1"
    facts = HistoriesFacts(
        portfolio="toy",
        feature_version="f",
        table="t",
        table_version=0,
        content_hash="h",
        licence="synthetic",
        applicants=0,
        digest="d",
    )
    (bento / "src").mkdir(parents=True)
    features: pl.DataFrame = toy_tables()[1]
    write_histories(bento / "src" / FOLDER, PORTFOLIO, features.lazy(), facts)
    found = find_backup(make_backup(settings, tmp_path / "backups").folder)
    erase(settings, "5")
    other = Settings(home=tmp_path / "other")
    assert restore_backup(found, other, erasures=[str(settings.home)]).erased.histories == 1
    restored = other.home / bento.relative_to(settings.home) / "src" / FOLDER
    assert "5" not in known_applicants(restored)
    assert len(known_applicants(restored)) == features.height - 1
    assert rows_state(restored)[0] == "whole"


def test_checkpoints_outside_the_home_are_added_to_and_never_cut(settings: Settings, tmp_path: Path) -> None:
    outside = settings.model_copy(update={"decision_checkpoints": tmp_path / "outside", "home": tmp_path / "second"})
    decide(outside, "B-1")
    found = find_backup(make_backup(outside, tmp_path / "backups").folder)
    shutil.rmtree(tmp_path / "outside")
    done = restore_backup(found, outside, replace=True)
    assert done.checkpoints is not None
    assert "vouch for nothing that the backup lacks" in done.checkpoints
    assert verified(outside).is_clean
    decide(outside, "B-2", at=datetime.now(UTC) + timedelta(seconds=1))
    before = {path: path.read_bytes() for path in (tmp_path / "outside").rglob("*.jsonl")}
    done = restore_backup(found, outside, replace=True)
    assert done.checkpoints is not None
    assert "lacks decisions that its checkpoints" in done.checkpoints
    assert {path: path.read_bytes() for path in before} == before


def test_runs_that_were_under_way_are_ended(settings: Settings, tmp_path: Path, dagster_home: Path) -> None:
    import dagster as dg  # noqa: PLC0415  # only here

    shutil.copytree(dagster_home, settings.home / "dagster")

    @dg.job
    def nothing() -> None:
        pass

    with dg.DagsterInstance.from_config(str(settings.home / "dagster")) as instance:
        run = instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED)
    found = find_backup(make_backup(settings, tmp_path / "backups").folder)
    other = Settings(home=tmp_path / "other")
    assert restore_backup(found, other).ended_runs == 1
    with dg.DagsterInstance.from_config(str(other.home / "dagster")) as instance:
        record = instance.get_run_by_id(run.run_id)
        assert record is not None
        assert record.status == dg.DagsterRunStatus.FAILURE
    assert runs_at_work(other.home) == []
