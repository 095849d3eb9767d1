"""A stack: a weighted sum of other models, each in its own format.

What is here: `StackedModel` and `StackedPart`.
What must not be here: learning the weights (`modelling.candidates.stacked`), formats of single models.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from credit_platform.scoring._model import Floats, Model, StoredModel


@dataclass(frozen=True)
class StackedPart:
    """One model of a stack."""

    name: str
    """Name of the candidate that trained it."""
    model: Model
    columns: tuple[int, ...]
    """Columns of the stack's matrix that this model reads, in its own order."""
    weight: float
    """By which its margin is multiplied."""

    @cached_property
    def index(self) -> NDArray[np.intp]:
        """`columns` as an array."""
        return np.array(self.columns, dtype=np.intp)


class StackedModel(StoredModel):
    """Margin = intercept + sum of weight * margin of each part.

    Contributions are the parts' own, weighted and added up column by column; as each part's add up to its margin, so
    do these.
    """

    kind: ClassVar[str] = "stacked"
    file_name: ClassVar[str] = "model.stacked.json"

    def __init__(self, parts: Sequence[StackedPart], intercept: float) -> None:
        """Parts with their weights, and the intercept in log-odds."""
        self.parts = tuple(parts)
        self.intercept = float(intercept)

    def margin(self, matrix: Floats) -> Floats:
        """Log-odds of default, (n,)."""
        total = np.full(len(matrix), self.intercept)
        for part in self.parts:
            total += part.weight * part.model.margin(_own(matrix, part))
        return total

    def contributions(self, matrix: Floats) -> Floats:
        """(n, k + 1): weighted contributions of the parts; last the intercept and the parts' base values."""
        return self.explain(matrix)[1]

    def explain(self, matrix: Floats) -> tuple[Floats, Floats]:
        """`margin` and `contributions`, asking each part once."""
        margin = np.full(len(matrix), self.intercept)
        total = np.zeros((len(matrix), matrix.shape[1] + 1))
        total[:, -1] = self.intercept
        for part in self.parts:
            own_margin, own = part.model.explain(_own(matrix, part))
            margin += part.weight * own_margin
            total[:, part.index] += part.weight * own[:, :-1]
            total[:, -1] += part.weight * own[:, -1]
        return margin, total

    def files(self) -> dict[str, bytes]:
        """A JSON file with weights and columns, and the files of each part, prefixed with its name."""
        value = {
            "intercept": self.intercept,
            "parts": [
                {"name": part.name, "kind": part.model.kind, "columns": list(part.columns), "weight": part.weight}
                for part in self.parts
            ],
        }
        files = {self.file_name: json.dumps(value, sort_keys=True).encode()}
        for part in self.parts:
            files |= {part_file(part.name, name): content for name, content in part.model.files().items()}
        return files

    @classmethod
    def from_contents(cls, description: bytes, models: Mapping[str, Model]) -> StackedModel:
        """Make the stack from the content of its JSON file and the models of its parts, by name."""
        value = json.loads(description)
        parts = [_part(item, models) for item in value["parts"]]
        return cls(parts, value["intercept"])


def part_file(part: str, name: str) -> str:
    """File of a stack that holds what the part would call `name`."""
    return f"{part}.{name}"


def _part(item: Mapping[str, Any], models: Mapping[str, Model]) -> StackedPart:
    return StackedPart(item["name"], models[item["name"]], tuple(item["columns"]), float(item["weight"]))


def _own(matrix: Floats, part: StackedPart) -> Floats:
    return np.ascontiguousarray(matrix[:, part.index])
