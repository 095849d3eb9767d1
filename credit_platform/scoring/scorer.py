"""`Scorer`: the deployable unit.

What is here: the one way from features to a decision, for a request as for a table: features, margins, decisions.

    features = scorer.features_of(request)                    # or the rows of a feature table
    margins = scorer.margins([features])                      # the model, once
    decisions = scorer.decide(margins, [scorer.case_of(request, features)])
    explained = scorer.explanation(margins)

What to add here: whatever every caller (batch, service, console, replay) must do alike.
What must not be here: HTTP, logging of decisions, training, and what a scorer is made of (`parts.py`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.errors import RequestError, ScorerError
from credit_platform.features import ApplicantFeatures
from credit_platform.features.one_applicant import FeatureRow
from credit_platform.features.request_rows import RowReader
from credit_platform.features.required import first_missing
from credit_platform.scoring.cases import Case, cases_of
from credit_platform.scoring.decision import DataUsed, Decision, Language, ModelInfo, Outcome, Request
from credit_platform.scoring.explanation import Explanation, Margins
from credit_platform.scoring.fitted import Features
from credit_platform.scoring.parts import ScorerParts
from credit_platform.scoring.points import points
from credit_platform.scoring.row_encoder import FeatureValues
from credit_platform.scoring.rule import decide
from credit_platform.scoring.whose_rows import check_whose

Floats = NDArray[np.float64]

Used = DataUsed | Sequence[DataUsed] | None
"""Which histories were looked at: for all rows, for each, or for all as in a feature table."""


class Scorer(ScorerParts):
    """Feature definitions, model, calibration, threshold and reasons of one portfolio.

    A probability of default below `threshold` is accepted, one at or above it refused. With a `review` band (from, to)
    a probability from `from` (included) to `to` (excluded) goes to a person instead.
    """

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
        """Decide about one applicant: the door for whoever has no reader of its own.

        Raises:
            RequestError: the application is not acceptable, or the language is not known; the field is named.
        """
        self.check(request)
        features = self.features_of(request)
        # After the rows were read: only then is known what their keys are.
        check_whose(self.portfolio, request.histories or {}, request.applicant_id)
        return self.decide(self.margins([features]), [self.case_of(request, features)])[0]

    def check(self, request: Request) -> None:
        """What `features_of` takes for granted: the language is known, and the application whole where it has to be.

        A service's reader, which has these rules and errors of its own for them, does not ask a second time.

        Raises:
            RequestError: it is not so; the field is named.
        """
        if request.language not in get_args(Language):
            raise RequestError(f"Language {request.language!r} is not known.", "Use fr or en.", field="language")
        if not self.accepts_missing and (missing := first_missing(self.portfolio, request.application)) is not None:
            name = f"application.{missing.name}"
            raise RequestError(f"{name} is missing.", f"Give it: {missing.description}", name)

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
        """Feature values of one applicant; rows that `readers` have read are not checked again.

        Args:
            request: of whom; one that `check` finds right.
            stored: feature values of the applicant's histories, used when the request brings none.

        Raises:
            RequestError: a value is not acceptable; the field is named.
        """
        return self._applicant.values(request.application, request.histories, stored=stored)

    @cached_property
    def accepts_missing(self) -> bool:
        """Whether the model gives a probability however many features are missing."""
        nothing: FeatureRow = dict.fromkeys(self.fitted.features)
        return bool(np.isfinite(self.fitted.margin([nothing])).all())

    def case_of(self, request: Request, values: FeatureValues, used: DataUsed | None = None) -> Case:
        """What an answer to `request` depends on beside the score.

        Args:
            request: whom to decide about.
            values: the feature values of the applicant.
            used: which histories were looked at; by default those that the request brings.
        """
        looked_at = used or self.data_used(request)
        return Case(request.request_id, request.applicant_id, request.language, values.__getitem__, looked_at)

    def cases_of(self, frame: pl.DataFrame, language: Language = "en", used: Used = None) -> list[Case]:
        """A case for each row of a feature table, in its order.

        The applicant key is taken from `frame` where it is a column; request ids are made up. `used` says which
        histories were looked at, for all rows or for each; by default all were, as in a feature table.

        Raises:
            FeatureError: the table lacks a feature that a wording depends on.
        """
        used = used or DataUsed(histories=self.history_tables)
        return cases_of(frame, self.portfolio.applicant_key, self.reasons.features, language, used)

    def margins(self, features: Features) -> Margins:
        """What the model says of each row of a feature table, or of the feature values of a few applicants.

        Raises:
            FeatureError: a table lacks a feature of the model.
        """
        return Margins(*self.fitted.explain(features))

    def decide(self, margins: Margins, cases: Sequence[Case]) -> list[Decision]:
        """Decide about each applicant as if it were alone.

        Args:
            margins: of `margins`.
            cases: of the same applicants, in the same order.

        Raises:
            ScorerError: a probability is not a number.
        """
        families = self.reasons.by_family(self.calibrator.contributions(margins.contributions)[:, :-1])
        probabilities = self._probability(margins.margin).tolist()
        return [self._decision(*one) for one in zip(probabilities, families, cases, strict=True)]

    def reason_codes(self, margins: Margins) -> list[tuple[str, ...]]:
        """Codes of the reasons that `decide` gives each applicant, without cases and words.

        Raises:
            ScorerError: a probability is not a number.
        """
        families = self.reasons.by_family(self.calibrator.contributions(margins.contributions)[:, :-1])
        outcomes = map(self.outcome, self._probability(margins.margin).tolist())
        return [self.reasons.codes_for(*one) for one in zip(families, outcomes, strict=True)]

    def _decision(self, probability: float, families: Floats, case: Case) -> Decision:
        outcome = self.outcome(probability)
        return Decision(
            request_id=case.request_id or str(uuid.uuid4()),
            applicant_id=case.applicant_id,
            probability_of_default=probability,
            decision=outcome,
            threshold=self.threshold,
            points=points(probability, self.portfolio.points),
            reasons=self.reasons.choose(families, outcome, case.language, case.value_of, case.used),
            model=self._info,
            data_used=case.used,
            rights=self.words.rights(outcome, case.used, case.language),
        )

    def explanation(self, margins: Margins) -> Explanation:
        """Contributions of features to the calibrated log-odds of default."""
        contributions = self.calibrator.contributions(margins.contributions)
        return Explanation(
            features=self.fitted.features,
            contributions=contributions[:, :-1],
            base_value=contributions[:, -1],
            log_odds=self.calibrator.log_odds(margins.margin),
        )

    def score_features(self, features: Features) -> Floats:
        """Probability of default of each applicant, (rows,): what `decide` says, without contributions and quicker.

        Raises:
            FeatureError: a table lacks a feature of the model.
            ScorerError: a probability is not a number.
        """
        return self._probability(self.fitted.margin(features))

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
