"""Backups in a bucket of a real S3 server: whole or none, beside each other, and erasures are carried out again."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
import pytest

from credit_platform.errors import BackupError, StorageError
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse import object_store as opening
from credit_platform.lakehouse.object_store import open_store
from credit_platform.local.backup import in_store
from credit_platform.local.backup.finding import find_backup
from credit_platform.local.backup.in_store import back_up_to_store, fetched
from credit_platform.local.backup.making import make_backup
from credit_platform.local.backup.restoring import Restored, restore_backup
from credit_platform.serving.shipped_histories import remember_erasure
from credit_platform.settings import Settings
from credit_platform_tests.s3_server import READER, READER_SECRET, SECRET, S3Server
from credit_platform_tests.unit.local.backup.homes import ACT, KEY, applicants, decide, put, store_of, verified

if TYPE_CHECKING:
    from obstore import PutResult
    from obstore.store import ObjectStore


@pytest.fixture
def address(s3: S3Server) -> str:
    return f"s3://{s3.new_bucket()}/sauvegardes à part"


@pytest.fixture
def here(settings: Settings, tmp_path: Path) -> Settings:
    """The home, and a cache of its own."""
    return settings.model_copy(update={"artefact_cache": tmp_path / "cache"})


def objects(address: str) -> list[str]:
    return [entry["path"] for chunk in obstore.list(open_store(address)) for entry in chunk]


def restored(settings: Settings, address: str, home: Path) -> tuple[Settings, Restored]:
    other = settings.model_copy(update={"home": home})
    with fetched(other, address) as found:
        return other, restore_backup(found, other)


def test_a_home_comes_back_with_the_original_gone_and_earlier_backups_stay(
    here: Settings, address: str, tmp_path: Path
) -> None:
    put(here.home / "reports" / "x" / "100 % é [1] #2.html", "odd")
    first, made = back_up_to_store(here, address)
    decide(here, "A-3")
    second, again = back_up_to_store(here, address)
    assert (made.manifest.decisions, again.manifest.decisions) == (2, 3)
    assert first != second
    assert list((tmp_path / "cache").iterdir()) == []
    shutil.rmtree(here.home)

    newest, done = restored(here, address, tmp_path / "ein Haus é")
    assert applicants(newest) == ["A-1", "A-2", "A-3"]
    assert Lakehouse(newest.lakehouse_root).read(KEY, 0).frame.collect().height == 3
    assert (newest.home / "reports" / "x" / "100 % é [1] #2.html").read_text() == "odd"
    assert done.log is not None
    assert (done.log.is_clean, done.log.uncovered) == (True, 0)
    assert list((tmp_path / "cache").iterdir()) == []
    older, _ = restored(here, first, tmp_path / "older")
    assert applicants(older) == ["A-1", "A-2"]
    assert verified(older).is_clean


def test_erasures_since_are_known_from_later_backups_of_the_bucket(
    here: Settings, address: str, tmp_path: Path
) -> None:
    first, _ = back_up_to_store(here, address)
    with_erasure = store_of(here)
    with_erasure.erase("A-2", ACT)
    with_erasure.close()
    back_up_to_store(here, address)
    shutil.rmtree(here.home)
    other, done = restored(here, first, tmp_path / "other")
    assert applicants(other) == ["A-1"]
    assert done.erased.decisions == 1


@pytest.mark.parametrize("named", ["all backups", "one backup", "artefacts"])
def test_erasures_since_are_known_from_an_address(here: Settings, address: str, tmp_path: Path, named: str) -> None:
    found = find_backup(make_backup(here, tmp_path / "folder").folder)
    away = here.model_copy(update={"artefact_url": f"{address}/artefacts"})
    remember_erasure(away if named == "artefacts" else here, "A-2")
    place = f"{address}/artefacts" if named == "artefacts" else back_up_to_store(here, f"{address}/backups")[0]
    other = here.model_copy(update={"home": tmp_path / "mes données é"})
    asked = place.rpartition("/")[0] if named == "all backups" else place
    for _ in range(2):
        done = restore_backup(found, other, erasures=[asked], replace=True)
        assert (done.erased.decisions, applicants(other), done.later[-1].people) == (1, ["A-1"], 1)
    assert not list((tmp_path / "cache").glob(".*"))


def test_an_address_that_knows_of_no_erasure_is_refused(here: Settings, address: str, tmp_path: Path) -> None:
    found = find_backup(make_backup(here, tmp_path / "folder").folder)
    other = here.model_copy(update={"home": tmp_path / "other"})
    with pytest.raises(BackupError, match="neither a backup nor a list of erased"):
        restore_backup(found, other, erasures=[address])
    assert not other.home.exists()


def test_one_that_was_cut_short_is_none_and_goes_after_a_day(
    here: Settings, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_object, stored = obstore.put, list[str]()

    def cut_short(store: ObjectStore, path: str, content: Path) -> PutResult:
        if len(stored) == 3:
            raise KeyboardInterrupt
        stored.append(path)
        return put_object(store, path, content)

    with monkeypatch.context() as patch:
        patch.setattr(obstore, "put", cut_short)
        with pytest.raises(KeyboardInterrupt):
            back_up_to_store(here, address)
    assert objects(address) == sorted(stored)
    for _ in range(2):
        with pytest.raises(BackupError, match=r"no backup in s3://.*never finished"), fetched(here, address):
            pass
    back_up_to_store(here, address)
    assert set(stored) < set(objects(address))  # it may be at work still, on another machine
    monkeypatch.setattr(in_store, "_LEFT_OVER", timedelta())
    back_up_to_store(here, address)
    assert not set(stored) & set(objects(address))
    other, _ = restored(here, address, tmp_path / "other")
    assert applicants(other) == ["A-1", "A-2"]


def test_what_was_altered_in_the_bucket_is_named_and_nothing_is_restored(
    here: Settings, address: str, tmp_path: Path
) -> None:
    where, _ = back_up_to_store(here, address)
    store = open_store(address)
    path = next(one for one in objects(address) if one.endswith("decisions.db"))
    content = bytearray(obstore.get(store, path).bytes())
    content[len(content) // 2] ^= 1
    obstore.put(store, path, bytes(content))
    for _ in range(2):
        with pytest.raises(BackupError, match=r"decisions\.db .*Nothing was restored"), fetched(here, where):
            pass
    obstore.delete(store, path)
    with pytest.raises(BackupError, match=r"decisions\.db"):
        restored(here, address, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_wrong_key_is_told_before_anything_is_copied_and_without_it(
    here: Settings, address: str, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = address.split("/")[2]
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-and-not-to-be-told")
    for attempt in (lambda: back_up_to_store(here, address), lambda: fetched(here, address).__enter__()):
        with pytest.raises(StorageError) as told:
            attempt()
        assert bucket in str(told.value)
        assert "Correct AWS_ACCESS_KEY_ID" in str(told.value)
        assert "wrong-and" not in str(told.value) + repr(told.value.__cause__)
        assert SECRET not in str(told.value)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", READER)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", READER_SECRET)
    with pytest.raises(StorageError, match=r"may not do what was asked .* Give it the right to read, write"):
        back_up_to_store(here, address)
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StorageError, match=r"no bucket 'not-there' .* Create it, or correct the address of the"):
        back_up_to_store(here, "s3://not-there/backups")
    assert objects(address) == []


def test_a_store_that_is_away_leaves_no_backup_and_the_earlier_ones(
    here: Settings, address: str, s3: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    back_up_to_store(here, address)
    monkeypatch.setitem(opening._RETRY, "retry_timeout", timedelta(seconds=1))
    s3.stop()
    try:
        with pytest.raises(StorageError, match=r"sauvegardes à part.* does not answer"):
            back_up_to_store(here, address)
        with pytest.raises(StorageError, match=r"does not answer"):
            restored(here, address, tmp_path / "other")
    finally:
        s3.start()
    other, _ = restored(here, address, tmp_path / "other")
    assert applicants(other) == ["A-1", "A-2"]


def test_a_place_that_the_home_uses_itself_is_refused(here: Settings, address: str) -> None:
    own = here.model_copy(update={"lakehouse_url": address})
    for place in (address, f"{address}/", f"{address}/backups"):
        with pytest.raises(BackupError, match=r"which the home uses itself"):
            back_up_to_store(own, place)
    with pytest.raises(BackupError, match=r"ends with this process"):
        back_up_to_store(here, "memory://backups")
