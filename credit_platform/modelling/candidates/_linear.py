"""Logistic regression whose coefficients all point the way they should.

What is here: `signed_logistic`, for inputs that are risk measures already (weight of evidence, margins of models).
What must not be here: encoding, screening.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def signed_logistic(matrix: Floats, target: NDArray[np.int8], weights: Floats, *, c: float) -> tuple[Floats, float]:
    """Coefficients (k,), none below 0, and intercept of an L2-penalised logistic regression.

    A column whose coefficient comes out negative although it rises with the risk on its own repeats others; it is
    left out (coefficient 0) and the rest fitted again, until none is negative; where nothing rises with the risk, all
    are 0.

    Args:
        matrix: (n, k), each column rising with the risk.
        target: (n,).
        weights: (n,) of the rows.
        c: inverse strength of the penalty.
    """
    from sklearn.linear_model import LogisticRegression as Trainer

    kept = np.arange(matrix.shape[1])
    while kept.size:
        trainer = Trainer(C=c, max_iter=2000, tol=1e-6)
        trainer.fit(matrix[:, kept], target, sample_weight=weights)
        own = trainer.coef_[0]
        if (own >= 0).all():
            coefficients = np.zeros(matrix.shape[1])
            coefficients[kept] = own
            return coefficients, float(trainer.intercept_[0])
        # The worst half of the wrong ones at once: one by one would be as many fits as columns.
        wrong = np.argsort(own)[: max(1, int((own < 0).sum()) // 2)]
        kept = np.delete(kept, wrong)
    share = float(np.average(target, weights=weights))
    return np.zeros(matrix.shape[1]), float(np.log(share / (1 - share)))
