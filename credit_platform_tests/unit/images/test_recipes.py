"""What every image keeps to, by its recipe: user, base, locks, layers that can be made again."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from credit_platform_tests.unit.images.recipes import RECIPES, ROOT, having, instructions, stages
from scripts.images.build import IMAGES, ON_PLATFORM, build_arguments
from scripts.images.sizes import LIMITS

recipes = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
USER = "10001:10001"
LABELS = ("title", "description", "source", "licenses", "version", "revision", "created")
SECRET = re.compile(r"(?i)\b\w*(?:password|passwd|secret_?key|api_?key|token|credential)\w*\s*=")


def test_every_recipe_is_built_and_weighed() -> None:
    assert sorted(recipe.name.removesuffix(".Dockerfile") for recipe in RECIPES) == sorted((*IMAGES, *ON_PLATFORM))
    assert set(LIMITS) == {*IMAGES, *ON_PLATFORM}


@pytest.mark.parametrize("name", ON_PLATFORM)
def test_what_stands_on_platform_stands_on_that_of_the_same_tag(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_TAG", "7")
    monkeypatch.setenv("IMAGE_PREFIX", "lending")
    assert "PLATFORM=lending/platform:7" in build_arguments(name)
    assert not [word for word in build_arguments("platform") if word.startswith("PLATFORM=")]


@pytest.mark.parametrize("name", ON_PLATFORM)
def test_what_platform_has_already_is_of_the_same_version(name: str) -> None:
    """So that it can be left out of the layer on top."""
    versions = [
        dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / "requirements" / f"{lock}.txt").read_text(), re.MULTILINE))
        for lock in (name, "platform")
    ]
    shared = set(versions[0]) & set(versions[1])
    assert {each: versions[0][each] for each in shared} == {each: versions[1][each] for each in shared}


@recipes
def test_the_base_is_named_by_who_builds(recipe: Path) -> None:
    (first, *_) = instructions(recipe)
    assert re.fullmatch(r"BASE=[\w./-]+:[\w.-]+", first.rest)
    assert first.word == "ARG"
    for stage in stages(recipe):
        assert stage[0].rest.split()[0] in ("${BASE}", "libraries", "${PLATFORM}"), stage[0]
    # A line of this kind is fetched from a registry before anything else is.
    assert not recipe.read_text(encoding="utf-8").lower().startswith("# syntax")


@recipes
def test_it_runs_as_a_number_without_rights(recipe: Path) -> None:
    last = stages(recipe)[-1]
    assert having("USER", last) == [USER]
    words = [instruction.word for instruction in last]
    assert "RUN" not in words[words.index("USER") :]


@recipes
def test_the_last_stage_installs_nothing(recipe: Path) -> None:
    last = stages(recipe)[-1]
    assert having("RUN", last) == []
    assert having("ADD", last) == []
    # Laid out with one time on all of it, and so the same layer each time.
    assert having("COPY", last)
    assert all(re.fullmatch(r"--from=(\w+) /\1/ /", copied) for copied in having("COPY", last))


@recipes
def test_what_is_installed_stands_in_a_lock_with_hashes(recipe: Path) -> None:
    run = " ".join(command for stage in stages(recipe) for command in having("RUN", stage))
    assert re.search(r"--mount=type=cache,\S+ sh docker/(?:install|beside)\.sh requirements/\w+\.txt", run)
    (lock,) = set(re.findall(r"(?:install|beside)\.sh (requirements/\w+\.txt)", run))
    assert "--hash=sha256:" in (ROOT / lock).read_text(encoding="utf-8")
    assert "pip install" not in run
    assert "curl" not in run
    assert "wget" not in run
    assert "--require-hashes" in (ROOT / "docker" / "install.sh").read_text(encoding="utf-8")


@recipes
def test_no_compiler_is_installed(recipe: Path) -> None:
    text = recipe.read_text(encoding="utf-8")
    assert re.findall(r"--no-install-recommends ([\w -]+?) *\\?$", text, re.MULTILINE) in (
        [],
        ["libgomp1"],
        ["openjdk-17-jre-headless"],
    )
    assert not re.search(r"build-essential|\bgcc\b|\bg\+\+|\bgit\b(?!hub)", text)


@recipes
def test_nothing_secret_is_said_while_it_is_built(recipe: Path) -> None:
    said = [text for stage in stages(recipe) for word in ("ARG", "ENV") for text in having(word, stage)]
    assert [text for text in said if SECRET.search(text)] == []


@recipes
def test_it_says_what_it_is_and_whether_it_is_well(recipe: Path) -> None:
    last = stages(recipe)[-1]
    (labels,) = having("LABEL", last)
    assert [name for name in LABELS if f"org.opencontainers.image.{name}=" not in labels] == []
    assert len(having("HEALTHCHECK", last)) == 1
    assert having("ENTRYPOINT", last) == ['["/opt/secrets.sh"]']
    # As a list, so that the program hears of SIGTERM itself.
    assert isinstance(json.loads(having("CMD", last)[0]), list)


def test_only_what_is_named_gets_into_a_build() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    named = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    assert [name for name in named if not (ROOT / name).exists()] == []
    copied = {
        source
        for recipe in RECIPES
        for stage in stages(recipe)
        for text in having("COPY", stage)
        if not text.startswith("--from")
        for source in text.split()[:-1]
    }
    assert [
        source for source in sorted(copied) if not any(source == n or source.startswith(f"{n}/") for n in named)
    ] == []


def test_nothing_says_when_our_package_was_installed() -> None:
    """The installer notes it in two files and lists these with their digests: another layer in each build."""
    text = (ROOT / "docker" / "project.sh").read_text(encoding="utf-8")
    for noted in ("uv_cache", "direct_url"):
        assert re.search(rf"rm -f .*/{noted}\.json", text)
        assert f"\\/{noted}\\.json,/d" in text
