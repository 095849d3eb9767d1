"""Decided applicants as rows of the feature table: their features as of the decision, and what became of their loans.

What is here: `admit`, `LeftOut` (why one does not come in), `name_of`.
What to add here: a reason to leave somebody out; it is counted and told.
What must not be here: which loans count (`inputs.py`), storing.

Point in time: everything is computed of what the log keeps of the request, so that nothing later is known. Histories
are those that the request brought; where it brought none and the service had some stored, the values that the model was
given of these, as logged, if today's definitions are those of then; else none, as it was.

Nobody is in the feature table under their name: the key is a number that a digest of the decision gives, below all that
a raw file may hold. An applicant who is in the raw file with an outcome stays what they are there: two rows of one
person could stand on both sides of the holdout. Of several loans of one applicant the newest counts.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import polars as pl
from sqlalchemy import Row

from credit_platform.errors import RequestError
from credit_platform.features.decided import MARK
from credit_platform.features.one_applicant import ApplicantFeatures
from credit_platform.features.stages import feature_schema
from credit_platform.features.version import is_version_of
from credit_platform.monitoring.decisions.logs import HELD, NamedLog
from credit_platform.monitoring.decisions.marks import mark_of
from credit_platform.monitoring.retraining.inputs import read_inputs
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.values import POLARS_TYPES, Fault, has_number_as_key, identify, key_column

_BITS: Final = 31
"""Of a key: as many as the narrowest whole number of a contract holds below zero."""
_STORED: Final = "stored"


class LeftOut(StrEnum):
    """Why a loan with a mature outcome is not trained on."""

    DIGEST = "the log keeps a digest of the request only"
    IN_RAW = "the applicant is in the raw file with an outcome"
    ANOTHER = "a newer loan of the applicant counts"
    STORED = "stored histories were of other feature definitions"
    CONTRACT = "the request breaks the contract of today"
    FEED = "a feed was broken on the day of its decision"


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """Who comes in."""

    frame: pl.DataFrame
    """Key, target, features, then `MARK` and `HELD`; sorted by key."""
    left_out: dict[str, int]
    """Loans by `LeftOut`, those that occur."""


def name_of(portfolio: Portfolio, applicant: str | None) -> str | None:
    """The one name of an applicant whom a decision was about; None where nobody can tell."""
    name = None if applicant is None else identify(portfolio, applicant)
    return None if isinstance(name, Fault) else name


def admit(
    portfolio: Portfolio, logs: Sequence[NamedLog], loans: pl.DataFrame, in_raw_file: Collection[str]
) -> Admitted:
    """Compute the features of decided applicants, from what the logs keep.

    Args:
        portfolio: whose features.
        logs: of all services.
        loans: as from `inputs.mature_loans`.
        in_raw_file: names (`values.identify`) of the applicants of the training table.

    Raises:
        DecisionLogError: a log cannot be read.
        FeatureError: a definition does not fit its contract.
    """
    found = _Admission(portfolio, in_raw_file)
    outcomes = {(log, row, at): bad for log, row, at, bad in loans.select(*LOAN_COLUMNS).iter_rows()}
    for log in logs:
        for page in read_inputs(log, loans):
            for row in page:
                defaulted = outcomes.get((log.name, row.id, row.decided_at))
                if defaulted is not None:  # else the log gave the number to another decision
                    found.look(log.name, row, defaulted=defaulted)
    return Admitted(frame=found.frame(), left_out=dict(sorted(found.left_out.items())))


LOAN_COLUMNS: Final = ("log", "row", "decided_at", "defaulted")


class _Admission:
    """Who was found so far."""

    def __init__(self, portfolio: Portfolio, in_raw_file: Collection[str]) -> None:
        self._portfolio = portfolio
        self._in_raw_file = frozenset(in_raw_file)
        self._features = ApplicantFeatures(portfolio)
        self._of_histories = frozenset(
            feature.name
            for group in portfolio.feature_groups
            if group.table != portfolio.training_table
            for feature in group.all_features
        )
        self._rows: dict[str, dict[str, Any]] = {}
        self._newest: dict[str, dict[str, Any]] = {}
        self.left_out: Counter[str] = Counter()

    def look(self, log: str, row: Row[Any], *, defaulted: bool) -> None:
        """Take a decision in, or count why not."""
        if row.inputs is None:
            self.left_out[LeftOut.DIGEST] += 1
            return
        whose = name_of(self._portfolio, row.applicant_id)
        if whose in self._in_raw_file:
            self.left_out[LeftOut.IN_RAW] += 1
            return
        values = self._values(row)
        if isinstance(values, LeftOut):
            self.left_out[values] += 1
            return
        made = {
            **values,
            self._portfolio.target: int(defaulted),
            MARK: mark_of(log, row.id, row.decided_at),
            **dict(zip(HELD.names(), (log, row.id, row.decided_at), strict=True)),
        }
        before = None if whose is None else self._newest.get(whose)
        if before is not None:
            self.left_out[LeftOut.ANOTHER] += 1
            if before["decided_at"] >= row.decided_at:
                return
            del self._rows[before[MARK]]
        self._rows[made[MARK]] = made
        if whose is not None:
            self._newest[whose] = made

    def frame(self) -> pl.DataFrame:
        """All of them, each under a key of its own."""
        portfolio, key = self._portfolio, key_column(self._portfolio)
        outcome = portfolio.table(portfolio.training_table).column(portfolio.target)
        schema = {
            portfolio.applicant_key: POLARS_TYPES[key.type](),
            portfolio.target: POLARS_TYPES[outcome.type](),
            **feature_schema(portfolio.features),
            MARK: pl.String(),
            **HELD,
        }
        taken: set[int | str] = set()
        rows = [
            {portfolio.applicant_key: _key(row[MARK], taken, number=has_number_as_key(portfolio)), **row}
            for row in sorted(self._rows.values(), key=lambda row: (row["decided_at"], row["log"], row["row"]))
        ]
        return pl.DataFrame(rows, schema=schema).sort(portfolio.applicant_key)

    def _values(self, row: Row[Any]) -> Mapping[str, Any] | LeftOut:
        """Features as of the decision."""
        inputs = json.loads(row.inputs)
        histories, stored = inputs["histories"] or None, None
        if not histories and self._of_histories and json.loads(row.answer).get("histories") == _STORED:
            stored = json.loads(row.features)
            if not is_version_of(self._portfolio, row.feature_version) or not stored.keys() >= self._of_histories:
                return LeftOut.STORED
        try:
            return self._features.values(inputs["application"], histories, stored=stored)
        except RequestError:
            return LeftOut.CONTRACT


def _key(mark: str, taken: set[int | str], *, number: bool) -> int | str:
    """A key that no raw file has and nobody else here."""
    for attempt in range(2**_BITS):
        digest = hashlib.sha256(f"{mark}|{attempt}".encode()).digest()
        key = -1 - int.from_bytes(digest[:4], "big") % (2**_BITS - 1) if number else f"{DECIDED_KEY}{digest.hex()[:16]}"
        if key not in taken:
            taken.add(key)
            return key
    raise AssertionError("There are more keys than decisions.")


DECIDED_KEY: Final = "decided:"
"""What the key of a decided applicant begins with, where keys are texts."""
