"""What a scorer is made of, and what its files hold.

What is here: `ScorerParts`: the parts, the digest that names them, and from parts to files and back.
What to add here: another part, with its place in a file.
What must not be here: how a folder is written and verified (`folder.py`), and scoring (`scorer.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from credit_platform.errors import ScorerError
from credit_platform.features import feature_version
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.calibration import Calibrator, calibrator_from_json
from credit_platform.scoring.fitted import FittedModel
from credit_platform.scoring.folder import (
    PROVENANCE,
    canonical_json,
    check_features,
    digest_of,
    read_manifest,
    verify_files,
    write_folder,
)
from credit_platform.scoring.reasons import ReasonMap
from credit_platform.scoring.words import REASONS_FILE, Words

SCORER_FILE = "scorer.json"


class ScorerParts:
    """What determines the answers of a `Scorer`, which adds the answering."""

    def __init__(
        self,
        portfolio: Portfolio,
        fitted: FittedModel,
        calibrator: Calibrator,
        threshold: float,
        metadata: Mapping[str, Any] | None = None,
        *,
        candidate: str | None = None,
        review: tuple[float, float] | None = None,
        provenance: Mapping[str, Any] | None = None,
        words: Words | None = None,
    ) -> None:
        """Put a scorer together.

        Args:
            portfolio: what is scored.
            fitted: encoder and model.
            calibrator: from margin to probability.
            threshold: probability of default from which an applicant is refused.
            metadata: what the model is made of (metrics, data versions, code version), as JSON values; part of the
                digest. `name`, if given, is the model's name in decisions instead of the portfolio's.
            candidate: name of the candidate that was trained; by default from the metadata, else the model's kind.
            review: probabilities between which a person decides; none by default.
            provenance: what differs between two equal scorers (time, run id), as JSON values; not in the digest.
            words: what applicants are told; by default what the portfolio declares now.

        Raises:
            ScorerError: a feature has no reason, or threshold and review band do not fit together.
        """
        if not 0 < threshold < 1 or (review is not None and not 0 <= review[0] <= threshold <= review[1] <= 1):
            raise ScorerError(
                f"Threshold {threshold} and review band {review} do not fit together.",
                "Give a threshold between 0 and 1, inside the review band if there is one.",
            )
        self.portfolio = portfolio
        self.fitted = fitted
        self.calibrator = calibrator
        self.threshold = float(threshold)
        self.review = review
        self.metadata = dict(metadata or {})
        self.candidate = candidate or str(self.metadata.get("candidate", fitted.model.kind))
        self.provenance = dict(provenance or {})
        self.feature_version = feature_version(portfolio)
        self.words = words or Words.of(portfolio)
        self.reasons = ReasonMap(portfolio, fitted.features, self.words.reasons)

    @property
    def name(self) -> str:
        """Name of the model in decisions."""
        return str(self.metadata.get("name", self.portfolio.name))

    @cached_property
    def digest(self) -> str:
        """SHA-256 (64 hex digits) of everything that determines an answer."""
        return digest_of(self._files)

    @property
    def version(self) -> str:
        """Version of the model in decisions: the first 12 digits of the digest."""
        return self.digest[:12]

    @cached_property
    def _files(self) -> dict[str, bytes]:
        """Content of each file that determines an answer."""
        description = {
            "portfolio": self.portfolio.name,
            "candidate": self.candidate,
            "model_kind": self.fitted.model.kind,
            "calibrator": self.calibrator.to_json(),
            "threshold": self.threshold,
            "review": None if self.review is None else list(self.review),
            "features": self.fitted.features,
            "feature_version": self.feature_version,
            "metadata": self.metadata,
        }
        return {SCORER_FILE: canonical_json(description), **self.words.files(), **self.fitted.files()}

    def save(self, folder: Path) -> str:
        """Write the scorer into `folder` at once, replacing a scorer that is there; return the digest.

        Raises:
            ScorerError: `folder` exists and is not a scorer's.
        """
        write_folder(Path(folder), self._files, canonical_json(self.provenance))
        return self.digest

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        verify: bool = True,
        portfolio: Portfolio | None = None,
        expected_digest: str | None = None,
    ) -> Self:
        """Load what `save` wrote; the loaded scorer gives the same scores to the last bit.

        Args:
            folder: a scorer's folder.
            verify: whether to compare every file with its hash.
            portfolio: definitions to use; by default the portfolio of that name which this code ships.
            expected_digest: digest that the scorer must have, as the registry remembers it.

        Raises:
            ScorerError: a file is missing or altered, the format is unknown, the digest is another, or the feature
                definitions of this code are not those the model was trained with.
        """
        path = Path(folder)
        listed, digest = read_manifest(path)
        if expected_digest not in (None, digest):
            raise ScorerError(
                f"{path} has digest {digest[:12]}, not {str(expected_digest)[:12]}.",
                "Load the folder that was approved.",
            )
        if verify:
            verify_files(path, listed)
        fitted = FittedModel.load(path)
        if set(listed) - {REASONS_FILE} != {SCORER_FILE, PROVENANCE, *fitted.files()}:
            raise ScorerError(f"{path} holds files its manifest does not list.", "Build the scorer again.")
        value = json.loads((path / SCORER_FILE).read_bytes())
        owner = portfolio or get_portfolio(value["portfolio"])
        scorer = cls(
            owner,
            fitted,
            calibrator_from_json(value["calibrator"]),
            value["threshold"],
            value["metadata"],
            candidate=value["candidate"],
            review=None if value["review"] is None else (value["review"][0], value["review"][1]),
            provenance=json.loads((path / PROVENANCE).read_bytes()),
            words=Words.load(path / REASONS_FILE if REASONS_FILE in listed else None, owner),
        )
        check_features(owner, value["feature_version"], path)
        return scorer
