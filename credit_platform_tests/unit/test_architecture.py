"""docs/ARCHITECTURE.md shows the rooms that import-linter enforces, and every room there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]


def layers(container: str) -> list[list[str]]:
    (found,) = (c["layers"] for c in CONTRACTS if c["type"] == "layers" and c["containers"] == [container])
    return [layer.split(" | ") for layer in found]


def test_the_picture_has_the_floors_of_the_contract() -> None:
    boxes = dict(re.findall(r'\b([a-z])\["([^"]+)"\]', PAGE))
    assert [boxes[name].split(" · ") for name in sorted(boxes)] == layers("credit_platform")
    arrows = re.findall(r"^  ([a-z])(?:\[[^]]*\])? --> ([a-z])", PAGE, flags=re.MULTILINE)
    assert arrows == list(zip(sorted(boxes), sorted(boxes)[1:], strict=False))


def test_the_rooms_of_the_service_are_those_of_its_contract() -> None:
    inside = [layer[0] for layer in layers("bento") if (ROOT / "bento" / layer[0]).is_dir()]
    assert f"bento: {' > '.join(inside)}" in PAGE


def test_every_room_is_on_a_floor() -> None:
    named = {name for layer in layers("credit_platform") for name in layer}
    package = ROOT / "credit_platform"
    rooms = {path.name for path in package.iterdir() if (path / "__init__.py").is_file()}
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    assert rooms | modules == named


def test_what_the_page_names_is_there() -> None:
    for name in re.findall(r"`([\w/]+(?:/\w+)*\.py)`", PAGE):
        places = [ROOT / name, ROOT / "credit_platform" / name, *(ROOT / "credit_platform").rglob(name)]
        places += [*(ROOT / "bento").rglob(name)]
        assert any(place.is_file() for place in places), name
