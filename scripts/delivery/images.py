"""The images of a tag, by digest: `values-digests.yaml`, which comes with a release.

What is here: `TagImages`, read and checked, and `digests_yaml`, which `publish.py` writes.
What must not be here: pulling or pushing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from scripts.chart.helm import CHART
from scripts.delivery.environments import read_yaml
from scripts.delivery.outcome import RefusedError
from scripts.images.build import IMAGES

TAG: Final = re.compile(r"v(?P<version>\d+\.\d+\.\d+)(?:-[0-9A-Za-z][0-9A-Za-z.-]{0,40})?")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class TagImages:
    """What is pulled for a tag."""

    tag: str
    file: Path
    values: dict[str, Any]
    """As Helm takes them."""

    @property
    def digests(self) -> dict[str, str]:
        """Digest of each of our images."""
        return {name: self.values["images"][name]["digest"] for name in sorted(IMAGES)}


def read_images(tag: str, file: Path) -> TagImages:
    """The images of `tag`, as `file` says.

    Raises:
        RefusedError: the tag is none of this checkout's version, or the file does not name the digests of that tag.
    """
    named, version = TAG.fullmatch(tag), chart_version()
    if named is None:
        raise RefusedError(f"{tag!r} is no tag of a release. Write it as v{version}, or v{version}-rc.1.")
    if named["version"] != version:
        raise RefusedError(f"{tag} is not of this checkout, whose chart is {version}. Check the tag out.")
    if not file.is_file():
        raise RefusedError(f"There is no {file}. Get the values-digests.yaml of {tag}: docs/CICD.md says where.")
    values = read_yaml(file)
    if values.keys() != {"images"} or not isinstance(values["images"], dict):
        raise RefusedError(f"{file} says more or less than images. Get the values-digests.yaml of {tag}.")
    for name in IMAGES:
        image = values["images"].get(name)
        digest, said = (image.get("digest", ""), image.get("tag")) if isinstance(image, dict) else ("", None)
        if not _DIGEST.fullmatch(str(digest)):
            raise RefusedError(f"{file} names no digest of the image {name}. Get the values-digests.yaml of {tag}.")
        if said != tag.removeprefix("v"):
            raise RefusedError(f"{file} is of {said}, not of {tag}, by its image {name}. Get that of {tag}.")
    return TagImages(tag=tag, file=file, values=values)


def digests_yaml(tag: str, registry: str, digests: Mapping[str, str]) -> str:
    """The file that names them."""
    of_each = {name: {"tag": tag.removeprefix("v"), "digest": digests[name]} for name in IMAGES}
    document = {"images": {**({"registry": registry} if registry else {}), **of_each}}
    return f"# The images of {tag}, by digest; made by scripts/delivery/publish.py.\n" + str(yaml.safe_dump(document))


def chart_version() -> str:
    """Version of the checkout's chart."""
    return str(read_yaml(CHART / "Chart.yaml")["version"])
