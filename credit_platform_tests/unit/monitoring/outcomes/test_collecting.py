"""Files of outcomes: every row counts for a decision, or is told with its reason."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credit_platform.errors import RawFileError
from credit_platform.monitoring.outcomes.collecting import Collected, collect
from credit_platform.monitoring.outcomes.log_index import INDEX
from credit_platform.monitoring.outcomes.matching import Reason
from credit_platform.portfolios import get_portfolio

PORTFOLIO = get_portfolio("german_credit")
TODAY = date(2026, 11, 30)
HEADER = "request_id,applicant_id,decided_on,observed_at,months_on_book,defaulted,loss"


def index(*rows: dict[str, Any]) -> pl.DataFrame:
    """Decisions with defaults; `row` counts from 1, the request is called r<row>, the applicant <row>."""
    made = [
        {
            "log": "log",
            "row": number,
            "request_id": f"r{number}",
            "applicant_id": str(number),
            "decided_at": datetime(2026, 1, 15, 12, tzinfo=UTC),
            "decision": "accepted",
            **row,
        }
        for number, row in enumerate(rows, start=1)
    ]
    return pl.DataFrame(made, schema=INDEX)


def collected(folder: Path, texts: dict[str, str], decisions: pl.DataFrame, today: date = TODAY) -> Collected:
    """Write the files and collect them."""
    files = []
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        files.append(folder / name)
    return collect(PORTFOLIO, files, [decisions], staging=folder / "staging", today=today)


def one_file(folder: Path, lines: Sequence[str], decisions: pl.DataFrame) -> Collected:
    return collected(folder, {"a.csv": "\n".join([HEADER, *lines, ""])}, decisions)


def reasons(found: Collected) -> list[tuple[int, str]]:
    return found.rejected.select("line", "reason").rows()


def test_a_request_and_an_applicant_with_a_day_name_the_same_decision(tmp_path: Path) -> None:
    lines = ["r1,,,2026-03-01,2,0,", ",1,2026-01-15,2026-06-01,5,1,120.5"]
    found = one_file(tmp_path, lines, index({}))
    assert found.outcomes.rows(named=True) == [
        {
            "log": "log",
            "row": 1,
            "decided_at": datetime(2026, 1, 15, 12, tzinfo=UTC),
            "month": "2026-01",
            "months_on_book": 5,
            "defaulted": True,
            "default_month": 5,
            "observed_at": date(2026, 6, 1),
            "loss": 120.5,
            "synthetic": False,
            "observations": 2,
        }
    ]
    assert found.rejected.is_empty()
    assert "1 loan, of which 1 defaulted" in found.record.message


@pytest.mark.parametrize(
    ("lines", "decisions", "expected"),
    [
        (["r9,,,2026-03-01,2,0,"], [{}], [(2, Reason.UNKNOWN)]),
        ([",7,2026-01-15,2026-03-01,2,0,"], [{}], [(2, Reason.UNKNOWN)]),
        (["r1,,,2026-03-01,2,0,"], [{"decision": "refused"}], [(2, Reason.REFUSED)]),
        (["r1,,,2026-01-14,0,0,"], [{}], [(2, Reason.BEFORE)]),
        (["r1,,,2026-12-01,2,0,"], [{}], [(2, Reason.LATER)]),
        (["r1,2,,2026-03-01,2,0,"], [{}, {}], [(2, Reason.ANOTHER)]),
        (["r1,,2026-01-16,2026-03-01,2,0,"], [{}], [(2, Reason.ANOTHER)]),
        ([",1,2026-01-15,2026-03-01,2,0,"], [{}, {"applicant_id": "1"}], [(2, Reason.AMBIGUOUS)]),
        (["r1,,,2026-03-01,2,0,", "r1,,,2026-03-01,2,0,"], [{}], [(3, Reason.TWICE)]),
        (
            ["r1,,,2026-03-01,2,1,", "r1,,,2026-04-01,3,0,"],
            [{}],
            [(2, Reason.CONTRADICTING), (3, Reason.CONTRADICTING)],
        ),
        (
            ["r1,,,2026-03-01,2,0,", "r1,,,2026-03-01,2,1,"],
            [{}],
            [(2, Reason.CONTRADICTING), (3, Reason.CONTRADICTING)],
        ),
        (
            ["r1,,,2026-03-01,2,0,", "r1,,,2026-04-01,1,0,"],
            [{}],
            [(2, Reason.CONTRADICTING), (3, Reason.CONTRADICTING)],
        ),
        ([",,,2026-03-01,2,0,"], [{}], [(2, "whose:neither a request nor an applicant with a day")]),
        (["r1,,,01/03/2026,2,0,"], [{}], [(2, "date:observed_at")]),
        (["r1,,,2026-02-30,2,0,"], [{}], [(2, "date:observed_at")]),
        (["r1,,,2026-03-01,2,2,"], [{}], [(2, "allowed:defaulted")]),
        (["r1,,,2026-03-01,-1,0,"], [{}], [(2, "range:months_on_book")]),
        (["r1,,,2026-03-01,x,0,"], [{}], [(2, "type:months_on_book")]),
        (["r1,,,,2,0,"], [{}], [(2, "not_null:observed_at")]),
    ],
)
def test_each_row_that_cannot_count_is_told_with_its_line(
    tmp_path: Path, lines: list[str], decisions: list[dict[str, Any]], expected: list[tuple[int, str]]
) -> None:
    found = one_file(tmp_path, lines, index(*decisions))
    assert reasons(found) == expected
    assert found.record.rows_in == found.record.observations + found.rejected.height


def test_lines_are_those_of_the_file_where_others_break_the_contract(tmp_path: Path) -> None:
    lines = ["r1,,,2026-03-01,x,0,", "r9,,,2026-03-01,2,0,", '"a\nb",,,2026-03-01,2,0,', "r8,,,2026-03-01,2,0,"]
    found = one_file(tmp_path, lines, index({}))
    assert found.rejected["line"].to_list() == [2, 3, 4, 6]


def test_a_later_observation_goes_on_and_does_not_contradict(tmp_path: Path) -> None:
    lines = ["r1,,,2026-03-01,2,0,", "r1,,,2026-05-01,4,1,10", "r1,,,2026-05-01,4,1,", "r1,,,2026-07-01,4,1,30"]
    found = one_file(tmp_path, lines, index({}))
    assert found.outcomes.select("default_month", "loss", "observations").rows() == [(4, 30.0, 3)]
    assert reasons(found) == [(4, Reason.TWICE)]


def test_refused_before_and_accepted_later_on_one_day_is_the_accepted_one(tmp_path: Path) -> None:
    decisions = index({"decision": "refused"}, {"applicant_id": "1"})
    assert one_file(tmp_path, [",1,2026-01-15,2026-03-01,2,0,"], decisions).outcomes["row"].to_list() == [2]


def test_a_number_is_the_same_applicant_in_any_spelling_and_days_are_the_portfolios(tmp_path: Path) -> None:
    decisions = index({"decided_at": datetime(2026, 1, 15, 23, 30, tzinfo=UTC)})  # half past midnight in Paris
    assert one_file(tmp_path, [",001.0,2026-01-16,2026-03-01,2,0,"], decisions).outcomes.height == 1


def test_what_is_stored_names_nobody(tmp_path: Path) -> None:
    lines = ["r1,Durand,,2026-03-01,2,0,", "r-Durand,,,2026-03-01,2,0,", ",Durand,2026-01-15,x,2,0,"]
    found = one_file(tmp_path, lines, index({"applicant_id": "Durand"}))
    stored = "".join(frame.write_csv() for frame in (found.outcomes, found.rejected)) + str(found.record)
    assert "Durand" in (tmp_path / "a.csv").read_text()
    assert "Durand" not in stored


def test_columns_may_be_left_out_and_synthetic_rows_say_so(tmp_path: Path) -> None:
    text = "request_id,observed_at,months_on_book,defaulted,synthetic\nr1,2026-03-01,2,0,1\n"
    found = collected(tmp_path, {"a.csv": text}, index({}))
    assert found.synthetic
    assert found.outcomes["synthetic"].to_list() == [True]
    assert "synthetic" in found.record.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("observed_at,months_on_book,defaulted\n2026-03-01,2,0\n", "does not say whose outcomes they are"),
        ("applicant_id,observed_at,months_on_book,defaulted\n1,2026-03-01,2,0\n", "request_id, or applicant_id and"),
        ("request_id,observed_at,defaulted\nr1,2026-03-01,0\n", "months_on_book"),
        ("", "a.csv"),
        (HEADER + "\n", "has a header and no rows"),
    ],
)
def test_a_broken_file_is_named_with_the_cure(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RawFileError, match=said) as raised:
        collected(tmp_path, {"a.csv": text}, index({}))
    assert "a.csv" in str(raised.value)


def test_nothing_is_a_plain_word(tmp_path: Path) -> None:
    found = collected(tmp_path, {}, index())
    assert found.record.message == "No outcomes yet: no file lies in the folder for them."
    assert found.outcomes.is_empty()
    assert found.rejected.is_empty()


_ROW = st.tuples(
    st.sampled_from(["r1", "r2", "r3", "r9", ""]),
    st.sampled_from(["1", "2", "3", "", "x"]),
    st.sampled_from(["2026-01-15", "2026-01-16", "", "no"]),
    st.sampled_from(["2026-01-01", "2026-03-01", "2026-04-01", "2027-01-01", ""]),
    st.sampled_from(["0", "2", "3", "-1", ""]),
    st.sampled_from(["0", "1", "2"]),
    st.sampled_from(["", "10", "-5"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_ROW, max_size=12), st.randoms(use_true_random=False))
def test_no_row_is_lost_and_the_order_of_files_does_not_matter(
    tmp_path: Path, rows: list[tuple[str, ...]], chance: Any
) -> None:
    decisions = index({}, {"decision": "refused"}, {"decision": "review"})
    lines = [",".join(row) for row in rows]
    split = chance.randint(0, len(lines))
    parts = {"a.csv": lines[:split], "b.csv": lines[split:]}
    texts = {name: "\n".join([HEADER, *part, ""]) for name, part in parts.items() if part}
    found = collected(tmp_path, texts, decisions)
    assert found.record.rows_in == len(rows) == found.record.observations + found.rejected.height
    assert int(found.outcomes["observations"].sum()) == found.record.observations
    assert found.rejected.select("file", "line").n_unique() == found.rejected.height
    again = collected(tmp_path, dict(reversed(texts.items())), decisions)
    assert again.outcomes.equals(found.outcomes)
    assert Counter(again.rejected["reason"]) == Counter(found.rejected["reason"])
