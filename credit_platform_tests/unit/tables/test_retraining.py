"""Who of those taken in goes into a feature table of today, and when nothing may be taken in."""

from __future__ import annotations

import polars as pl
import pytest

from credit_platform.errors import ModellingError
from credit_platform.features.version import feature_version
from credit_platform.monitoring.decisions.forgetting import forget
from credit_platform.monitoring.retraining.admitting import admit
from credit_platform.monitoring.retraining.records import TAKEN_IN, DecidedRecord, RetrainRecord
from credit_platform.monitoring.retraining.rule import Answer
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.tables.retraining import retrain_table, taken_in, taken_in_table
from credit_platform_tests.unit.monitoring.decisions.conftest import Home, home, moment
from credit_platform_tests.unit.monitoring.retraining.test_admitting import GERMAN, asked, loans, logs

__all__ = ["home"]

KEY = monitoring_key(GERMAN.name, TAKEN_IN)
NOBODY = pl.LazyFrame({GERMAN.applicant_key: [1]}, schema={GERMAN.applicant_key: pl.Int32})


@pytest.fixture
def filled(home: Home) -> Home:
    """Two applicants were taken in, one of them under a number that a raw file could hold."""
    home.log(asked("a", 1, "17"), asked("b", 2, "P-2", application={"amount": 2222}))
    return home


def store(home: Home, version: str) -> None:
    frame = admit(GERMAN, logs(home), loans(home.store, defaulted=True), []).frame
    if version != feature_version(GERMAN):
        frame = frame.with_columns(pl.lit(-1.0).alias("application__amount"))
    record = DecidedRecord(
        evidence_hash="e",
        began_at=moment(3),
        maturity_months=12,
        loans=2,
        applicants=2,
        defaults=2,
        left_out={},
        feature_version=version,
        message="Two.",
    )
    home.lakehouse.write(KEY, frame, summary=record.to_summary())


def test_without_a_refit_nobody_is_taken_in(home: Home) -> None:
    assert taken_in(GERMAN, home.lakehouse, logs(home), NOBODY, None) is None


@pytest.mark.parametrize("version", [feature_version(GERMAN), "another"])
def test_whoever_a_raw_file_tells_of_by_now_is_the_raw_file_s(filled: Home, version: str) -> None:
    store(filled, version)
    found = taken_in(GERMAN, filled.lakehouse, logs(filled), NOBODY, None)
    assert found is not None
    assert sorted(found.frame["application__amount"]) == [1500.0, 2222.0], "of another definition: computed anew"
    assert found.frame[GERMAN.target].to_list() == [1, 1]
    told = pl.LazyFrame({GERMAN.applicant_key: [17]}, schema={GERMAN.applicant_key: pl.Int32})
    left = taken_in(GERMAN, filled.lakehouse, logs(filled), told, None)
    assert left is not None
    assert left.frame["application__amount"].to_list() == [2222.0]


def test_an_erased_applicant_goes_and_the_rest_is_counted_again(filled: Home) -> None:
    store(filled, feature_version(GERMAN))
    filled.erase("17")
    gone = {one.key: one for one in forget(filled.lakehouse, GERMAN.name, logs(filled), erased=True)}
    assert (gone[KEY].rows, gone[KEY].versions) == (1, (0,))
    stored = filled.lakehouse.read(KEY)
    assert stored.frame.collect()["application__amount"].to_list() == [2222.0]
    assert (DecidedRecord.of(stored).applicants, DecidedRecord.of(stored).defaults) == (1, 1)
    again = {one.key: one for one in forget(filled.lakehouse, GERMAN.name, logs(filled))}
    assert again[KEY].nothing
    assert filled.lakehouse.latest(KEY) == stored.version


def test_without_a_decision_or_a_reason_nothing_is_taken_in(home: Home) -> None:
    with pytest.raises(ModellingError, match="Nobody asked"):
        taken_in_table(GERMAN, home.lakehouse, logs(home), moment(3))
    table = retrain_table(GERMAN, home.lakehouse, logs(home), moment(3))
    record = RetrainRecord.from_summary(table.summary)
    assert (record.answer, "No model was promoted" in record.message) == (Answer.NONE, True)
    home.lakehouse.write(monitoring_key(GERMAN.name, "retrain_decision"), table.frame, summary=table.summary)
    with pytest.raises(ModellingError, match="No model was promoted"):
        taken_in_table(GERMAN, home.lakehouse, logs(home), moment(3))
    with pytest.raises(ModellingError, match="started for the evidence abc"):
        taken_in_table(GERMAN, home.lakehouse, logs(home), moment(3), expected="abc")
