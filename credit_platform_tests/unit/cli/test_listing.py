"""How records are shown: whole words on a screen, TSV in a pipe, JSON."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from rich.console import Console

from credit_platform.cli.listing import Field, Listing, Row, fixed, moment, show_listing, thousands, tsv

ID = "fea1d6833eae4665951be7aaebb87ce6"
FIELDS = (
    Field("at", "time (UTC)", moment),
    Field("id", "request"),
    Field("share", "share", fixed(2)),
    Field("count", "count", thousands),
    Field("good", "good"),
    Field("nothing", "nothing"),
    Field("why", "why", is_sentence=True),
)
ROW: Row = {
    "at": datetime(2026, 11, 30, 1, 39, 41, tzinfo=UTC),
    "id": ID,
    "share": 0.123456,
    "count": 12345,
    "good": True,
    "nothing": None,
    "why": "A sentence that is far longer than any column of a table could be without breaking it into pieces.",
}


def shown(listing: Listing, width: int = 80, *, terminal: bool = True, as_json: bool = False) -> str:
    screen = Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=None, _environ={})
    show_listing(listing, as_json=as_json, console=screen)
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


@pytest.mark.parametrize("width", [20, 40, 79, 80, 200])
def test_no_word_is_broken_at_any_width(width: int) -> None:
    told = shown(Listing("A title of some length", FIELDS, [ROW, ROW]), width)
    for text in (ID, "2026-11-30 01:39:41", "0.12", "12,345", "yes", str(ROW["why"]), "A title of some length"):
        assert text in told
    assert "nothing" not in told


def test_a_narrow_screen_gets_blocks_and_a_wide_one_a_table_with_sentences_below() -> None:
    listing = Listing("Title", FIELDS, [ROW])
    assert "  request     fea1d6833eae4665951be7aaebb87ce6\n" in shown(listing, 60)
    wide = shown(listing, 120)
    assert f"│ {ID} │" in wide
    assert f"\ntime (UTC) 2026-11-30 01:39:41: {ROW['why']}\n" in wide


def test_a_wide_table_names_the_columns_that_do_not_fit() -> None:
    told = shown(Listing("Title", FIELDS[:5], [ROW], is_wide=True), 62)
    assert f"│ {ID} │" in told
    assert "3 more columns: share, count, good. " in told
    assert all(len(line) <= 62 for line in told.splitlines() if line[:1] in tuple("┏┡│└"))


def test_a_first_column_that_is_too_wide_makes_blocks_and_leaves_nothing_out() -> None:
    told = shown(Listing("Title", FIELDS[1:5], [ROW], is_wide=True), 30)
    assert "12,345" in told
    assert "more columns" not in told


def test_a_pipe_gets_values_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    told = shown(Listing("Title", FIELDS, [ROW], ("A note.",)), 20, terminal=False)
    names, values = (line.split("\t") for line in told.splitlines())
    assert names == [field.name for field in FIELDS]
    assert values == ["2026-11-30T01:39:41+00:00", ID, "0.123456", "12345", "true", "", ROW["why"]]
    assert capsys.readouterr().err == "A note.\n"


def test_json_is_json_whatever_the_values() -> None:
    row = {"a": float("nan"), "b": ("x", None), "c": {"d": datetime(2026, 1, 1, tzinfo=UTC)}, "d": "[bold]é"}
    listing = Listing("Title", tuple(Field(name, name) for name in row), [row])
    assert json.loads(shown(listing, as_json=True)) == [
        {"a": "nan", "b": ["x", None], "c": {"d": "2026-01-01T00:00:00+00:00"}, "d": "[bold]é"}
    ]


def test_a_line_of_tsv_is_one_record_and_no_formula() -> None:
    rows: list[Row] = [{"a": "x\ty\nz\\", "b": ["p", "q"]}, {"a": "=cmd()", "b": [{"c": 1}]}, {"a": "-5", "b": None}]
    assert tsv(Listing("Title", (Field("a", "a"), Field("b", "b")), rows)).splitlines() == [
        "a\tb",
        "x\\ty\\nz\\\\\tp, q",
        '\'=cmd()\t[{"c": 1}]',
        "-5\t",
    ]


def test_nothing_is_said_to_be_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    empty = Listing("Decisions", FIELDS, [])
    assert shown(empty) == "Decisions: none\n"
    assert shown(empty, terminal=False) == "\t".join(field.name for field in FIELDS) + "\n"
    assert json.loads(shown(empty, as_json=True)) == []
