"""The deployable unit: features + model + calibration + threshold + reasons, in safe formats.

What is here: `Scorer` and what it is made of. Batch scoring, the service, the console and the replay of past decisions
all call the same one.
    the unit    `scorer.py`, its `folder.py`, `decision.py`: the shapes of requests and decisions, and `rule.py`: from a
                probability and the threshold to a decision.
    encoders    `encoder.py`, `row_encoder.py` (a few rows, quickly), `woe.py`.
    models      `models.py`, `neural.py`, `stacked.py`, read by `loading.py`; `fitted.py` joins encoder and model.
    answers     `calibration.py`, `points.py`, `reasons.py`, `counterfactuals.py`.
    many rows   `score_file.py`, `stored_histories.py`.
What to add here: whatever changes an answer to an applicant.
What must not be here: training, HTTP, dagster, mlflow, pandas or scikit-learn: the slim service installs none of them.
"""

from credit_platform.scoring._model import Model
from credit_platform.scoring.calibration import (
    Calibrator,
    IdentityCalibrator,
    IsotonicCalibrator,
    PlattCalibrator,
    calibrator_from_json,
    sigmoid,
)
from credit_platform.scoring.decision import (
    DataUsed,
    Decision,
    Language,
    ModelInfo,
    Outcome,
    ReasonGiven,
    Request,
    Rights,
)
from credit_platform.scoring.encoder import FeatureEncoder, join_encoders
from credit_platform.scoring.explanation import Explanation
from credit_platform.scoring.fitted import FittedModel
from credit_platform.scoring.loading import load_model
from credit_platform.scoring.models import LightGBMModel, LinearModel, XGBoostModel
from credit_platform.scoring.neural import NeuralModel
from credit_platform.scoring.points import points
from credit_platform.scoring.reasons import ReasonMap
from credit_platform.scoring.scorer import Scorer
from credit_platform.scoring.stacked import StackedModel, StackedPart
from credit_platform.scoring.woe import WoeEncoding, points_table

__all__ = [
    "Calibrator",
    "DataUsed",
    "Decision",
    "Explanation",
    "FeatureEncoder",
    "FittedModel",
    "IdentityCalibrator",
    "IsotonicCalibrator",
    "Language",
    "LightGBMModel",
    "LinearModel",
    "Model",
    "ModelInfo",
    "NeuralModel",
    "Outcome",
    "PlattCalibrator",
    "ReasonGiven",
    "ReasonMap",
    "Request",
    "Rights",
    "Scorer",
    "StackedModel",
    "StackedPart",
    "WoeEncoding",
    "XGBoostModel",
    "calibrator_from_json",
    "join_encoders",
    "load_model",
    "points",
    "points_table",
    "sigmoid",
]
