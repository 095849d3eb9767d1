"""`Scorer`: the deployable unit.

What is here: from a request to a decision, and from a feature table to probabilities; save and load.
What to add here: whatever every caller (batch, service, console, replay) must do alike.
What must not be here: HTTP, logging of decisions, training.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.errors import RequestError, ScorerError
from credit_platform.features import ApplicantFeatures, feature_version
from credit_platform.features.one_applicant import FeatureRow
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.calibration import Calibrator, calibrator_from_json
from credit_platform.scoring.decision import Decision, Language, ModelInfo, Outcome, Request
from credit_platform.scoring.fitted import FittedModel
from credit_platform.scoring.folder import (
    PROVENANCE,
    canonical_json,
    digest_of,
    read_manifest,
    verify_files,
    write_folder,
)
from credit_platform.scoring.points import points
from credit_platform.scoring.reasons import ReasonMap
from credit_platform.scoring.row_encoder import FeatureValues
from credit_platform.scoring.rule import decide

Floats = NDArray[np.float64]

SCORER_FILE = "scorer.json"


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why a set of applicants got their scores."""

    features: list[str]
    """Names of the features, in the order of the columns of `contributions`."""
    contributions: Floats
    """(rows, features): contribution of each feature to the calibrated log-odds of default."""
    base_value: Floats
    """(rows,): what is left without them. Contributions and base value add up to `log_odds`."""
    log_odds: Floats
    """(rows,): calibrated log-odds of default."""


class Scorer:
    """Feature definitions, model, calibration, threshold and reasons of one portfolio.

    A probability of default below `threshold` is accepted, one at or above it refused. With a `review` band (from, to)
    a probability from `from` (included) to `to` (excluded) goes to a person instead.
    """

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
        self._reasons = ReasonMap(portfolio, fitted.features)

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
    def _info(self) -> ModelInfo:
        return ModelInfo(name=self.name, version=self.version, feature_version=self.feature_version)

    @cached_property
    def _applicant(self) -> ApplicantFeatures:
        """Converted once: most of the time of one applicant would go into converting expressions."""
        return ApplicantFeatures(self.portfolio)

    def score(self, request: Request) -> Decision:
        """Decide about one applicant.

        Raises:
            RequestError: the application is not acceptable, or the language is not known; the field is named.
        """
        return self.assess(request)[0]

    def assess(self, request: Request, *, stored: FeatureValues | None = None) -> tuple[Decision, FeatureRow]:
        """Decide about one applicant; returns the decision and the feature values it rests on, for the decision log.

        Args:
            request: whom to decide about.
            stored: feature values of the applicant's histories, used when the request brings none.

        Raises:
            RequestError: the application is not acceptable, or the language is not known; the field is named.
        """
        features = self.features_of(request, stored=stored)
        return self.decide_rows([request], [features])[0], features

    def features_of(self, request: Request, *, stored: FeatureValues | None = None) -> FeatureRow:
        """Feature values of one applicant, as `assess` uses them.

        Raises:
            RequestError: the application is not acceptable, or the language is not known; the field is named.
        """
        if request.language not in get_args(Language):
            raise RequestError(f"Language {request.language!r} is not known.", "Use fr or en.", field="language")
        if not self.accepts_missing:
            self._require_all(request)
        return self._applicant.values(request.application, request.histories, stored=stored)

    @cached_property
    def accepts_missing(self) -> bool:
        """Whether the model gives a probability however many features are missing."""
        nothing: FeatureRow = dict.fromkeys(self.fitted.features)
        margin, _ = self.fitted.explain_rows([nothing])
        return bool(np.isfinite(margin).all())

    def _require_all(self, request: Request) -> None:
        """Refuse a reduced application: this model cannot bear missing inputs."""
        for column in self.portfolio.application_columns:
            if not column.nullable and column.protected is None and request.application.get(column.name) is None:
                name = f"application.{column.name}"
                raise RequestError(f"{name} is missing.", f"Give it: {column.description}", name)

    def decide_rows(self, requests: Sequence[Request], features: Sequence[FeatureValues]) -> list[Decision]:
        """Decide about a few applicants at once, given their feature values; each as if it were alone."""
        margin, raw = self.fitted.explain_rows(features)
        names = [(r.request_id, r.applicant_id, r.language) for r in requests]
        return self._decide(margin, raw, names)

    def explain_rows(self, features: Sequence[FeatureValues]) -> Explanation:
        """`explain` for the feature values of a few applicants."""
        return self._explanation(*self.fitted.explain_rows(features))

    def decide(self, frame: pl.DataFrame, *, language: Language = "en") -> list[Decision]:
        """Decide about each row of a feature table, in its order; the same answers as `score` gives one by one.

        The applicant key is taken from `frame` where it is a column; request ids are made up.
        """
        key = self.portfolio.applicant_key
        ids = frame[key].cast(pl.String).to_list() if key in frame.columns else [None] * frame.height
        return self._decide(*self.fitted.explain(frame), [(None, applicant, language) for applicant in ids])

    def score_features(self, frame: pl.DataFrame) -> Floats:
        """Probability of default of each row of a feature table, (rows,).

        Raises:
            FeatureError: the table lacks a feature of the model.
            ScorerError: a probability is not a number.
        """
        return self._probability(self.fitted.margin(frame))

    def score_rows(self, features: Sequence[FeatureValues]) -> Floats:
        """`score_features` for the feature values of a few applicants: what `decide_rows` says, without reasons.

        Raises:
            ScorerError: a probability is not a number.
        """
        return self._probability(self.fitted.margin_rows(features))

    def explain(self, frame: pl.DataFrame) -> Explanation:
        """Contributions of features to the calibrated log-odds of each row of a feature table."""
        return self._explanation(*self.fitted.explain(frame))

    def _explanation(self, margin: Floats, raw: Floats) -> Explanation:
        contributions = self.calibrator.contributions(raw)
        return Explanation(
            features=self.fitted.features,
            contributions=contributions[:, :-1],
            base_value=contributions[:, -1],
            log_odds=self.calibrator.log_odds(margin),
        )

    def outcome(self, probability: float) -> Outcome:
        """Decision for a probability of default."""
        return decide(probability, self.threshold, self.review)

    def _probability(self, margin: Floats) -> Floats:
        probability = self.calibrator.probability(margin)
        if not np.isfinite(probability).all():
            raise ScorerError(
                f"{int((~np.isfinite(probability)).sum())} probabilities are not numbers.",
                "Look for infinite features; the range checks of the feature table name them.",
            )
        return probability

    def _decide(
        self, margin: Floats, raw: Floats, names: Sequence[tuple[str | None, str | None, Language]]
    ) -> list[Decision]:
        """Decisions from margins (n,) and contributions (n, k + 1); `names`: request id, applicant id, language."""
        families = self._reasons.by_family(self.calibrator.contributions(raw)[:, :-1])
        decisions = []
        for row, probability in enumerate(self._probability(margin).tolist()):
            outcome = self.outcome(probability)
            request_id, applicant_id, language = names[row]
            decisions.append(
                Decision(
                    request_id=request_id or str(uuid.uuid4()),
                    applicant_id=applicant_id,
                    probability_of_default=probability,
                    decision=outcome,
                    threshold=self.threshold,
                    points=points(probability, self.portfolio.points),
                    reasons=self._reasons.choose(families[row], outcome, language),
                    model=self._info,
                )
            )
        return decisions

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
        return {SCORER_FILE: canonical_json(description), **self.fitted.files()}

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
    ) -> Scorer:
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
        if set(listed) != {SCORER_FILE, PROVENANCE, *fitted.files()}:
            raise ScorerError(f"{path} holds files its manifest does not list.", "Build the scorer again.")
        value = json.loads((path / SCORER_FILE).read_bytes())
        scorer = cls(
            portfolio or get_portfolio(value["portfolio"]),
            fitted,
            calibrator_from_json(value["calibrator"]),
            value["threshold"],
            value["metadata"],
            candidate=value["candidate"],
            review=None if value["review"] is None else (value["review"][0], value["review"][1]),
            provenance=json.loads((path / PROVENANCE).read_bytes()),
        )
        _check_features(scorer, value["feature_version"], path)
        return scorer


def _check_features(scorer: Scorer, trained_with: str, path: Path) -> None:
    if trained_with != scorer.feature_version:
        raise ScorerError(
            f"{path} was trained with feature definitions {trained_with}; this code has {scorer.feature_version}.",
            "Load it with the version of credit_platform that made it, or train again.",
        )
