"""Who of the decided applicants comes in, with which features, and why the others do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
import polars as pl

from credit_platform.features.decided import MARK
from credit_platform.features.one_applicant import ApplicantFeatures
from credit_platform.features.version import feature_version
from credit_platform.monitoring.decision_log import DecisionRecord, DecisionStore, Filter
from credit_platform.monitoring.decision_log.record import canonical_inputs
from credit_platform.monitoring.decisions.logs import NamedLog
from credit_platform.monitoring.decisions.marks import log_of, mark_of
from credit_platform.monitoring.retraining.admitting import LeftOut, admit
from credit_platform.monitoring.retraining.inputs import LOANS, count_trainable
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform_tests.unit.monitoring.decisions.conftest import Home, home, moment, record

__all__ = ["home"]

GERMAN, HOME = get_portfolio("german_credit"), get_portfolio("home_credit")
ACCEPTED = GERMAN.examples["accepted"]


def asked(request: str, day: int, whose: str | None, portfolio: Portfolio = GERMAN, **changes: Any) -> DecisionRecord:
    """A decision whose request the log keeps."""
    application = {**portfolio.examples["accepted"], **changes.pop("application", {})}
    inputs, digest = canonical_inputs(
        portfolio.name, application, applicant_id=whose, histories=changes.pop("histories", {}), language="en"
    )
    made = record(request, moment(day), "x")
    known: dict[str, Any] = {
        "decision": "accepted",
        "applicant_id": whose,
        "portfolio": portfolio.name,
        "inputs": inputs,
        "inputs_digest": digest,
        "feature_version": feature_version(portfolio),
    }
    return replace(made, **{**known, **changes})


def loans(store: DecisionStore, defaulted: bool = False) -> pl.DataFrame:  # of all of them
    """All decisions of a log, as loans with an outcome."""
    rows = [("home", one.id, one.decided_at, defaulted) for one in store.each(Filter())]
    return pl.DataFrame(rows, schema=LOANS, orient="row")


def logs(home: Home) -> list[NamedLog]:
    return [NamedLog(name="home", store=home.store)]


def test_features_are_those_of_the_request_to_the_last_bit(home: Home) -> None:
    home.log(asked("a", 1, "P-1"), asked("b", 2, None, application={"amount": 4321}))
    found = admit(GERMAN, logs(home), loans(home.store, defaulted=True), [])
    compute = ApplicantFeatures(GERMAN)
    expected = [compute.values(ACCEPTED), compute.values({**ACCEPTED, "amount": 4321})]
    names = [feature.name for feature in GERMAN.features]
    rows = found.frame.sort("row").select(names).rows(named=True)
    assert rows == [{name: one[name] for name in names} for one in expected]
    assert found.frame[GERMAN.target].to_list() == [1, 1]
    assert all(key < 0 for key in found.frame[GERMAN.applicant_key]), "no raw file has such a key"
    assert found.left_out == {}


def test_everybody_left_out_is_counted_with_the_reason(home: Home) -> None:
    home.log(
        replace(asked("digest", 1, "P-1"), inputs=None),
        asked("raw", 2, " 0017 "),
        asked("older", 3, "P-2", application={"amount": 1111}),
        asked("newer", 4, "P-2", application={"amount": 2222}),
        asked("broken", 5, "P-3", application={"amount": 7}),
    )
    found = admit(GERMAN, logs(home), loans(home.store), ["17"])
    reasons = [LeftOut.DIGEST, LeftOut.IN_RAW, LeftOut.ANOTHER, LeftOut.CONTRACT]
    assert found.left_out == {reason.value: 1 for reason in sorted(reasons)}
    assert found.frame["application__amount"].to_list() == [2222.0]
    counted = count_trainable(logs(home), loans(home.store, defaulted=True))
    assert (counted.outcomes, counted.with_inputs, counted.defaults_with_inputs) == (5, 4, 4)


def test_the_newest_loan_counts_in_whatever_order_the_log_holds_them(home: Home) -> None:
    home.log(asked("newer", 9, "P-2", application={"amount": 2222}), asked("older", 3, "P-2"))
    found = admit(GERMAN, logs(home), loans(home.store), [])
    assert found.frame["application__amount"].to_list() == [2222.0]


def test_a_number_that_the_log_gave_to_another_decision_is_not_taken_for_it(home: Home) -> None:
    home.log(asked("a", 1, "P-1"))
    stale = loans(home.store).with_columns(pl.lit(moment(2)).cast(LOANS["decided_at"]).alias("decided_at"))
    assert admit(GERMAN, logs(home), stale, []).frame.is_empty()
    assert count_trainable(logs(home), stale).with_inputs == 0


def test_a_mark_is_of_one_decision_alone() -> None:
    at = moment(1)
    marks = {mark_of("home", 1, at), mark_of("home", 2, at), mark_of("paris", 1, at), mark_of("home", 1, moment(2))}
    assert len(marks) == 4
    assert log_of(mark_of("a#b", 1, at)) == "a#b"
    assert mark_of("home", 1, datetime.fromisoformat("2026-11-01T13:00:00+01:00")) == mark_of("home", 1, at)


def test_stored_histories_are_taken_as_logged_of_the_same_definitions_only(home: Home) -> None:
    names = [f.name for g in HOME.feature_groups if g.table != HOME.training_table for f in g.all_features]
    number = next(f.name for f in HOME.features if f.name in names and f.kind == "numeric")
    stored = {**dict.fromkeys(names), number: 3.25}
    answer, kept = '{"reasons":[],"histories":"stored"}', orjson.dumps(stored).decode()
    home.log(
        asked("a", 1, "P-1", HOME, answer=answer, features=kept),
        asked("b", 2, "P-2", HOME, answer=answer, features=kept, feature_version="another"),
        asked("c", 3, "P-3", HOME, features=kept),
    )
    found = admit(HOME, logs(home), loans(home.store), [])
    assert found.left_out == {LeftOut.STORED.value: 1}
    by_row = dict(found.frame.select("row", number).iter_rows())
    assert by_row == {1: 3.25, 3: None}, "what nobody had then is not known now"
    assert found.frame[MARK].n_unique() == 2
