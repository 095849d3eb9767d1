"""What a version records of the verdicts on it, and where refused tables lie."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import SettingError, TableNotFoundError
from credit_platform.lakehouse import Judged, Lakehouse, Verdict, is_refused, refused_key
from credit_platform.lakehouse.verdicts import key_in_force

KEY = "some/raw/loans"
GOOD = Verdict(check="whole", passed=True, message="3 rows.", numbers={"rows": 3})
BAD = Verdict(check="usual", passed=False, message="Odd.", listed=[{"feature": "a", "message": "odd"}], final=True)


def test_the_verdicts_come_back_with_their_version(tmp_path: Path) -> None:
    judged = Judged(verdicts=(GOOD, BAD), rules="abc")
    lakehouse = Lakehouse(str(tmp_path))
    lakehouse.write(KEY, pl.DataFrame({"a": [1]}), summary={"why": "test", **judged.recorded()})
    read = Judged.from_summary(lakehouse.read(KEY).summary)
    assert read is not None
    assert read.says_the_same(judged)
    assert judged.says_the_same(read)
    assert [verdict.check for verdict in read.failed] == ["usual"]
    assert read.verdict("whole") == Verdict(
        check="whole", passed=True, message="3 rows.", numbers={"rows": 3}, listed=[]
    )
    assert read.verdict("other") is None


def test_another_finding_or_other_rules_are_not_the_same() -> None:
    judged = Judged(verdicts=(BAD,), rules="abc")
    assert not judged.says_the_same(Judged(verdicts=(BAD,), rules="def"))
    assert not judged.says_the_same(Judged(verdicts=(GOOD,), rules="abc"))


def test_a_verdict_that_warns_refuses_nothing() -> None:
    assert Judged(verdicts=(replace(BAD, warns=True), GOOD), rules="abc").failed == ()


def test_a_version_that_was_not_judged_records_nothing() -> None:
    assert Judged.from_summary({"why": "test"}) is None


def test_a_refused_table_lies_beside_the_one_in_force() -> None:
    assert refused_key(KEY) == "some/raw/loans__refused"
    assert is_refused(refused_key(KEY))
    assert not is_refused(KEY)
    assert (key_in_force(refused_key(KEY)), key_in_force(KEY)) == (KEY, KEY)


def refusing(*, final: bool) -> Judged:
    return Judged(verdicts=(Verdict(check="whole", passed=False, message="Broken.", final=final),), rules="r")


@pytest.mark.parametrize(
    ("judged", "said", "not_said"),
    [
        (refusing(final=False), "credit-platform accept some/raw/loans --by NAME --reason TEXT", "by hand;"),
        (refusing(final=True), "whole cannot be answered for by hand.", "credit-platform accept"),
        (None, "Mend its cause and run again.", "credit-platform accept"),
    ],
    ids=["answerable", "final", "refused with another"],
)
def test_a_table_of_which_all_was_refused_says_so_and_what_helps(
    judged: Judged | None, said: str, not_said: str, tmp_path: Path
) -> None:
    lakehouse = Lakehouse(str(tmp_path))
    lakehouse.write(refused_key(KEY), pl.DataFrame({"a": [1]}), summary=judged.recorded() if judged else {})
    with pytest.raises(TableNotFoundError, match="has no version in force") as raised:
        lakehouse.read(KEY)
    assert "credit-platform show some/raw/loans__refused" in raised.value.cure
    assert said in raised.value.cure
    assert not_said not in raised.value.cure


def test_a_pin_on_refused_data_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=f"The pin on {refused_key(KEY)} names data that a check refused"):
        Lakehouse(str(tmp_path), pins={refused_key(KEY): 0})
