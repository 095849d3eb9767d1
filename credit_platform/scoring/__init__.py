"""The deployable unit: features + model + calibration + threshold + reasons, in safe formats.

What is here: `Scorer` and what it is made of. Batch scoring, the service, the console and the replay of past decisions
all call the same one.
    the unit    `scorer.py` answers: features, margins, decisions; `parts.py` says what it is made of and what its files
                hold, `folder.py` how they lie on disk.
    shapes      `decision.py`: requests and decisions; `cases.py`: what an answer needs beside the score;
                `explanation.py`: margins and contributions.
    encoders    `encoder.py` with its `encodings.py`, `row_encoder.py` (a few rows, quickly), `woe.py`.
    models      `_model.py`: what a model is; `models.py`, `neural.py`, `stacked.py`, read by `loading.py`; `fitted.py`
                joins encoder and model.
    answers     `calibration.py`; `rule.py`: from a probability and the threshold to a decision; `points.py`;
                `reasons.py` chooses sentences, `wordings.py` says which are true; `rights.py`; `words.py` keeps the
                words of an answer with the scorer; `counterfactuals.py`.
    checks      `whose_rows.py`: the rows of a request are of one applicant.
    many rows   `score_table.py` (a feature table); `score_file.py` with its `header.py` and `file_rows.py` (a file of
                applications); `stored_histories.py`.
    the Bento   `served_source.py`: the code around a scorer is the one that was promoted.
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
from credit_platform.scoring.cases import Case
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
from credit_platform.scoring.explanation import Explanation, Margins
from credit_platform.scoring.fitted import Features, FittedModel
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
    "Case",
    "DataUsed",
    "Decision",
    "Explanation",
    "FeatureEncoder",
    "Features",
    "FittedModel",
    "IdentityCalibrator",
    "IsotonicCalibrator",
    "Language",
    "LightGBMModel",
    "LinearModel",
    "Margins",
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
