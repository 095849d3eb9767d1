"""What MLflow runs to score with a registered scorer ("models from code"); `_mlflow_models` copies it there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow.models
import mlflow.pyfunc
import pandas as pd


class ScorerModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc, name-defined]  # mlflow has no types
    """Rows of the feature table in, probability of default out."""

    def load_context(self, context: Any) -> None:
        """Load and verify the scorer. Imported here: MLflow also runs this file when it stores the model."""
        from credit_platform.scoring.scorer import Scorer  # noqa: PLC0415  # runs inside MLflow, which imports this file alone

        self.scorer = Scorer.load(Path(context.artifacts["scorer"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """One column, `probability_of_default`, a row per row of `model_input`."""
        import polars as pl  # noqa: PLC0415  # runs inside MLflow, which imports this file alone

        del context, params
        probability = self.scorer.score_features(pl.from_pandas(model_input))
        return pl.DataFrame({"probability_of_default": probability}).to_pandas()


mlflow.models.set_model(ScorerModel())
