"""Scoring logged decisions again, to show that the log tells the truth and the model still says the same.

What is here: `replay`, and `ScorerShelf`, which finds the scorer that made a decision.
What to add here: another thing that must come out equal.
What must not be here: tolerance. The same scorer on the same features gives the same bits; what differs is reported.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from credit_platform.errors import CreditPlatformError, ScorerError
from credit_platform.features.stages import feature_schema
from credit_platform.monitoring.decision_log.record import StoredDecision
from credit_platform.scoring import DataUsed, Decision, Request, Scorer
from credit_platform.scoring.folder import read_manifest

_PLACES = ("scorers/*/*", "bentos/bentos/*/*/src/scorer")
"""Where scorers of before artefacts had keys, and those in Bentos, lie below the platform's home."""


@dataclass(frozen=True)
class Difference:
    """Something that did not come out as logged."""

    request_id: str
    what: str
    logged: str
    again: str


@dataclass
class Replay:
    """What came of scoring again."""

    equal: int = 0
    differences: list[Difference] = field(default_factory=list)
    differing: set[int] = field(default_factory=set)
    """Numbers of decisions that differ in anything."""
    unknown: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Model version to the number of its decisions that could not be scored again, and why."""

    @property
    def is_clean(self) -> bool:
        """Whether every decision was scored again, with equal result."""
        return not self.differing and not self.unknown


class ScorerShelf:
    """Scorers by digest, loaded when they are asked for."""

    def __init__(self, folders: Sequence[Path], stored: Callable[[str], Path | None] = lambda _: None) -> None:
        """Look in `folders`, each a scorer's own or a home of the platform, then ask `stored` for a digest."""
        self._folders = folders
        self._stored = stored
        self._places: dict[str, Path] | None = None
        self._scorers: dict[str, Scorer] = {}

    def get(self, digest: str) -> Scorer:
        """The scorer with this digest.

        Raises:
            ScorerError: it is nowhere, altered, or made for other feature definitions.
        """
        if digest not in self._scorers:
            if self._places is None:
                self._places = dict(self._find())
            place = self._places.get(digest) or self._stored(digest)
            if place is None:
                raise ScorerError("its scorer is neither stored nor in a folder.", "Name its folder with --scorer.")
            self._scorers[digest] = Scorer.load(place, expected_digest=digest)
        return self._scorers[digest]

    def _find(self) -> Iterator[tuple[str, Path]]:
        for folder in self._folders:
            for path in (folder, *(found for place in _PLACES for found in sorted(folder.glob(place)))):
                try:
                    yield read_manifest(path)[1], path
                except ScorerError:
                    continue  # not a scorer, or a broken one; if it is needed, that is said then


def replay(decisions: Iterable[StoredDecision], shelf: ScorerShelf) -> Replay:
    """Score decisions again, with the scorers that made them.

    From the logged features always; and where the request was logged whole, from the request as well, which then must
    give the logged features.
    """
    report = Replay()
    for decision in decisions:
        try:
            scorer = shelf.get(decision.model_digest)
            differences = list(_compare(decision, scorer))
        except CreditPlatformError as error:
            count, _ = report.unknown.get(decision.model_version, (0, ""))
            report.unknown[decision.model_version] = (count + 1, str(error))
            continue
        if differences:
            report.differences += differences
            report.differing.add(decision.id)
        else:
            report.equal += 1
    return report


def _compare(logged: StoredDecision, scorer: Scorer) -> Iterator[Difference]:
    features = json.loads(logged.features)
    frame = pl.DataFrame([features], schema=feature_schema(scorer.portfolio.features))
    language: Any = logged.language
    answer = json.loads(logged.answer)
    # Answers from before there was `data_used` had the same words whatever was looked at.
    used = DataUsed.from_json(answer["data_used"]) if "data_used" in answer else None
    again = scorer.decide(scorer.margins(frame), scorer.cases_of(frame, language, used))[0]
    yield from _differences(logged, again, answer, "from the features")
    request = _request(logged, scorer)
    if request is not None:
        computed = scorer.features_of(request)
        again = scorer.decide(scorer.margins([computed]), [scorer.case_of(request, computed, used)])[0]
        yield from _differences(logged, again, answer, "from the request")
        for name in sorted(features.keys() | computed.keys()):
            if features.get(name) != computed.get(name):
                values = (repr(features.get(name)), repr(computed.get(name)))
                yield Difference(logged.request_id, f"feature {name}", *values)


def _request(logged: StoredDecision, scorer: Scorer) -> Request | None:
    """The request as it came; None when the log does not hold all that the features were computed from."""
    if logged.inputs is None:
        return None
    inputs = json.loads(logged.inputs)
    if not inputs["histories"] and any(group.history for group in scorer.portfolio.feature_groups):
        return None  # stored features of a known applicant may have been used
    return Request(
        application=inputs["application"],
        applicant_id=inputs["applicant_id"],
        histories=inputs["histories"],
        language=inputs["language"],
        request_id=logged.request_id,
    )


def _differences(
    logged: StoredDecision, again: Decision, answer: Mapping[str, Any], source: str
) -> Iterator[Difference]:
    told = again.to_dict()
    pairs: dict[str, tuple[object, object]] = {
        "probability": (logged.probability, again.probability_of_default),
        "decision": (logged.decision, again.decision),
        "threshold": (logged.threshold, again.threshold),
        "points": (logged.points, again.points),
        "reasons": (logged.reasons, told["reasons"]),
    }
    if "rights" in answer:
        pairs["rights"] = (answer["rights"], told["rights"])
    for name, (was, now) in pairs.items():
        if was != now:
            yield Difference(logged.request_id, f"{name}, {source}", repr(was), repr(now))
