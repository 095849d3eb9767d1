"""Values that most rows share the fault of are shown, with the cause that can be told from them."""

from __future__ import annotations

import polars as pl
import pytest

from credit_platform.quality.examples import Example, common_cause, examples_of
from credit_platform.quality.findings import explain_rejections

REJECTED = pl.LazyFrame(
    {
        "amount": ["1,5", "1,5", None, "2,5", "3,5", "4,5"],
        "rule": ["type:amount", "type:amount", "not_null:amount", "type:x; type:amount", "type:amount", "type:amount"],
        "line": [9, 3, 4, 5, 6, 7],
    }
)


def test_three_different_values_are_shown_by_line() -> None:
    assert examples_of(REJECTED, "type:amount") == [Example("1,5", 3), Example("2,5", 5), Example("3,5", 6)]
    assert examples_of(REJECTED, "not_null:amount") == examples_of(REJECTED, "duplicate_key") == []


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (["1234,5", "-0,25", "1 234,50"], "decimal comma"),
        (["€ 12", "13.5€"], "sign of a currency"),
        (["12 USD"], "sign of a currency"),
        (["12%", "1.5 %"], "percentages"),
        (["2026-01-31", "31/01/2026", "2026-01-31 10:00"], "dates"),
        (["1 234", "12\u00a0345.5"], "thousands"),
        (["TRUE", "false"], "truth values"),
        (["12", "x"], None),
        (["1,5", "x"], None),
        ([], None),
    ],
)
def test_the_cause_is_told_from_all_of_them_or_not(texts: list[str], says: str | None) -> None:
    cause = common_cause([Example(text, 2) for text in texts])
    assert cause is None if says is None else says in str(cause)


def test_a_long_value_is_shortened() -> None:
    assert len(str(Example("x" * 500, 2))) < 60


def test_the_sentence_holds_the_cause_and_the_values() -> None:
    said = str(explain_rejections({"type:amount": 5}, 6, examples_of(REJECTED, "type:amount")))
    assert "83% of the rows break type:amount" in said
    assert 'decimal comma: export them with a decimal point. In the file: "1,5" (line 3), "2,5" (line 5), ' in said
    assert "exported as text?" in str(explain_rejections({"type:amount": 5}, 6))
    assert "left out of the export?" in str(explain_rejections({"not_null:amount": 5}, 6))
    assert "two exports" in str(explain_rejections({"duplicate_key": 5}, 6))


def test_marks_of_no_value_and_blanks_in_a_text_column_are_named() -> None:
    for texts, said in (
        (("NA", "."), "they stand for no value: write an empty field for it."),
        (("car ", "\u00a0tv"), "there are blanks around them: export them without."),
        (("car ", "bus"), "are columns exchanged?"),
    ):
        examples = [Example(text, 2) for text in texts]
        assert f"are wrong: {said} In the file" in str(explain_rejections({"allowed:x": 5}, 6, examples))
