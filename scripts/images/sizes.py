"""What our images weigh: `python -m scripts.images.sizes [NAME…]`; exits with 1 where one is beyond its limit.

Packed is what a registry stores (each layer above the base, compressed by gzip); unpacked what the files of these
layers take on a node.
"""

from __future__ import annotations

import gzip
import json
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from scripts.images.build import IMAGES, reference
from scripts.images.engine import NO_ENGINE, answers, docker

_MB: Final = 1_000_000
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How much an image may weigh, in MB."""

    packed: int | None = None
    """Above the base."""
    unpacked: int | None = None
    """Above the base."""


LIMITS: Final = {
    "dagster": Limit(unpacked=350),
    "platform": Limit(packed=700, unpacked=1800),
    "service": Limit(packed=250, unpacked=500),
    "mlflow": Limit(),
    "console": Limit(),
    "spark": Limit(),
    "notebook": Limit(),
}
"""Of each image, what somebody who pulls it was promised."""


@dataclass(frozen=True, kw_only=True)
class Weight:
    """What was found, in MB above the base, and the digests of these layers."""

    packed: float
    unpacked: float
    layers: tuple[str, ...]


def main(names: list[str]) -> int:
    """Print a line for each image; exit status for the shell."""
    if answers() != 0:
        return NO_ENGINE
    beyond = False
    for name in names or IMAGES:
        weight, limit = weigh(reference(name)), LIMITS[name]
        packed, unpacked = _held(weight.packed, limit.packed), _held(weight.unpacked, limit.unpacked)
        sys.stdout.write(f"{name}: packed {packed}, unpacked {unpacked}; layers {' '.join(weight.layers)}\n")
        beyond |= "beyond" in packed + unpacked
    return int(beyond)


def weigh(image: str) -> Weight:
    """Weigh the layers that our recipes add: those of `COPY`, after the ones of the base."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "image.tar"
        docker("save", "--output", str(archive), image)
        with tarfile.open(archive) as saved:
            (manifest,) = json.load(_member(saved, "manifest.json"))
            configuration = json.load(_member(saved, manifest["Config"]))
            ours = _ours(configuration["history"])
            digests = configuration["rootfs"]["diff_ids"][-ours:]
            weights = [_weighed(_member(saved, layer)) for layer in manifest["Layers"][-ours:]]
    return Weight(
        packed=sum(packed for packed, _ in weights) / _MB,
        unpacked=sum(unpacked for _, unpacked in weights) / _MB,
        layers=tuple(digest.removeprefix("sha256:")[:16] for digest in digests),
    )


def _ours(history: list[dict[str, object]]) -> int:
    """How many layers come from our own `COPY` in the last stage, which are the last ones that are not empty."""
    count = 0
    for step in reversed([step for step in history if not step.get("empty_layer")]):
        if "COPY /" not in str(step.get("created_by", "")):
            break
        count += 1
    return count


def _member(saved: tarfile.TarFile, name: str) -> IO[bytes]:
    member = saved.extractfile(name)
    if member is None:
        raise FileNotFoundError(name)
    return member


def _weighed(layer: IO[bytes]) -> tuple[int, int]:
    """Bytes of a layer as gzip stores it, and of the files in it."""
    counted = _Counted()
    with (
        tempfile.TemporaryFile() as copy,
        gzip.GzipFile(fileobj=counted, mode="wb", compresslevel=6, mtime=0) as packer,
    ):
        while chunk := layer.read(_CHUNK):
            copy.write(chunk)
            packer.write(chunk)
        copy.seek(0)
        with tarfile.open(fileobj=copy) as files:
            unpacked = sum(file.size for file in files if file.isfile())
    return counted.bytes, unpacked


class _Counted:
    """A file that only counts."""

    def __init__(self) -> None:
        self.bytes = 0

    def write(self, content: bytes) -> int:
        """Count."""
        self.bytes += len(content)
        return len(content)

    def flush(self) -> None:
        """Nothing is kept."""


def _held(found: float, limit: int | None) -> str:
    if limit is None:
        return f"{found:.0f} MB"
    return f"{found:.0f} MB ({'beyond' if found > limit else 'within'} {limit} MB)"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
