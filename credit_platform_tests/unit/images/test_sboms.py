"""What an image says of its parts: that a lock must name them, that the text is the same each time, and the schema."""

from __future__ import annotations

import importlib.util
from importlib.metadata import distributions
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from credit_platform_tests.unit.images.recipes import RECIPES, ROOT, having, stages
from scripts.images.sboms import fault_of, put_together

LOCK = """\
some-thing==1.2 ; sys_platform == 'linux' \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
    # via nobody
other[extra]==2 \\
    --hash=sha256:{c}
""".format(a="a" * 64, b="b" * 64, c="c" * 64)
DEBIAN = """\
Package: libgomp1
Status: install ok installed
Architecture: amd64
Version: 12.2.0-14+deb12u1
Description: GCC OpenMP
 of several lines

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1
"""


@pytest.fixture(scope="module")
def sbom() -> ModuleType:
    """The program that recipes run; it is no module of a package."""
    spec = importlib.util.spec_from_file_location("sbom", ROOT / "docker" / "sbom.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def installed(folder: Path, *packages: tuple[str, str, str]) -> Any:
    for name, version, more in packages:
        place = folder / f"{name}-{version}.dist-info"
        place.mkdir(parents=True)
        (place / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{more}\n")
    return distributions(path=[str(folder)])


@pytest.fixture
def whole(sbom: ModuleType, tmp_path: Path) -> dict[str, Any]:
    found = installed(
        tmp_path / "mes données é",
        ("Some_Thing", "1.2", "License-Expression: MIT OR Apache-2.0"),
        ("other", "2", "Classifier: License :: OSI Approved :: BSD License"),
        ("credit_platform", "0.1.0", ""),
    )
    packages = sbom.python_packages(found, sbom.hashes(LOCK), "requirements/some.txt")
    made: dict[str, Any] = sbom.document("service", [*packages, *sbom.debian_packages(DEBIAN, DEBIAN)])
    return made


def test_each_part_is_told_once_with_its_version_and_the_hashes_of_the_lock(whole: dict[str, Any]) -> None:
    parts = {each["name"]: each for each in whole["components"]}
    assert sorted(parts) == ["libgomp1", "other", "python", "some-thing"]
    assert parts["libgomp1"]["purl"] == "pkg:deb/debian/libgomp1@12.2.0-14%2Bdeb12u1?arch=amd64"
    assert parts["some-thing"]["licenses"] == [{"expression": "MIT OR Apache-2.0"}]
    assert parts["other"]["licenses"] == [{"license": {"name": "BSD License"}}]
    (reference,) = parts["some-thing"]["externalReferences"]
    assert [each["content"] for each in reference["hashes"]] == ["a" * 64, "b" * 64]


def test_the_schema_takes_it_and_what_is_put_together_of_it(whole: dict[str, Any]) -> None:
    assert fault_of(whole) is None
    both = put_together("spark", [whole, {**whole, "components": whole["components"][:1]}])
    assert both["components"] == whole["components"]
    assert fault_of(both) is None
    assert "colour" in str(fault_of({**whole, "colour": "blue"}))


def test_it_says_no_time_and_no_number_of_its_own(whole: dict[str, Any]) -> None:
    """In each build these would be others, and with them the layer."""
    assert not {"serialNumber", "timestamp"} & {*whole, *whole["metadata"]}
    keys = [each["bom-ref"] for each in whole["components"]]
    assert keys == sorted(keys)


@pytest.mark.parametrize("version", ["1.3", "1.2.0"])
def test_what_the_lock_does_not_name_stops_the_build(version: str, sbom: ModuleType, tmp_path: Path) -> None:
    found = installed(tmp_path, ("some-thing", version, ""))
    with pytest.raises(SystemExit, match=rf"some-thing {version} is installed and not in requirements/some.txt"):
        list(sbom.python_packages(found, sbom.hashes(LOCK), "requirements/some.txt"))


def test_hashes_are_those_of_each_real_lock(sbom: ModuleType) -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text(encoding="utf-8")
        found = [each for versions in sbom.hashes(text).values() for hashes in versions.values() for each in hashes]
        assert len(found) == text.count("--hash=sha256:"), lock.name


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_every_image_carries_its_own_of_the_lock_that_it_installs(recipe: Path) -> None:
    name = recipe.name.removesuffix(".Dockerfile")
    run = " ".join(command for stage in stages(recipe) for command in having("RUN", stage))
    (lock,) = {word for word in run.split() if word.startswith("requirements/")}
    assert f"docker/sbom.py {name} {lock} /libraries" in run
    assert run.index("docker/sbom.py") < run.index("docker/lay_out.sh"), "it gets the time of all other files"
