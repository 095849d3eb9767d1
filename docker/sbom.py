"""Say what an image adds to its base and what the base holds, as CycloneDX 1.6 in JSON; the same input, the same text.

Python's packages must be those of the lock, else it fails: what the lock does not name has no hash. Debian's are those
that `dpkg` knows, and those of which only files are taken over: their descriptions are put into
`/var/lib/dpkg/status.d`, where scanners look, too.
Usage: `python sbom.py NAME LOCK FOLDER [PACKAGE…]`, with the folder that is laid out and Debian's packages in it.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote

PINNED = re.compile(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
DPKG = Path("var/lib/dpkg")
BEFORE = Path("/build/dpkg-status")
"""What dpkg knew before anything was installed: the base has no more than that."""
OWN = "credit-platform"


def main(name: str, lock: str, folder: str, *taken: str) -> None:
    """Write `opt/sbom/<name>.cdx.json` below the folder, and the descriptions of the packages that were taken."""
    out = Path(folder)
    _describe(out / DPKG / "status.d", taken)
    pinned = hashes(Path(lock).read_text(encoding="utf-8"))
    site = [str(path) for path in (Path("/opt") / name, *Path("/opt/venv/lib").glob("python3*/site-packages"))]
    found = [*python_packages(distributions(path=site), pinned, lock), *debian_packages(*_descriptions(out))]
    target = out / "opt" / "sbom" / f"{name}.cdx.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document(name, found), indent=1) + "\n", encoding="utf-8")


def _describe(folder: Path, packages: tuple[str, ...]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for package in packages:
        command = ["dpkg", "--status", package]
        said = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # made here
        (folder / package).write_text(said.stdout, encoding="utf-8")


def hashes(lock: str) -> dict[str, dict[str, list[str]]]:
    """SHA-256 of every file that a lock allows, by name and version."""
    found: dict[str, dict[str, list[str]]] = {}
    pins = list(PINNED.finditer(lock))
    for pin, following in zip(pins, [*pins[1:], None], strict=True):
        text = lock[pin.end() : following.start() if following else len(lock)]
        found.setdefault(pin[1], {})[pin[2]] = sorted(HASH.findall(text))
    return found


def python_packages(
    installed: Iterator[Distribution], pinned: Mapping[str, Mapping[str, list[str]]], lock: str
) -> Iterator[dict[str, Any]]:
    """A component of each package, with the hashes that its file had to have."""
    yield {
        "type": "application",
        "name": "python",
        "version": platform.python_version(),
        "purl": f"pkg:generic/python@{platform.python_version()}",
    }
    for each in installed:
        name, version = re.sub(r"[-_.]+", "-", each.metadata["Name"]).lower(), each.version
        if name == OWN:
            continue
        if version not in pinned.get(name, {}):
            sys.exit(f"{name} {version} is installed and not in {lock}: install nothing beside the lock.")
        yield {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name}@{version}",
            **_licence(each),
            "externalReferences": [
                {
                    "type": "distribution",
                    "url": f"https://pypi.org/project/{name}/{version}/",
                    "comment": f"any file of these hashes: {lock}",
                    "hashes": [{"alg": "SHA-256", "content": content} for content in pinned[name][version]],
                }
            ],
        }


def _licence(package: Distribution) -> dict[str, Any]:
    expression = package.metadata.get("License-Expression")
    if expression:
        return {"licenses": [{"expression": expression}]}
    words = [word for word in package.metadata.get_all("Classifier") or () if word.startswith("License :: ")]
    names = sorted({word.rpartition(" :: ")[2] for word in words} - {"OSI Approved"})
    return {"licenses": [{"license": {"name": name}} for name in names]} if names else {}


def _descriptions(out: Path) -> Iterator[str]:
    yield (BEFORE if BEFORE.is_file() else Path("/") / DPKG / "status").read_text(encoding="utf-8")
    for file in sorted((out / DPKG / "status.d").glob("*")):
        yield file.read_text(encoding="utf-8")


def debian_packages(*descriptions: str) -> Iterator[dict[str, Any]]:
    """A component of each package that is described as installed."""
    seen: set[str] = set()
    for block in (block for text in descriptions for block in text.split("\n\n")):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", block, re.MULTILINE))
        if fields.get("Status", "").endswith(" installed") and fields["Package"] not in seen:
            seen.add(fields["Package"])
            yield _debian(fields)


def _debian(fields: Mapping[str, str]) -> dict[str, Any]:
    name, version = fields["Package"], fields["Version"]
    return {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:deb/debian/{quote(name)}@{quote(version, safe='')}?arch={fields['Architecture']}",
    }


def document(name: str, components: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole, sorted, without a time and without a number of its own: these would be others in each build."""
    own = {"type": "container", "bom-ref": f"{OWN}/{name}", "name": f"{OWN}/{name}"}
    ordered = sorted(({"bom-ref": each["purl"], **each} for each in components), key=lambda each: str(each["purl"]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": own},
        "components": ordered,
        "dependencies": [{"ref": own["bom-ref"], "dependsOn": [each["bom-ref"] for each in ordered]}],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
