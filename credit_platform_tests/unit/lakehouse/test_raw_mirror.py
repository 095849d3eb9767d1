"""Raw files in an object store: whole copies of what lies there now, on a real S3 server."""

from __future__ import annotations

import threading
from pathlib import Path

import obstore
import pytest
from obstore.store import ObjectStore

from credit_platform.errors import GenerationError, RawFileError, StorageError
from credit_platform.lakehouse.object_store import open_store
from credit_platform.lakehouse.raw_files import (
    folder_to_fill,
    raw_address,
    raw_file,
    raw_folder,
    raw_states,
    told_by_address,
)
from credit_platform.lakehouse.raw_mirror import RawMirror
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform_tests.s3_server import SECRET, S3Server

PORTFOLIO = get_portfolio("german_credit")
NAME = PORTFOLIO.tables[0].file_name


class Remote:
    """A folder of a bucket, and settings that read raw files from it."""

    def __init__(self, server: S3Server, home: Path) -> None:
        self.bucket = server.new_bucket()
        self.url = f"s3://{self.bucket}/rohdaten é/german_credit"
        self.store: ObjectStore = open_store(self.url)
        self.settings = Settings(
            home=home, raw=f"s3://{self.bucket}/rohdaten é/{{portfolio}}", artefact_cache=home / "cache"
        )

    def put(self, name: str, content: bytes) -> None:
        obstore.put(self.store, name, content)

    @property
    def folder(self) -> Path:
        return raw_folder(self.settings, PORTFOLIO)


@pytest.fixture
def remote(s3: S3Server, tmp_path: Path) -> Remote:
    return Remote(s3, tmp_path / "mes données é")


def test_copies_follow_what_lies_in_the_store(remote: Remote) -> None:
    assert list(remote.folder.glob("[!.]*")) == []
    remote.put(NAME, b"a\n1\n")
    remote.put("sub/other.csv", b"not a file of the folder")
    assert [path.name for path in remote.folder.glob("[!.]*")] == [NAME]
    assert raw_file(remote.settings, PORTFOLIO, PORTFOLIO.tables[0]).read_bytes() == b"a\n1\n"
    first = (remote.folder / NAME).stat().st_ino
    assert (remote.folder / NAME).stat().st_ino == first, "what did not change is not fetched again"
    remote.put(NAME, b"a\n2\n")
    assert (remote.folder / NAME).read_bytes() == b"a\n2\n"
    obstore.delete(remote.store, NAME)
    assert list(remote.folder.glob("[!.]*")) == []


@pytest.mark.parametrize("damage", ["deleted", "cut off", "list of tags"])
def test_a_damaged_copy_is_fetched_again(damage: str, remote: Remote) -> None:
    remote.put(NAME, b"a\n1\n")
    copy = remote.folder / NAME
    if damage == "deleted":
        copy.unlink()
    elif damage == "cut off":
        copy.write_bytes(b"a\n")
    else:
        (remote.folder / ".tags.json").write_text("{")
    assert (remote.folder / NAME).read_bytes() == b"a\n1\n"


def test_several_at_once_find_whole_files(remote: Remote) -> None:
    content = b"a\n" + b"1\n" * 500_000
    remote.put(NAME, content)
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append((remote.folder / NAME).read_bytes())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [content] * 4


def test_the_state_of_a_file_is_known_without_copying_it(remote: Remote) -> None:
    address = f"{remote.url}/{NAME}"
    assert raw_states(remote.settings, PORTFOLIO) == {address: None}
    remote.put(NAME, b"a\n1\n")
    before = raw_states(remote.settings, PORTFOLIO)
    assert before == raw_states(remote.settings, PORTFOLIO)
    remote.put(NAME, b"a\n2\n")
    after = raw_states(remote.settings, PORTFOLIO)
    assert after[address] is not None
    assert before[address] != after[address]
    assert not remote.settings.raw_folder(PORTFOLIO.name).exists()
    remote.put(f"{NAME}.gz", b"")
    with pytest.raises(RawFileError, match=f"Folder {remote.url} holds {NAME} and {NAME}.gz"):
        raw_states(remote.settings, PORTFOLIO)


def test_errors_name_the_object_and_not_its_copy(remote: Remote) -> None:
    remote.put(NAME, b"a\n1\n")
    copy = raw_file(remote.settings, PORTFOLIO, PORTFOLIO.tables[0])
    assert raw_address(remote.settings, PORTFOLIO, copy) == f"{remote.url}/{NAME}"
    with pytest.raises(RawFileError) as raised, told_by_address(remote.settings, PORTFOLIO):
        raise RawFileError(f"File {copy} is bad.", f"Mend {copy}.")
    assert str(raised.value) == f"File {remote.url}/{NAME} is bad. Mend {remote.url}/{NAME}."


def test_a_store_that_is_away_or_has_no_such_bucket_is_named(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = remote.settings.model_copy(update={"raw": "s3://nobody-has-this/raw"})
    with pytest.raises(StorageError, match=r"There is no bucket 'nobody-has-this'.*CREDIT_PLATFORM_RAW"):
        raw_folder(settings, PORTFOLIO)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(StorageError, match="does not accept the key") as raised:
        raw_folder(remote.settings, PORTFOLIO)
    assert SECRET not in str(raised.value)
    assert "wrong" not in str(raised.value)


def test_what_is_replaced_without_end_is_not_read(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    remote.put(NAME, b"a\n1\n")
    listing = RawMirror.listing

    def replaced_meanwhile(mirror: RawMirror) -> object:
        found = listing(mirror)
        remote.put(NAME, b"a\n" + str(len(seen)).encode())
        seen.append(found)
        return found

    seen: list[object] = []
    monkeypatch.setattr(RawMirror, "listing", replaced_meanwhile)
    with pytest.raises(RawFileError, match=f"files in {remote.url} are replaced again and again"):
        raw_folder(remote.settings, PORTFOLIO)
    assert len(seen) > 1


def test_files_are_not_generated_into_a_store(remote: Remote) -> None:
    with pytest.raises(GenerationError, match=f"read from {remote.url}"):
        folder_to_fill(PORTFOLIO.name, remote.settings)
    settings = Settings(home=remote.settings.home)
    assert folder_to_fill(PORTFOLIO.name, settings) == settings.raw_folder(PORTFOLIO.name)
