"""The report says what happened in words and numbers that a stranger understands, in one file."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.quality import Finding, Severity, TableReport, Verdict, ingest, render_report
from credit_platform.quality import profile as profile_module
from credit_platform.quality.profile import ColumnProfile
from credit_platform.quality.report import Unread
from credit_platform.quality.report_format import bars, number, share, size
from credit_platform_tests.unit.quality.tables import EVENTS, GOOD, LOANS, write

CREATED = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


def report(folder: Path, *lines: str, previous: TableReport | None = None) -> TableReport:
    lakehouse = Lakehouse(str(folder / "lakehouse"))
    ingested = ingest(LOANS, write(folder, *lines), {})
    version = lakehouse.write("t/raw/loans", ingested.kept, summary=ingested.summary(), info=CommitInfo())
    summary = json.loads(json.dumps(lakehouse.read("t/raw/loans").summary))
    return TableReport.from_summary(LOANS, summary, version, previous)


def render(*reports: TableReport, synthetic: bool = False) -> str:
    return render_report("Test loans", reports, created=CREATED, synthetic=synthetic)


def test_sound_tables_say_so_on_the_first_screen(tmp_path: Path) -> None:
    html = render(report(tmp_path, *GOOD))
    assert "Every row of every file satisfies its contract." in html
    assert "04 March 2026, 05:06 UTC" in html
    assert "There is no earlier version to compare with." in html


def test_rejected_rows_are_shown_by_rule(tmp_path: Path) -> None:
    shown = report(tmp_path, *GOOD, "4,10,1,boat,-1")
    assert shown.verdict is Verdict.LOOK
    html = render(shown)
    assert "allowed:purpose: 1 rows" in html
    assert "<b>4</b> rows in loans.csv = <b>3</b> kept + <b>1</b> rejected" in html


def test_too_many_rejected_rows_stop_the_reader(tmp_path: Path) -> None:
    shown = report(tmp_path, GOOD[0], "4,10,1,boat,-1")
    assert shown.verdict is Verdict.STOP
    assert "More rows were rejected than allowed in: loans." in render(shown)


def test_gravest_table_decides_the_page(tmp_path: Path) -> None:
    sound = report(tmp_path, *GOOD)
    html = render(sound, report(tmp_path, *GOOD, "4,10,1,boat,-1"))
    assert "Every table can be used. Some rows were set aside: see the table below." in html


def test_warnings_and_notes_are_listed(tmp_path: Path) -> None:
    html = render(report(tmp_path, "1,,1,car,365243", "2,,1,car,-1"))
    assert "Every table can be used. No row was set aside, but something is unusual: see the table below." in html
    assert "2 values of customer (100%) are null." in html
    assert "1 values of days hold 365243, which stands for unknown." in html


def test_changes_since_the_previous_version(tmp_path: Path) -> None:
    first = report(tmp_path, *GOOD)
    assert "Nothing: the rows are the same." in render(report(tmp_path, *GOOD, previous=first))
    second = report(tmp_path, *GOOD, "4,10,,car,-1", "5,10,1,boat,-1", previous=first)
    assert second.changes == [
        "Rows: 3 → 4.",
        "Rejected rows: 0 → 1.",
        "Nulls in amount: 33.3% → 50.0%.",
        "Nulls in customer: 33.3% → 25.0%.",
    ]
    moved = dataclasses.replace(first.profile.columns[0], name="new", psi=0.4)
    third = dataclasses.replace(
        first, profile=dataclasses.replace(first.profile, columns=(moved,)), previous=first, version=None
    )
    assert "Column new is new." in third.changes
    assert "Column amount is gone." in third.changes
    same_but_rows = dataclasses.replace(first, previous=dataclasses.replace(first, version=None))
    assert "Nothing that stands out." in render(same_but_rows)


def test_moved_distribution_is_a_change(tmp_path: Path) -> None:
    first = report(tmp_path, *GOOD)
    columns = (dataclasses.replace(first.profile.columns[0], psi=0.4), *first.profile.columns[1:])
    moved = dataclasses.replace(first, profile=dataclasses.replace(first.profile, columns=columns), previous=first)
    assert moved.changes == ["Distribution of id moved (PSI 0.40)."]
    assert "PSI 0.400" in render(moved)


def test_synthetic_data_are_labelled_and_real_ones_are_not(tmp_path: Path) -> None:
    shown = report(tmp_path, *GOOD)
    assert "Synthetic data: generated, not collected" in render(shown, synthetic=True)
    assert "ynthetic data" not in render(shown)


def test_page_is_one_file_and_escapes_what_it_shows(tmp_path: Path) -> None:
    table = dataclasses.replace(LOANS, description="<script>alert(1)</script>")
    html = render(dataclasses.replace(report(tmp_path, *GOOD), table=table))
    for outside in ("<script", "<link", "http://", "https://", "src="):
        assert outside not in html
    assert "&lt;script&gt;" in html


def test_page_without_tables_renders() -> None:
    assert "<b>0</b><span>tables</span>" in render()


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (number(None), "–"),
        (number(1234567), "1,234,567"),
        (number(1234.56), "1,235"),
        (number(0.123456), "0.1235"),
        (share(0.0), "0.0%"),
        (share(0.0001), "< 0.1%"),
        (share(0.1234), "12.3%"),
        (size(12), "12 B"),
        (size(2048), "2.0 KiB"),
        (size(5 * 1024**2), "5.0 MiB"),
        (size(3 * 1024**3), "3.0 GiB"),
    ],
)
def test_numbers_read_well(shown: str, expected: str) -> None:
    assert shown == expected


def test_charts_hold_a_bar_per_bin_and_escape_labels() -> None:
    values = ColumnProfile(
        name="kind",
        type="string",
        description="",
        unit=None,
        nulls=0,
        null_share=0,
        distinct=2,
        bins=(("<b>", 0.6), ("a very long label indeed", 0.4)),
    )
    drawn = bars(values)
    assert drawn.count("<rect") == 2
    assert "&lt;b&gt;" in drawn
    assert "a very long label…" in drawn
    numbers = dataclasses.replace(values, type="int8", bins=tuple((str(i), 0.05) for i in range(20)))
    assert bars(numbers).count("<rect") == 20
    assert "<text" not in bars(numbers)
    allowed = dataclasses.replace(values, type="int8", bins=(("1", 0.5), ("(other)", 0.5)))
    assert "<text" in bars(allowed)
    assert bars(dataclasses.replace(values, bins=())) == ""


def test_what_the_run_could_not_read_is_said_first(tmp_path: Path) -> None:
    shown = report(tmp_path, *GOOD)
    events = Unread(table=EVENTS, reason="File events.csv does not exist. Put it there.")
    loans = Unread(table=LOANS, reason="It waits for events, which is damaged.", last_good=shown.version)
    html = render_report("Test loans", [shown], created=CREATED, unread=[events, loans])
    assert "Not all of the newest files are in force" in html
    assert "Do not use" not in html
    assert "The newest file was not put in force: events (no version of it is in force); loans (" in html
    assert shown.version is not None
    assert f"what is said of it below is about version {shown.version.version}" in html
    assert "File events.csv does not exist. Put it there." in html
    assert "nothing yet" in html
    assert "version 0, 3 rows" in html
    assert "Not read in the last run" not in render(shown)


def test_rules_are_explained(tmp_path: Path) -> None:
    shown = report(tmp_path, *GOOD, "4,10,1,boat,-1", "1,10,1,car,-1")
    assert "<td>no earlier row has the same id</td>" in render(shown)
    assert "<td>purpose is one of: car, tv</td>" in render(shown)
    assert shown.demand("type:amount") == "amount can be read as float64"
    assert shown.demand("not_null:id") == "id is not null"
    assert shown.demand("a rule of an older version") == ""


def test_the_headline_puts_damage_before_rejections_and_those_before_usual_warnings(tmp_path: Path) -> None:
    nulls = Finding(severity=Severity.WARNING, rule="nulls", column="amount", rows=2, share=0.6, message="Nulls.")
    flood = dataclasses.replace(nulls, rule="orphan_flood", message="A flood.")
    clean = dataclasses.replace(report(tmp_path, *GOOD), findings=[])
    assert clean.headline is None
    assert dataclasses.replace(clean, findings=[nulls]).headline == "Nulls."
    some = dataclasses.replace(report(tmp_path, *GOOD, "4,10,1,boat,-1"), findings=[nulls])
    assert some.headline == "allowed:purpose: 1 rows"
    assert dataclasses.replace(some, findings=[nulls, flood]).headline == "A flood."
    most = report(tmp_path, GOOD[0], "4,10,1,boat,-1", "5,10,1,boat,-1")
    assert str(most.headline).startswith("67% of the rows break allowed:purpose")
    assert str(most.headline) in render(most)


def test_only_numbers_that_are_estimates_are_marked_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_module, "SAMPLE_ROWS", 2)
    html = render(report(tmp_path, *GOOD))
    assert html.count('<td class="n">≈ ') == len(LOANS.columns) - 1, "the primary key differs in every row"
