"""What a version says of itself, if everything in the checkout is of that version: `make release-notes VERSION=v0.2.0`.

What is here: `notes` (the section of CHANGELOG.md), `versions` (what each file says), and the command that prints notes
or says which file disagrees.
What to add here: another file that names the version, in `versions`.
What must not be here: making a tag; that is `.github/workflows/release.yml`.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from typing import Final

import credit_platform
from scripts.chart.helm import CHART, ROOT
from scripts.delivery.environments import read_yaml
from scripts.images.build import IMAGES

_SECTION: Final = re.compile(r"^## \[(?P<version>[^]]+)](?: - (?P<date>\d{4}-\d{2}-\d{2}))?$", re.MULTILINE)
_LABEL: Final = re.compile(r"^ARG VERSION=(.+)$", re.MULTILINE)


def versions() -> Mapping[str, str]:
    """The version that each file names."""
    chart, values = read_yaml(CHART / "Chart.yaml"), read_yaml(CHART / "values.yaml")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    files = [f"docker/{name}.Dockerfile" for name in IMAGES]
    recipes = {file: (ROOT / file).read_text(encoding="utf-8") for file in files}
    return {
        "pyproject.toml": str(project["version"]),
        "credit_platform/__init__.py": credit_platform.__version__,
        "Chart.yaml, version": str(chart["version"]),
        "Chart.yaml, appVersion": str(chart["appVersion"]),
        **{f"values.yaml, images.{name}.tag": str(values["images"][name]["tag"]) for name in IMAGES},
        **{file: " and ".join(_LABEL.findall(text)) for file, text in recipes.items()},
        "CHANGELOG.md, the newest version": _released()[0],
    }


def notes(version: str) -> str:
    """Section of the changelog; empty where there is none."""
    found = list(_SECTION.finditer(_changelog()))
    for one, after in zip(found, [*found[1:], None], strict=True):
        if one["version"] == version:
            return _changelog()[one.end() : after.start() if after else None].strip() + "\n"
    return ""


def main(arguments: Sequence[str]) -> int:
    """Print the notes; exit status for the shell."""
    version = arguments[0].removeprefix("v") if arguments else ""
    if not arguments or not arguments[0].startswith("v"):
        sys.stderr.write("Say which version, as v0.2.0: make release-notes VERSION=v0.2.0\n")
        return 1
    base = version.partition("-")[0]  # a candidate, as v0.2.0-rc.1, has the notes of what it is to become
    others = {file: said for file, said in versions().items() if said != base}
    for file, said in others.items():
        sys.stderr.write(f"{file} says {said or 'nothing'}, not {base}.\n")
    if others:
        return 1
    if _released()[1] is None:
        sys.stderr.write(f"The section {base} of CHANGELOG.md has no date. Write it as ## [{base}] - YYYY-MM-DD.\n")
        return 1
    sys.stdout.write(notes(base))
    return 0


def _released() -> tuple[str, str | None]:
    """The newest version of the changelog that is not in the making, and its date."""
    newest = next((one for one in _SECTION.finditer(_changelog()) if one["version"] != "Unreleased"), None)
    return ("", None) if newest is None else (newest["version"], newest["date"])


def _changelog() -> str:
    return (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
