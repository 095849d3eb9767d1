"""Two builds side by side: what is told of a layer that is not the same."""

from __future__ import annotations

import io
import subprocess
import tarfile

import pytest

from scripts.images import reproduce


def layer(**files: tuple[str, int]) -> reproduce.Files:
    """What is read of an archive with files of a content and a time each."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, (content, time) in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), time
            archive.addfile(member, io.BytesIO(content.encode()))
    packed.seek(0)
    with tarfile.open(fileobj=packed) as archive:
        return reproduce.read(archive)


def test_files_that_differ_are_named_with_what_differs() -> None:
    first = layer(same=("a", 1), later=("a", 1), other=("a", 1), gone=("a", 1))
    second = layer(same=("a", 1), later=("a", 2), other=("b", 1), new=("a", 1))
    told = list(reproduce.differences(first, second))
    assert [line.split(",")[0] for line in told] == [
        "gone: only in the first",
        "later: time 1 and 2",
        "new: only in the second",
        told[3],
    ]
    assert told[3].startswith("other: SHA-256 ")
    assert not list(reproduce.differences(first, first))


class Engine:
    """An engine that builds one layer, the same each time or not, and knows which tags there are."""

    def __init__(self, *layers: str, fails: bool = False) -> None:
        self.layers, self.fails = list(layers), fails
        self.tags: list[str] = []
        self.without_cache: list[bool] = []

    def docker(self, *arguments: str, **_: object) -> subprocess.CompletedProcess[str]:
        if arguments[0] == "build":
            self.tags.append(arguments[arguments.index("--tag") + 1])
            self.without_cache.append("--no-cache" in arguments)
        if arguments[:2] == ("image", "rm"):
            self.tags = [tag for tag in self.tags if tag not in arguments]
        return subprocess.CompletedProcess(arguments, int(self.fails))

    def output_of(self, *arguments: str) -> str:
        return f'["base", "{self.layers[self.tags.index(arguments[-1])]}"]'


@pytest.mark.parametrize(
    ("engine", "status", "said"),
    [
        (Engine("a", "a"), 0, "service: 2 layers, each the same twice; the last is a"),
        (Engine("a", "b"), 1, "layer 1: usr/log: time 1 and 2"),
        (Engine("a", "a", fails=True), 1, "could not be built"),
    ],
)
def test_a_build_from_the_cache_is_compared_with_one_without(
    engine: Engine, status: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reproduce, "answers", lambda: 0)
    monkeypatch.setattr(reproduce, "docker", engine.docker)
    monkeypatch.setattr(reproduce, "output_of", engine.output_of)
    files = iter([layer(**{"usr/log": ("a", 1)}), layer(**{"usr/log": ("a", 2)})])
    monkeypatch.setattr(reproduce, "files_of", lambda tag, number: next(files))
    assert reproduce.main(["service"]) == status
    printed = capsys.readouterr()
    assert said in printed.out + printed.err
    assert engine.without_cache == ([False] if engine.fails else [False, True])
    assert not engine.tags, "what was made for the comparison is taken away"
