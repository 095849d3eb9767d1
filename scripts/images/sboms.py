"""Take the lists of parts out of our images: `python -m scripts.images.sboms [NAME…]`; `make sboms` does it for all.

Each image carries them in `/opt/sbom` (`docker/sbom.py`), one for each image that it is made of. They are held against
the schema of CycloneDX, put together, and written to `build/sboms/<name>.cdx.json`.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from typing import Any, Final

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from scripts.images.build import IMAGES, reference
from scripts.images.engine import NO_ENGINE, ROOT, answers, docker

FOLDER: Final = ROOT / "build" / "sboms"
PLACE: Final = "/opt/sbom"


def main(names: list[str]) -> int:
    """Write a file for each image; exit status for the shell."""
    if answers() != 0:
        return NO_ENGINE
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names or IMAGES:
        carried = carried_by(reference(name))
        if not carried:
            sys.stderr.write(f"{reference(name)} carries no list of parts: build it (make images IMAGES={name}).\n")
            return 1
        whole = put_together(name, carried)
        wrong = fault_of(whole)
        if wrong is not None:
            sys.stderr.write(f"{reference(name)}: {PLACE} is not as CycloneDX 1.6 wants it: {wrong}\n")
            return 1
        file = FOLDER / f"{name}.cdx.json"
        file.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
        sys.stdout.write(f"{file.relative_to(ROOT)}: {len(whole['components'])} parts\n")
    return 0


def carried_by(image: str) -> list[dict[str, Any]]:
    """The lists in an image, which is not started for it; none where it has none, or is not there."""
    made = docker("create", image, check=False)
    if made.returncode != 0:
        return []
    container = made.stdout.strip()
    try:
        copied = subprocess.run(  # noqa: S603  # the program of the engine, with arguments made here
            ["docker", "cp", f"{container}:{PLACE}", "-"],  # noqa: S607  # whichever docker is installed
            capture_output=True,
            check=False,
        )
    finally:
        docker("rm", container, check=False)
    if copied.returncode != 0:
        return []
    with tarfile.open(fileobj=io.BytesIO(copied.stdout)) as archive:
        files = sorted((each for each in archive.getmembers() if each.isfile()), key=lambda each: each.name)
        return [json.loads(opened.read()) for each in files if (opened := archive.extractfile(each)) is not None]


def put_together(name: str, parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One list of all, each part once."""
    components = {each["bom-ref"]: each for part in parts for each in part["components"]}
    own = f"credit-platform/{name}"
    return {
        **parts[0],
        "metadata": {"component": {"type": "container", "bom-ref": own, "name": own}},
        "components": [components[key] for key in sorted(components)],
        "dependencies": [{"ref": own, "dependsOn": sorted(components)}],
    }


def fault_of(whole: dict[str, Any]) -> str | None:
    """What the schema finds wrong; None if nothing."""
    found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(whole))
    return None if found is None else str(found.data)[:500]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
