"""`Scorer`: the deployable unit.

What is here: from a request to a decision, and from a feature table to probabilities; save and load.
What to add here: whatever every caller (batch, service, console, replay) must do alike.
What must not be here: HTTP, logging of decisions, training.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.errors import RequestError, ScorerError
from credit_platform.features import ApplicantFeatures, feature_version
from credit_platform.features.one_applicant import FeatureRow
from credit_platform.features.request_rows import RowReader
from credit_platform.features.required import first_missing
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.reason import Wording
from credit_platform.scoring.calibration import Calibrator, calibrator_from_json
from credit_platform.scoring.cases import Case, cases_of
from credit_platform.scoring.decision import DataUsed, Decision, Language, ModelInfo, Outcome, Request
from credit_platform.scoring.explanation import Explanation
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
from credit_platform.scoring.points import points
from credit_platform.scoring.reasons import ReasonMap
from credit_platform.scoring.row_encoder import FeatureValues
from credit_platform.scoring.rule import decide
from credit_platform.scoring.whose_rows import check_whose
from credit_platform.scoring.words import REASONS_FILE, Words

Floats = NDArray[np.float64]

SCORER_FILE = "scorer.json"
Used = DataUsed | Sequence[DataUsed] | None
"""Which histories were looked at: for all rows, for each, or for all as in a feature table."""


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
        self._reasons = ReasonMap(portfolio, fitted.features, self.words.reasons)

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

    @property
    def readers(self) -> Mapping[str, RowReader]:
        """What reads the rows of a request, by table; rows that it has checked are not checked again in scoring."""
        return self._applicant.readers

    def score(self, request: Request) -> Decision:
        """Decide about one applicant.

        Raises:
            RequestError: the application is not acceptable, or the language is not known; the field is named.
        """
        decision, _ = self.assess(request)  # which does not ask whose rows they are: replay scores as it was
        check_whose(self.portfolio, request.histories or {}, request.applicant_id)
        return decision

    def assess(
        self, request: Request, *, stored: FeatureValues | None = None, used: DataUsed | None = None
    ) -> tuple[Decision, FeatureRow]:
        """Decide about one applicant; returns the decision and the feature values it rests on, for the decision log.

        Args:
            request: whom to decide about.
            stored: feature values of the applicant's histories, used when the request brings none.
            used: which histories were looked at; by default as `data_used` says.

        Raises:
            RequestError: the application is not acceptable, or the language is not known; the field is named.
        """
        features = self.features_of(request, stored=stored)
        return self.decide_rows([request], [features], [used or self.data_used(request, stored=stored)])[0], features

    def data_used(
        self, request: Request, *, stored: FeatureValues | None = None, stored_in: str | None = None
    ) -> DataUsed:
        """Which histories are looked at for a request: those it brings, else what is stored, else none.

        Args:
            request: whom to decide about.
            stored: feature values of the applicant's histories.
            stored_in: table and version that were asked for this applicant, whether or not anything was found.
        """
        if request.histories:
            return DataUsed(histories=tuple(name for name in self.history_tables if name in request.histories))
        if stored is None and stored_in is None:
            return DataUsed()
        return DataUsed(histories=self.history_tables, stored=stored_in)

    @cached_property
    def history_tables(self) -> tuple[str, ...]:
        """Tables beside the applications, in the portfolio's order."""
        applications = {self.portfolio.training_table, self.portfolio.scoring_table}
        return tuple(table.name for table in self.portfolio.tables if table.name not in applications)

    def features_of(self, request: Request, *, stored: FeatureValues | None = None) -> FeatureRow:
        """Feature values of one applicant, as `assess` uses them.

        Raises:
            RequestError: the application is not acceptable, or the language is not known; the field is named.
        """
        if request.language not in get_args(Language):
            raise RequestError(f"Language {request.language!r} is not known.", "Use fr or en.", field="language")
        if not self.accepts_missing and (missing := first_missing(self.portfolio, request.application)) is not None:
            name = f"application.{missing.name}"
            raise RequestError(f"{name} is missing.", f"Give it: {missing.description}", name)
        return self._applicant.values(request.application, request.histories, stored=stored)

    @cached_property
    def accepts_missing(self) -> bool:
        """Whether the model gives a probability however many features are missing."""
        nothing: FeatureRow = dict.fromkeys(self.fitted.features)
        margin, _ = self.fitted.explain_rows([nothing])
        return bool(np.isfinite(margin).all())

    def decide_rows(
        self, requests: Sequence[Request], features: Sequence[FeatureValues], used: Sequence[DataUsed] | None = None
    ) -> list[Decision]:
        """Decide about a few applicants at once, given their feature values; each as if it were alone.

        `used` says which histories were looked at for each; by default those that the request brings.
        """
        margin, raw = self.fitted.explain_rows(features)
        cases = [
            Case(r.request_id, r.applicant_id, r.language, values.__getitem__, looked)
            for r, values, looked in zip(
                requests, features, used or [self.data_used(request) for request in requests], strict=True
            )
        ]
        return self._decide(margin, raw, cases)

    def explain_rows(self, features: Sequence[FeatureValues]) -> Explanation:
        """`explain` for the feature values of a few applicants."""
        return self._explanation(*self.fitted.explain_rows(features))

    def decide(
        self,
        frame: pl.DataFrame,
        *,
        language: Language = "en",
        used: Used = None,
    ) -> list[Decision]:
        """Decide about each row of a feature table, in its order; the same answers as `score` gives one by one.

        The applicant key is taken from `frame` where it is a column; request ids are made up. `used` says which
        histories were looked at, for all rows or for each; by default all were, as in a feature table.

        Raises:
            FeatureError: the table lacks a feature of the model, or one that a wording depends on.
        """
        return self._decide(*self.fitted.explain(frame), self._cases_of(frame, language, used))

    def decide_in_both_languages(self, frame: pl.DataFrame, *, used: Used = None) -> dict[Language, list[Decision]]:
        """`decide` in French and in English, explaining the model once."""
        margin, raw = self.fitted.explain(frame)
        languages: tuple[Language, ...] = get_args(Language)
        return {one: self._decide(margin, raw, self._cases_of(frame, one, used)) for one in languages}

    def possible_wordings(self, frame: pl.DataFrame, *, used: Used = None) -> list[list[tuple[bool, Wording]]]:
        """For each row of a feature table what each family would say, adverse (true) or not, whatever the score."""
        return [self._reasons.possible(case.value_of, case.used) for case in self._cases_of(frame, "en", used)]

    def _cases_of(self, frame: pl.DataFrame, language: Language, used: Used) -> list[Case]:
        used = used or DataUsed(histories=self.history_tables)
        return cases_of(frame, self.portfolio.applicant_key, self._reasons.features, language, used)

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

    def _decide(self, margin: Floats, raw: Floats, cases: Sequence[Case]) -> list[Decision]:
        """Decisions from margins (n,) and contributions (n, k + 1)."""
        families = self._reasons.by_family(self.calibrator.contributions(raw)[:, :-1])
        decisions = []
        for row, probability in enumerate(self._probability(margin).tolist()):
            outcome, case = self.outcome(probability), cases[row]
            decisions.append(
                Decision(
                    request_id=case.request_id or str(uuid.uuid4()),
                    applicant_id=case.applicant_id,
                    probability_of_default=probability,
                    decision=outcome,
                    threshold=self.threshold,
                    points=points(probability, self.portfolio.points),
                    reasons=self._reasons.choose(families[row], outcome, case.language, case.value_of, case.used),
                    model=self._info,
                    data_used=case.used,
                    rights=self.words.rights(outcome, case.used, case.language),
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
