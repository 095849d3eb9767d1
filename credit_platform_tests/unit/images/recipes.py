"""The recipes of `docker/`, read into instructions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
RECIPES = sorted((ROOT / "docker").glob("*.Dockerfile"))


@dataclass(frozen=True)
class Instruction:
    """One instruction, with its continued lines joined."""

    word: str
    rest: str


def stages(recipe: Path) -> list[list[Instruction]]:
    """The instructions of each stage, each beginning with its FROM; what goes before the first one is left out."""
    found: list[list[Instruction]] = []
    for instruction in instructions(recipe):
        if instruction.word == "FROM":
            found.append([])
        if found:
            found[-1].append(instruction)
    return found


def instructions(recipe: Path) -> list[Instruction]:
    """All of them, in order."""
    lines = [line for line in recipe.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    whole = "\n".join(lines).replace("\\\n", " ")
    return [Instruction(*line.split(maxsplit=1)) for line in whole.splitlines()]


def having(word: str, among: list[Instruction]) -> list[str]:
    """What follows a word, each time it stands there."""
    return [instruction.rest for instruction in among if instruction.word == word]
