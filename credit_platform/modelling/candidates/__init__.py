"""Kinds of model that compete: one module each, behind the `Candidate` interface.

What is here: `get_candidate` and `candidate_names`: every module of this package whose name does not start with "_".
What to add here: a module `<name>.py` that defines `CANDIDATE`, whose `name` is the module's. Import the training
library inside `fit`, so that listing candidates stays quick.
What must not be here: folds, metrics, calibration, MLflow; models whose only format is a pickle.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from credit_platform.errors import ModellingError
from credit_platform.modelling.candidates._candidate import Candidate, Params, Profile, Trial
from credit_platform.modelling.candidates._reuse import reusing

__all__ = [
    "Candidate",
    "Params",
    "Profile",
    "Trial",
    "candidate_names",
    "get_candidate",
    "reusing",
]


@cache
def candidate_names() -> tuple[str, ...]:
    """Names of all candidates, alphabetically."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


@cache
def get_candidate(name: str) -> Candidate:
    """Return the candidate called `name`.

    Raises:
        ModellingError: no module of that name exists; the message lists those that do.
    """
    if name not in candidate_names():
        raise ModellingError(f"There is no candidate {name!r}.", f"Use one of: {', '.join(candidate_names())}.")
    candidate: Candidate = importlib.import_module(f"{__name__}.{name}").CANDIDATE
    return candidate
