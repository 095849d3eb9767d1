"""Gradient boosting with scikit-learn (histogram trees).

What is here: the candidate, and the translation of its trees into LightGBM's text format, in which the service reads
them with exact TreeSHAP and without scikit-learn. Both libraries compare `value <= threshold` in float64 and send nulls
where a node says, so the translated trees give scikit-learn's margins but for the order of summation.
What must not be here: early stopping on a part of the training rows (see `lightgbm`).

Source: J. Friedman, Greedy function approximation: a gradient boosting machine (2001); scikit-learn's
HistGradientBoostingClassifier.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from credit_platform.modelling.candidates._base import BaseCandidate, suggest_boosting
from credit_platform.modelling.candidates._candidate import Profile, Trial
from credit_platform.modelling.candidates._training import (
    IMBALANCE,
    MAX_ROWS,
    ROWS,
    SCREENED,
    TOP_FEATURES,
    Training,
    monotone_signs,
    useful_bins,
)
from credit_platform.scoring import FittedModel, LightGBMModel

_LARGEST = 1e300
"""LightGBM reads no infinity; a threshold of infinity parts null from every number."""
_NULL_LEFT, _NULL_RIGHT = 10, 8
"""LightGBM's `decision_type`: a number, NaN is missing, and where missing goes."""


class GradientBoosting(BaseCandidate):
    """Leaf-wise trees on the raw numbers (nulls kept) and one-hot categories; monotone where features say so."""

    name = "gradient_boosting"
    title = "Gradient boosting (scikit-learn)"
    imbalance = f"{IMBALANCE} {SCREENED} {ROWS}"

    def default_params(self, profile: Profile = "quick") -> dict[str, Any]:
        """Small trees; `full` takes smaller and more steps."""
        full = profile == "full"
        return {
            "rounds": 200 if full else 100,
            "learning_rate": 0.05,
            "leaves": 12 if full else 6,
            "min_leaf_rows": 20,
            "column_share": 0.3,
            "reg_lambda": 10.0,
            "top_features": TOP_FEATURES,
            "max_rows": MAX_ROWS,
            "imbalance": "none",
            "monotone": True,
        }

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Rounds, learning rate, shape of trees, sampling, penalty, imbalance, monotone constraints."""
        return {
            "rounds": trial.suggest_int("rounds", 50, 400, step=50),
            "leaves": trial.suggest_int("leaves", 2, 31),
            "min_leaf_rows": trial.suggest_int("min_leaf_rows", 5, 60),
            "top_features": TOP_FEATURES,
            "max_rows": MAX_ROWS,
            **suggest_boosting(trial),
        }

    def train(self, training: Training) -> FittedModel:
        """Train; see `Candidate.fit`."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        chosen = training.params
        encoder, matrix = training.plain()
        trainer = HistGradientBoostingClassifier(
            learning_rate=chosen["learning_rate"],
            max_iter=chosen["rounds"],
            max_leaf_nodes=chosen["leaves"],
            min_samples_leaf=chosen["min_leaf_rows"],
            max_features=chosen["column_share"],
            l2_regularization=chosen["reg_lambda"],
            monotonic_cst=monotone_signs(encoder, training.features) if chosen["monotone"] else None,
            max_bins=useful_bins(matrix, default=255),
            early_stopping=False,
            random_state=training.seed,
        )
        # Equal weights are left out: with weights, scikit-learn computes its starting score and leaves more slowly.
        weights = None if chosen["imbalance"] != "weights" else training.weights
        with training.limited_threads(matrix):
            trainer.fit(matrix, training.target, sample_weight=weights)
        return FittedModel(encoder, LightGBMModel(lightgbm_text(trainer, matrix.shape[1])))


def lightgbm_text(trainer: Any, columns: int) -> str:
    """The trees of a fitted HistGradientBoostingClassifier (two classes) as a LightGBM model file.

    The starting score is added to the leaves of the first tree, as LightGBM itself does.

    Args:
        trainer: fitted, without categorical columns.
        columns: number of columns it was fitted on.
    """
    # scikit-learn shows neither the starting score nor the nodes otherwise; a test compares every margin.
    start = float(trainer._baseline_prediction[0, 0])
    trees = [stage[0].nodes for stage in trainer._predictors]
    blocks = [_tree_text(number, nodes, start if number == 0 else 0.0) for number, nodes in enumerate(trees)]
    names = " ".join(f"Column_{i}" for i in range(columns))
    head = [
        "tree",
        "version=v4",
        "num_class=1",
        "num_tree_per_iteration=1",
        "label_index=0",
        f"max_feature_idx={columns - 1}",
        "objective=binary sigmoid:1",
        f"feature_names={names}",
        f"feature_infos={' '.join(['[-1e300:1e300]'] * columns)}",
        f"tree_sizes={' '.join(str(len(block.encode())) for block in blocks)}",
        "",
        "",
    ]
    return (
        "\n".join(head) + "".join(blocks) + "end of trees\n\nfeature_importances:\n\nparameters:\nend of parameters\n"
    )


def _tree_text(number: int, nodes: Any, start: float) -> str:
    """One tree: inner nodes and leaves numbered apart, in the order of scikit-learn's array; a leaf i is ~i."""
    leaf = nodes["is_leaf"].astype(bool)
    place = np.where(leaf, ~(np.cumsum(leaf) - 1), np.cumsum(~leaf) - 1)
    inner, leaves = nodes[~leaf], nodes[leaf]
    threshold = np.clip(inner["num_threshold"], -_LARGEST, _LARGEST)
    decision = np.where(inner["missing_go_to_left"] == 1, _NULL_LEFT, _NULL_RIGHT)
    lines = {
        "num_leaves": [leaves.size],
        "num_cat": [0],
        "split_feature": inner["feature_idx"],
        "split_gain": inner["gain"],
        "threshold": threshold,
        "decision_type": decision,
        "left_child": place[inner["left"].astype(np.int64)],
        "right_child": place[inner["right"].astype(np.int64)],
        "leaf_value": leaves["value"] + start,
        "leaf_weight": leaves["count"],
        "leaf_count": leaves["count"],
        "internal_value": inner["value"] + start,
        "internal_weight": inner["count"],
        "internal_count": inner["count"],
        "is_linear": [0],
        "shrinkage": [1],
    }
    text = "\n".join(f"{name}={' '.join(_number(v) for v in values)}" for name, values in lines.items())
    return f"Tree={number}\n{text}\n\n\n"


def _number(value: Any) -> str:
    """A number to the last bit."""
    return repr(float(value)) if isinstance(value, np.floating | float) else str(int(value))


CANDIDATE = GradientBoosting()
