"""Artefacts by key: in a folder, in memory, and on a real S3 server, all the same."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import obstore
import pytest

from credit_platform.errors import ArtefactError, SettingError, StorageError
from credit_platform.lakehouse.artefact_manifest import MANIFEST
from credit_platform.lakehouse.artefacts import ArtefactStore
from credit_platform_tests.s3_server import READER, READER_SECRET, SECRET, S3Server

ODD = ("x" * 201, "\udcff", f"a/{MANIFEST}")
ROOTS = ("folder", "memory", "s3")


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], ArtefactStore]:
    def made(kind: str) -> ArtefactStore:
        if kind == "s3":
            server: S3Server = request.getfixturevalue("s3")
            return ArtefactStore(f"s3://{server.new_bucket()}/é root", tmp_path / "cache")
        root = "memory://" if kind == "memory" else str(tmp_path / "root é #1")
        return ArtefactStore(root, tmp_path / "cache")

    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "scorer"
    (made / "sub folder").mkdir(parents=True)
    (made / "model.txt").write_bytes(b"trees" * 1000)
    (made / "sub folder" / "é #1").write_bytes(b"odd")
    (made / "empty").write_bytes(b"")
    return made


def _content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("kind", ROOTS)
def test_what_was_put_comes_back(kind: str, make: Callable[[str], ArtefactStore], folder: Path) -> None:
    store = make(kind)
    stored = store.put("german_credit/scorers/é b#2", folder)
    note = store.put("german_credit/note.md", b"# Note")
    assert store.stat("german_credit/scorers/é b#2") == stored
    assert _content(store.local("german_credit/scorers/é b#2", stored.digest)) == _content(folder)
    assert store.get("german_credit/note.md", note.digest) == b"# Note"
    assert store.local("german_credit/note.md").name == "note.md"
    assert store.local("german_credit/note.md").read_bytes() == b"# Note"
    assert store.keys() == ["german_credit/note.md", "german_credit/scorers/é b#2"]
    assert store.keys("german_credit/sc") == ["german_credit/scorers/é b#2"]
    assert (stored.size, note.size) == (5003, 6)


@pytest.mark.parametrize("kind", ROOTS)
def test_the_last_content_counts_and_the_one_before_goes_with_it(
    kind: str, make: Callable[[str], ArtefactStore], folder: Path
) -> None:
    store = make(kind)
    first = store.put("a/b", folder)
    (folder / "model.txt").unlink()
    second = store.put("a/b", folder)
    nested = store.put("a/b/c", b"c")
    assert first.digest != second.digest
    assert _content(store.local("a/b")) == _content(folder)
    with pytest.raises(ArtefactError, match="not the one that was recorded"):
        store.local("a/b", first.digest)
    assert store.tidy(age=timedelta(days=1)) == []
    assert {path.rpartition("sha256-")[2][:64] for path in store.tidy(age=timedelta(0))} == {first.digest}
    assert _content(store.local("a/b")) == _content(folder)
    assert store.delete("a/b")
    assert not store.delete("a/b")
    assert store.get("a/b/c", nested.digest) == b"c"
    assert store.keys() == ["a/b/c"]
    with pytest.raises(ArtefactError, match="Nothing is stored as a/b in"):
        store.local("a/b")


def test_the_same_content_has_the_same_digest_everywhere(folder: Path, tmp_path: Path) -> None:
    one, two = ArtefactStore("memory://", tmp_path), ArtefactStore(str(tmp_path / "r"), tmp_path)
    assert one.put("x", folder).digest == two.put("y", folder).digest
    assert one.put("x", b"1").digest != one.put("x", b"2").digest


@pytest.mark.parametrize(
    "key",
    ["", "/a", "a/", "a//b", "../a", "a/../b", "./a", "a\\b", "a\nb", "a\0b", "x" * 201, "\udcff", f"a/{MANIFEST}"],
)
def test_what_is_no_key_is_refused(key: str, tmp_path: Path) -> None:
    store = ArtefactStore(str(tmp_path / "root"), tmp_path / "cache")
    for use in (lambda: store.put(key, b"1"), lambda: store.get(key), lambda: store.delete(key)):
        with pytest.raises(ArtefactError, match="cannot be the key"):
            use()
    assert not list((tmp_path / "root").iterdir())


def _read_both(store: ArtefactStore) -> None:
    store.local("a")
    store.get("b")


def test_every_flipped_bit_is_noticed(tmp_path: Path, folder: Path) -> None:
    store = ArtefactStore(str(tmp_path / "root"), tmp_path / "cache")
    store.put("a", folder)
    store.put("b", b"content")
    files = [path for path in (tmp_path / "root").rglob("*") if path.is_file() and path.stat().st_size]
    assert len(files) == 5
    for file in files:
        before = file.read_bytes()
        file.write_bytes(before[:-2] + bytes([before[-2] ^ 1]) + before[-1:])
        shutil.rmtree(tmp_path / "cache", ignore_errors=True)
        with pytest.raises(ArtefactError, match="not as it was stored"):
            _read_both(store)
        file.write_bytes(before)
    assert store.get("b") == b"content"


@pytest.mark.parametrize("harm", ["altered", "missing", "more", "gone"])
def test_a_copy_that_was_tampered_with_is_fetched_again(
    harm: str, make: Callable[[str], ArtefactStore], folder: Path, tmp_path: Path
) -> None:
    store = make("memory")
    store.put("a", folder)
    copy = store.local("a")
    assert copy.parent == tmp_path / "cache"
    if harm == "altered":
        (copy / "model.txt").write_bytes(b"other")
    elif harm == "missing":
        (copy / "empty").unlink()
    elif harm == "more":
        (copy / "extra.py").write_text("import os")
    else:
        shutil.rmtree(tmp_path / "cache")
    assert _content(store.local("a")) == _content(folder)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [copy.name], "nothing is left of the attempt"


def test_a_member_that_is_gone_from_the_store_is_told(tmp_path: Path) -> None:
    store = ArtefactStore(str(tmp_path / "root"), tmp_path / "cache")
    stored = store.put("a", b"1")
    (tmp_path / "root" / stored.prefix / "a").unlink()
    for use in (store.get, store.local):
        with pytest.raises(ArtefactError, match="not as it was stored"):
            use("a")


def test_a_killed_writer_leaves_the_content_before(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ArtefactStore(str(tmp_path / "root"), tmp_path / "cache")
    store.put("a", b"good")

    def killed(_store: object, target: str, *_rest: object) -> None:
        if target.endswith(MANIFEST):
            raise KeyboardInterrupt
        real(_store, target, *_rest)  # type: ignore[arg-type]  # passed on as it came

    real = obstore.put
    monkeypatch.setattr(obstore, "put", killed)
    with pytest.raises(KeyboardInterrupt):
        store.put("a", folder)
    with pytest.raises(KeyboardInterrupt):
        store.put("b", folder)
    monkeypatch.undo()
    assert store.get("a") == b"good"
    assert store.keys() == ["a"]
    assert len(store.tidy(age=timedelta(0))) == 6
    assert store.get("a") == b"good"


def test_a_file_that_changes_while_it_is_stored_is_not_made_visible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "growing.csv"
    file.write_text("1")
    store = ArtefactStore(str(tmp_path / "root"), tmp_path / "cache")

    def slow(*args: object) -> None:
        file.write_text("2")
        real(*args)  # type: ignore[arg-type]  # passed on as it came

    real = obstore.put
    monkeypatch.setattr(obstore, "put", slow)
    with pytest.raises(ArtefactError, match="changed while it was stored"):
        store.put("a", file)
    assert not store.exists("a")


def test_what_cannot_be_stored_is_named(tmp_path: Path) -> None:
    store = ArtefactStore(str(tmp_path / "root"), tmp_path / "cache")
    with pytest.raises(ArtefactError, match="does not exist"):
        store.put("a", tmp_path / "none")
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret").write_text("s")
    (folder / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(ArtefactError, match="is a link out of"):
        store.put("a", folder)
    (folder / "link").unlink()
    (folder / "a\nb").write_text("x")
    with pytest.raises(ArtefactError, match="control character"):
        store.put("a", folder)
    store.put("folder", tmp_path / "root")
    with pytest.raises(ArtefactError, match="is a folder"):
        store.get("folder")


def _put_and_read(root: str, cache: Path, number: int) -> None:
    store = ArtefactStore(root, cache)
    for turn in range(15):
        store.put("shared", f"{number} {turn} ".encode() * 10_000)
        text = store.local("shared").read_text().split()
        assert len(set(zip(text[::2], text[1::2], strict=True))) == 1


def test_two_processes_at_once_never_see_half(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_put_and_read, args=(str(tmp_path / "root"), tmp_path / "cache", n)) for n in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]


def test_an_address_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no place for artefacts") as told:
        ArtefactStore("ftp://me:secret@host/x", tmp_path)
    assert "secret" not in str(told.value)


def test_a_missing_bucket_is_named(s3: S3Server, tmp_path: Path) -> None:
    store = ArtefactStore("s3://no-such-bucket/root", tmp_path)
    for use in (lambda: store.put("a", b"1"), lambda: store.exists("a"), lambda: store.get("a"), store.keys):
        with pytest.raises(StorageError, match=r"no bucket 'no-such-bucket'.*correct CREDIT_PLATFORM_ARTEFACT_URL"):
            use()


@pytest.mark.parametrize(
    "wrong",
    [
        ("tester", "wrong-secret", "does not accept the key"),
        ("nobody", "wrong-secret", "does not accept the key"),
        (READER, READER_SECRET, "may not do what was asked"),
    ],
)
def test_a_wrong_key_is_told_without_it(
    wrong: tuple[str, str, str], s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, secret, what = wrong
    bucket = s3.new_bucket()
    for name, value in s3.environment(key, secret).items():
        monkeypatch.setenv(name, value)
    store = ArtefactStore(f"s3://{bucket}/files", tmp_path)
    with pytest.raises(StorageError, match=what) as told:
        store.put("some/key", b"1")
    assert f"s3://{bucket}/files/some/key" in str(told.value)
    assert "AWS_SECRET_ACCESS_KEY" in told.value.cure
    chain = f"{told.value!r} {told.value.__cause__!r}"
    assert secret not in chain
    assert SECRET not in chain
    assert told.value.__suppress_context__, "a traceback does not quote the store's answer either"


def test_credentials_may_be_given_as_options(s3_server: S3Server, tmp_path: Path) -> None:
    options = {name: value for name, value in s3_server.environment().items() if "METADATA" not in name}
    store = ArtefactStore(f"s3://{s3_server.new_bucket()}", tmp_path, options)
    store.put("a", b"1")
    assert store.get("a") == b"1"
    assert store.address("a").startswith("s3://test-")


def test_http_wants_to_be_allowed(s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ALLOW_HTTP")
    with pytest.raises(StorageError, match="AWS_ALLOW_HTTP=true"):
        ArtefactStore(f"s3://{s3.new_bucket()}", tmp_path).put("a", b"1")


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match=r"file cannot be used as a folder.*CREDIT_PLATFORM_ARTEFACT_URL"):
        ArtefactStore(str(tmp_path / "file"), tmp_path)
