"""MLflow imported quietly, and what it stores of a scorer.

What is here: `imported_mlflow`, `save_pyfunc`.
What must not be here: runs and the registry (`tracking.py`).
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

from credit_platform.scoring.fitted import FittedModel

_PYFUNC = Path(__file__).with_name("_pyfunc.py")
_SCORER = "scorer"


def imported_mlflow() -> Any:
    """MLflow, with its telemetry off, and less talkative."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow warns about its own type hints and imports while it is imported
        import mlflow
        import mlflow.artifacts
        import mlflow.entities
        import mlflow.models
        import mlflow.pyfunc
        import mlflow.store.artifact.artifact_repository_registry

    for noisy in ("mlflow.store.db.utils", "alembic", "mlflow.pyfunc"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return mlflow


def save_pyfunc(folder: Path, scorer_folder: Path) -> None:
    """Write an MLflow model that holds the scorer folder and the code of `_pyfunc.py`."""
    mlflow = imported_mlflow()
    categorical = {
        encoding["name"]
        for encoding in FittedModel.load(scorer_folder).encoder.to_json()["encodings"]
        if encoding["kind"] == "categorical"
    }
    features = json.loads((scorer_folder / "scorer.json").read_bytes())["features"]
    columns = [
        mlflow.types.ColSpec("string" if name in categorical else "double", name, required=False) for name in features
    ]
    signature = mlflow.models.ModelSignature(
        inputs=mlflow.types.Schema(columns),
        outputs=mlflow.types.Schema([mlflow.types.ColSpec("double", "probability_of_default")]),
    )
    with tempfile.TemporaryDirectory() as parent, warnings.catch_warnings():
        # MLflow wants an input example: that would be an applicant's data in the registry.
        warnings.filterwarnings("ignore", message=".*input example was not provided", category=UserWarning)
        named = shutil.copytree(scorer_folder, Path(parent) / _SCORER)
        mlflow.pyfunc.save_model(
            path=str(folder),
            python_model=str(_PYFUNC),
            artifacts={_SCORER: str(named)},
            signature=signature,
            pip_requirements=["credit-platform[serving]"],
        )
