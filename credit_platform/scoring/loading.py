"""Which class reads which model file.

What is here: `load_model`.
What to add here: the class of a new format.
What must not be here: a format that runs code when it is read (pickle, joblib).
"""

from __future__ import annotations

import json
from pathlib import Path

from credit_platform.errors import ScorerError
from credit_platform.scoring._model import Model
from credit_platform.scoring.models import LightGBMModel, LinearModel, XGBoostModel
from credit_platform.scoring.neural import NeuralModel
from credit_platform.scoring.stacked import StackedModel, part_file

_Single = type[LinearModel] | type[XGBoostModel] | type[LightGBMModel] | type[NeuralModel]
_SINGLE: tuple[_Single, ...] = (LinearModel, XGBoostModel, LightGBMModel, NeuralModel)


def load_model(folder: Path) -> Model:
    """Load the model that `save` wrote into `folder`, by the name of its file.

    Raises:
        ScorerError: the folder holds no model file, or more than one, or a stack lacks one of its parts.
    """
    names = [kind.file_name for kind in _SINGLE] + [StackedModel.file_name]
    found = [name for name in names if (folder / name).is_file()]
    if len(found) != 1:
        raise ScorerError(
            f"{folder} holds {len(found)} model files; exactly one of {', '.join(names)} is expected.",
            "Build the scorer again, or copy the whole folder.",
        )
    content = (folder / found[0]).read_bytes()
    if found[0] == StackedModel.file_name:
        return _stack(folder, content)
    return next(kind for kind in _SINGLE if kind.file_name == found[0]).from_content(content)


def _stack(folder: Path, description: bytes) -> StackedModel:
    kinds = {kind.kind: kind for kind in _SINGLE}
    models: dict[str, Model] = {}
    for part in json.loads(description)["parts"]:
        kind = kinds.get(part["kind"])
        path = folder / part_file(part["name"], kind.file_name if kind else part["kind"])
        if kind is None or not path.is_file():
            raise ScorerError(
                f"{folder} lacks {path.name}, a part of the stack.", "Build the scorer again, or copy the whole folder."
            )
        models[part["name"]] = kind.from_content(path.read_bytes())
    return StackedModel.from_contents(description, models)
