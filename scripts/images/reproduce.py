"""Build images twice, the second time without a cache, and compare: `python -m scripts.images.reproduce [NAME…]`.

Of layers that are not the same it says which files differ, and in what. Exits with 1 where a layer does, with 2 where
no engine answers. The tags that it makes it takes away again.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from scripts.images.build import IMAGES, build_arguments
from scripts.images.engine import NO_ENGINE, answers, docker, output_of

SHOWN: Final = 20
"""Files that differ, after which it is clear."""
Files = Mapping[str, tuple[tuple[str, object], ...]]


def main(names: list[str]) -> int:
    """Compare one after the other; exit status for the shell."""
    if answers() != 0:
        return NO_ENGINE
    found = [differs(name) for name in names or IMAGES]
    return int(any(found))


def differs(name: str) -> bool:
    """Whether two builds of an image differ; prints what was found."""
    tags = [f"credit-platform/{name}:reproduce-{number}" for number in (1, 2)]
    try:
        for tag, more in zip(tags, ((), ("--no-cache",)), strict=True):
            if docker(*build_arguments(name, tag=tag), *more, check=False, shown=True).returncode != 0:
                sys.stderr.write(f"The image {name} could not be built: docker said why above.\n")
                return True
        layers = [json.loads(output_of("image", "inspect", "--format", "{{json .RootFS.Layers}}", tag)) for tag in tags]
        if layers[0] == layers[1]:
            sys.stdout.write(f"{name}: {len(layers[0])} layers, each the same twice; the last is {layers[0][-1]}\n")
            return False
        sys.stdout.write(f"{name}: layers differ: {layers[0]} {layers[1]}\n")
        for number, pair in enumerate(zip(*layers, strict=False)):
            if pair[0] != pair[1]:
                told = list(differences(*(files_of(tag, number) for tag in tags)))
                sys.stdout.write("".join(f"  layer {number}: {line}\n" for line in told[:SHOWN]))
                sys.stdout.write(f"  layer {number}: {len(told)} differences in all\n")
        return True
    finally:
        docker("image", "rm", *tags, check=False)


def differences(first: Files, second: Files) -> Iterator[str]:
    """Each file that differs between two layers, and in what."""
    for name in sorted({*first, *second}):
        one, other = first.get(name), second.get(name)
        if one is None or other is None:
            yield f"{name}: only in the {'second' if one is None else 'first'}"
        elif one != other:
            yield f"{name}: " + ", ".join(
                f"{what} {mine} and {theirs}"
                for (what, mine), (_, theirs) in zip(one, other, strict=True)
                if mine != theirs
            )


def files_of(image: str, number: int) -> Files:
    """What is in a layer, by name; of a file also its SHA-256."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "image.tar"
        docker("save", "--output", str(archive), image)
        with tarfile.open(archive) as saved:
            manifest = saved.extractfile("manifest.json")
            if manifest is None:
                raise FileNotFoundError(f"{image}: manifest.json")
            layer = json.load(manifest)[0]["Layers"][number]
            with tarfile.open(fileobj=saved.extractfile(layer)) as files:
                return read(files)


def read(files: tarfile.TarFile) -> Files:
    """What is in an archive, by name."""
    found: dict[str, tuple[tuple[str, object], ...]] = {}
    for each in files:
        content = files.extractfile(each) if each.isfile() else None
        digest = "" if content is None else hashlib.sha256(content.read()).hexdigest()
        found[each.name] = (
            ("kind", each.type),
            ("mode", oct(each.mode)),
            ("owner", f"{each.uid}:{each.gid}"),
            ("time", each.mtime),
            ("target", each.linkname),
            ("size", each.size),
            ("SHA-256", digest),
        )
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
