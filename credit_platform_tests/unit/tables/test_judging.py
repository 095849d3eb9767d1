"""The verdict before the commit, and what becomes of what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from credit_platform.lakehouse import CommitInfo, Judged, Lakehouse, Verdict, refused_key
from credit_platform.tables.judging import (
    BESIDE,
    WriteCheck,
    accepted_before,
    in_force_sentence,
    judge,
    refusal,
    refuse,
    rules_version,
    submission_of,
    submitted,
)
from credit_platform.tables.table import Table

KEY, OTHER = "toy/raw/loans", "toy/raw/loans__rejected"
ROWS = pl.DataFrame({"amount": [1, 2, 3]})
INFO = CommitInfo(portfolio="toy", code_version="abc", source_hashes={"loans.csv": "1"})
ODD = Judged(verdicts=(Verdict(check="usual", passed=False, message="Odd."),), rules="r")
FINAL = Judged(verdicts=(Verdict(check="whole", passed=False, message="Broken.", final=True),), rules="r")


@pytest.fixture
def lakehouse(tmp_path: Path) -> Lakehouse:
    return Lakehouse(str(tmp_path))


def check(name: str, *, passes: bool, asked: list[str], first: bool = False) -> WriteCheck:
    def verdict(*_: object) -> Verdict:
        asked.append(name)
        return Verdict(check=name, passed=passes, message=name)

    return WriteCheck(name=name, description=name, judge=verdict, first=first)


@pytest.mark.parametrize(("passes", "expected"), [(True, ["shape", "usual", "known"]), (False, ["shape"])])
def test_what_makes_the_others_pointless_is_asked_first(
    lakehouse: Lakehouse, passes: bool, expected: list[str]
) -> None:
    asked: list[str] = []
    checks = [
        check("usual", passes=True, asked=asked),
        check("shape", passes=passes, asked=asked, first=True),
        check("known", passes=True, asked=asked),
    ]
    judged = judge(submitted(KEY, Table(frame=ROWS)), checks, lakehouse)
    assert asked == expected
    assert [verdict.check for verdict in judged.verdicts] == expected
    assert judged.rules == rules_version(KEY)


def test_a_table_without_checks_passes(lakehouse: Lakehouse) -> None:
    assert judge(submitted(KEY, Table(frame=ROWS)), [], lakehouse).failed == ()


def test_the_rules_of_a_portfolio_are_part_of_what_judges_its_tables() -> None:
    assert rules_version(KEY) != rules_version("german_credit/raw/applications")


def test_what_is_refused_is_kept_with_what_belongs_to_it(lakehouse: Lakehouse) -> None:
    table = Table(frame=ROWS, summary={"why": "test"}, beside={OTHER: Table(frame=ROWS.head(1), info=INFO)})
    version = refuse(lakehouse, KEY, table, ODD, replace(INFO, run_id="a-run"))
    stored = lakehouse.read(refused_key(KEY))
    assert (stored.version, stored.version.run_id) == (version, "a-run")
    assert stored.summary["why"] == "test"
    assert stored.summary[BESIDE] == {OTHER: 0}
    assert lakehouse.read(refused_key(OTHER)).version.run_id == "a-run"
    assert lakehouse.keys() == [refused_key(KEY), refused_key(OTHER)]


def test_once_however_often_unless_something_differs(lakehouse: Lakehouse) -> None:
    def version(rows: pl.DataFrame = ROWS, judged: Judged = ODD, info: CommitInfo = INFO) -> int:
        return refuse(lakehouse, KEY, Table(frame=rows), judged, info).version

    assert [version(), version(ROWS.reverse()), version()] == [0, 0, 0]
    assert version(ROWS.head(2)) == 1
    assert version(ROWS.head(2), FINAL) == 2
    assert version(ROWS.head(2), FINAL, replace(INFO, source_hashes={"loans.csv": "2"})) == 3
    assert version(ROWS.head(2), FINAL, replace(INFO, source_hashes={"loans.csv": "2"})) == 3
    lakehouse.write(KEY, ROWS)
    assert version(ROWS.head(2), FINAL, replace(INFO, source_hashes={"loans.csv": "2"})) == 4


def test_what_was_accepted_stays_so_row_for_row_and_for_what_was_answered_for(lakehouse: Lakehouse) -> None:
    submission = submitted(KEY, Table(frame=ROWS))
    assert accepted_before(lakehouse, submission, ODD) is None
    lakehouse.write(KEY, ROWS, summary=ODD.recorded())
    assert accepted_before(lakehouse, submission, ODD) is None
    accepted = lakehouse.write(KEY, ROWS, summary=ODD.recorded(), info=CommitInfo(exception="Accepted by Ana."))
    assert accepted_before(lakehouse, submission, ODD) == accepted
    assert accepted_before(lakehouse, submission, FINAL) is None
    assert accepted_before(lakehouse, submitted(KEY, Table(frame=ROWS.head(2))), ODD) is None
    lakehouse.write(KEY, ROWS)
    assert accepted_before(lakehouse, submission, ODD) is None


def told(lakehouse: Lakehouse, judged: Judged, rejected: int) -> str:
    table = Table(frame=ROWS, beside={OTHER: Table(frame=ROWS.head(rejected))})
    return refusal(lakehouse, KEY, judged, refuse(lakehouse, KEY, table, judged, INFO), [OTHER])


def test_a_refusal_says_what_is_in_force_where_to_look_and_what_to_do(lakehouse: Lakehouse) -> None:
    said = told(lakehouse, ODD, rejected=1)
    assert said.startswith(f"{KEY} was refused and not put in force. Check usual: Odd. No version of {KEY} is in force")
    assert f"credit-platform show {KEY}__refused and credit-platform show {OTHER}__refused." in said
    assert f"credit-platform accept {KEY} --by NAME --reason TEXT" in said
    lakehouse.write(KEY, ROWS)
    said = told(lakehouse, FINAL, rejected=0)
    assert f"Version 0 of {KEY}, of " in said
    assert f"show {KEY}__refused." in said
    assert f"show {OTHER}__refused" not in said
    assert "whole cannot be answered for by hand" in said
    assert "credit-platform accept" not in said
    assert in_force_sentence(lakehouse, KEY) in said


def test_rows_that_are_in_force_already_are_not_said_to_be_kept_out(lakehouse: Lakehouse) -> None:
    lakehouse.write(KEY, ROWS)
    said = told(lakehouse, FINAL, rejected=0)
    assert said.startswith(f"{KEY} was refused; the same rows are in force from before. Check whole: Broken.")
    assert "not put in force" not in said
    lakehouse.write(KEY, ROWS.head(2))
    assert "was refused and not put in force" in told(lakehouse, FINAL, rejected=0)


def test_a_stored_version_is_judged_like_a_new_one(lakehouse: Lakehouse) -> None:
    lakehouse.write(KEY, ROWS, summary={"why": "test"})
    submission = submission_of(lakehouse.read(KEY), {OTHER: ROWS.lazy()})
    assert (submission.key, submission.rows, submission.summary) == (KEY, 3, {"why": "test"})
    assert submission.collected.equals(ROWS)
    assert list(submission.beside) == [OTHER]
