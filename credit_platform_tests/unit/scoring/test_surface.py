"""What the rest of the house may use of `credit_platform.scoring`: a change of it is a change of this file."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from credit_platform import scoring

FOLDER = Path(scoring.__file__).parent
PUBLIC = [
    *("Calibrator", "Case", "DataUsed", "Decision", "Explanation", "FeatureEncoder", "Features", "FittedModel"),
    *("IdentityCalibrator", "IsotonicCalibrator", "Language", "LightGBMModel", "LinearModel", "Margins", "Model"),
    *("ModelInfo", "NeuralModel", "Outcome", "PlattCalibrator", "ReasonGiven", "ReasonMap", "Request", "Rights"),
    *("Scorer", "StackedModel", "StackedPart", "WoeEncoding", "XGBoostModel", "calibrator_from_json"),
    *("join_encoders", "load_model", "points", "points_table", "sigmoid"),
]
SCORER = {
    *("accepts_missing", "digest", "history_tables", "name", "readers", "version"),  # what it is
    *("load", "save"),
    *("case_of", "cases_of", "data_used", "decide", "explanation", "features_of", "margins", "outcome"),  # the one way
    *("check", "score", "score_features"),  # doors to it
    "reason_codes",  # of a shadow, which answers nobody
}


def documented_assignments() -> dict[str, str | None]:
    """Each name that a module of the package assigns, with the text below it."""
    found: dict[str, str | None] = {}
    for path in FOLDER.glob("*.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        for statement, below in zip(body, [*body[1:], None], strict=True):
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                text = below.value if isinstance(below, ast.Expr) else None
                is_text = isinstance(text, ast.Constant) and isinstance(text.value, str)
                found[statement.targets[0].id] = ast.unparse(text) if text is not None and is_text else None
    return found


def methods(thing: Any) -> Iterator[tuple[str, str | None]]:
    for owner in thing.__mro__:
        if owner.__module__.startswith("credit_platform."):
            for name, member in vars(owner).items():
                plain = getattr(member, "__func__", member)
                if not name.startswith("_") and (callable(plain) or isinstance(plain, property | cached_property)):
                    yield name, plain.__doc__


def test_the_public_names_are_these() -> None:
    assert scoring.__all__ == PUBLIC
    assert [name for name in PUBLIC if not hasattr(scoring, name)] == []


def test_a_scorer_can_be_asked_this() -> None:
    assert {name for name in dir(scoring.Scorer) if not name.startswith("_")} == SCORER


@pytest.mark.parametrize("name", PUBLIC)
def test_each_public_name_says_what_it_is(name: str) -> None:
    thing = getattr(scoring, name)
    if not (inspect.isclass(thing) or inspect.isfunction(thing)):
        assert documented_assignments()[name], name
        return
    text = inspect.getdoc(thing) or ""
    # Where nobody wrote a text, `dataclass` writes the signature.
    assert text
    assert not text.startswith(f"{name}(")
    if inspect.isclass(thing):
        assert [method for method, text in methods(thing) if not text] == []


def test_the_package_names_each_of_its_modules() -> None:
    text = importlib.import_module("credit_platform.scoring").__doc__ or ""
    modules = {path.name for path in FOLDER.glob("*.py")} - {"__init__.py"}
    assert {name for name in modules if f"`{name}`" not in text} == set()
