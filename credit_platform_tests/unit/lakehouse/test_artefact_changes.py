"""Several processes change one artefact, and none loses another's change: in a folder, in memory, on a real S3."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from credit_platform.errors import ArtefactError, OvertakenError
from credit_platform.lakehouse.artefact_changes import change, change_text, text_of
from credit_platform.lakehouse.artefacts import ArtefactStore
from credit_platform_tests.s3_server import S3Server

ROOTS = ("folder", "memory", "s3")
WRITERS, EACH = 4, 5


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], ArtefactStore]:
    def made(kind: str) -> ArtefactStore:
        if kind == "s3":
            server: S3Server = request.getfixturevalue("s3")
            return ArtefactStore(f"s3://{server.new_bucket()}/é", tmp_path / "cache")
        return ArtefactStore("memory://" if kind == "memory" else str(tmp_path / "root é"), tmp_path / "cache")

    return made


def add(store: ArtefactStore, word: str) -> None:
    change_text(store, "p/list.txt", lambda text: text if word in text.split() else f"{text}{word}\n")


@pytest.mark.parametrize("kind", ROOTS)
def test_no_change_of_a_text_is_lost(kind: str, make: Callable[[str], ArtefactStore]) -> None:
    store = make(kind)
    words = [f"{writer}-{number}" for writer in range(WRITERS) for number in range(EACH)]
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda word: add(store, word), words))
    assert sorted(text_of(store, "p/list.txt").split()) == sorted(words)
    before = store.stat("p/list.txt")
    add(store, words[0])
    assert store.stat("p/list.txt") == before


def _append(root: str, cache: Path, writer: int) -> None:
    store = ArtefactStore(root, cache)
    for number in range(EACH):
        add(store, f"{writer}-{number}")


def test_nor_of_several_processes_on_a_folder(tmp_path: Path) -> None:
    root, context = str(tmp_path / "root"), multiprocessing.get_context("spawn")
    processes = [context.Process(target=_append, args=(root, tmp_path / "cache", number)) for number in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert len(text_of(ArtefactStore(root, tmp_path / "cache"), "p/list.txt").split()) == 2 * EACH


@pytest.mark.parametrize("kind", ROOTS)
def test_what_is_replaced_is_gone_at_once(
    kind: str, make: Callable[[str], ArtefactStore], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = make(kind)
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "a").write_text("Ana")
    (tmp_path / "rows" / "b").write_text("Bea")
    first = store.put("p/histories/1", tmp_path / "rows")

    def erase(folder: Path) -> bool:
        there = (folder / "a").exists()
        (folder / "a").unlink(missing_ok=True)
        return there

    assert change(store, "p/histories/1", erase)
    assert [member.name for member in store.stat("p/histories/1").members] == ["b"]
    assert not [path for path, _ in store._objects("p/histories/1") if first.digest in path]  # what is left
    after = store.stat("p/histories/1")
    assert not change(store, "p/histories/1", erase)
    assert store.stat("p/histories/1") == after
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("kind", ["memory", "s3"])
def test_what_was_overtaken_is_not_put(kind: str, make: Callable[[str], ArtefactStore]) -> None:
    store = make(kind)
    nothing = store.seen("a")
    store.put("a", b"first", over=nothing)
    first = store.seen("a")
    with pytest.raises(OvertakenError):
        store.put("a", b"late", over=nothing)
    store.put("a", b"second", over=first)
    with pytest.raises(OvertakenError):
        store.put("a", b"late", over=first)
    assert store.get("a") == b"second"


def test_a_text_that_was_altered_is_told(tmp_path: Path) -> None:
    store = ArtefactStore(str(tmp_path / "root"), tmp_path / "cache")
    add(store, "one")
    store.local("p/list.txt").write_text("two")
    with pytest.raises(ArtefactError, match="not as it was stored"):
        text_of(store, "p/list.txt")
    assert text_of(store, "p/none.txt") == ""
