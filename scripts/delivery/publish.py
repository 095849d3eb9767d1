"""Build our images with provenance and SBOM, push them, and write down their digests: `make publish-images`.

Usage: `python -m scripts.delivery.publish REGISTRY TAG [FOLDER]`; `FOLDER/TAG/values-digests.yaml` is what
`scripts/deploy` and Helm take. Needs a builder of BuildKit that attests (`docker buildx create --driver
docker-container`), and a login at the registry. Exits with 2 where no engine answers.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scripts.delivery.deploy import RECORDS
from scripts.delivery.images import TAG, digests_yaml
from scripts.images.build import IMAGES, build_arguments
from scripts.images.engine import NO_ENGINE, answers, docker

_ARGUMENTS: Final = (2, 3)


def main(arguments: Sequence[str]) -> int:
    """Publish all of them; exit status for the shell."""
    if len(arguments) not in _ARGUMENTS or not arguments[0] or TAG.fullmatch(arguments[1]) is None:
        sys.stderr.write("Say where, and what: make publish-images REGISTRY=registry.example.org/us VERSION=v0.2.0\n")
        return 1
    registry, tag = arguments[0].rstrip("/"), arguments[1]
    folder = Path(arguments[2]) if len(arguments) == max(_ARGUMENTS) else RECORDS
    if answers() != 0:
        return NO_ENGINE
    digests = {}
    for name in IMAGES:
        found = _published(name, f"{registry}/credit-platform/{name}:{tag.removeprefix('v')}")
        if found is None:
            sys.stderr.write(f"The image {name} could not be published: docker said why above.\n")
            return 1
        digests[name] = found
        sys.stdout.write(f"published {name}@{found}\n")
    file = folder / tag / "values-digests.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(digests_yaml(tag, registry, digests), encoding="utf-8")
    sys.stdout.write(f"Their digests are in {file}.\n")
    return 0


def _published(name: str, called: str) -> str | None:
    """Digest of an image that was built and pushed; None where it could not be."""
    with tempfile.TemporaryDirectory() as scratch:
        told = Path(scratch) / "metadata.json"
        attested = ("--provenance=mode=max", "--sbom=true", "--push", "--metadata-file", str(told))
        *words, checkout = build_arguments(name, tag=called)
        if docker(*words, *attested, checkout, check=False, shown=True).returncode != 0:
            return None
        return str(json.loads(told.read_text(encoding="utf-8"))["containerimage.digest"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
