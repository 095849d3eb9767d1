"""What is guessed of a file, and what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.authoring.looking import look
from credit_platform.authoring.template import words
from credit_platform.errors import RawFileError, SettingError
from credit_platform.portfolios.source_table import ColumnType
from credit_platform_tests.unit.authoring.conftest import loans_of_nobody


def written(folder: Path, text: str) -> Path:
    file = folder / "prêts 1.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_types_nulls_and_roles_are_seen(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    loans_of_nobody(400).write_csv(file)
    seen = look(file)
    assert (seen.key, seen.target) == ("applicant_id", "SeriousDlqin2yrs")
    found = {column.name: column for column in seen.columns}
    assert found["RevolvingUtilization"].type is ColumnType.FLOAT64
    assert (found["MonthlyIncome"].type, found["MonthlyIncome"].nulls > 40) == (ColumnType.INT32, True)
    assert found["Region"].categories == ("north", "overseas, far", "south")
    assert (found["Sex"].protected, found["age"].audited) == ("sex", "age")
    assert [column.name for column in seen.applicant_columns if not column.is_used] == ["Sex", "Note"]
    assert any("Note is a text with 400 values: no feature reads it" in note for note in seen.notes)


def test_other_delimiters_odd_cells_and_a_missing_key(tmp_path: Path) -> None:
    rows = "".join(f"{number % 2};{number * 3};x\n" for number in range(60))
    seen = look(written(tmp_path, "paid late?;sum {lent};k\n" + rows + "1;many;x\n"))
    assert seen.frame.columns == ["applicant_id", "paid_late?", "sum_lent", "k"]
    notes = " ".join(seen.notes)
    assert "1 cells of sum_lent are no numbers ('many')" in notes
    assert "numbers the rows from 1, as applicant_id" in notes
    assert "k has one value" in notes


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("a,b\n0,1\n1,0\n", {}, "could be a, b"),
        ("a,b\n0,x\n2,y\n", {}, "is nowhere"),
        ("a,b\n0,x\n1,y\n", {"target": "c"}, "no column 'c'"),
        ("a,b\n0,x\n1,y\n", {"target": "b"}, "not 0 or 1"),
        ("a,b\n0,x\n1,x\n", {"key": "b"}, "does not name each row once"),
    ],
)
def test_what_cannot_be_guessed_is_asked_for(tmp_path: Path, text: str, options: dict[str, str], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        look(written(tmp_path, text), **options)


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"a\n1\n", "é".encode("latin-1") * 9, b"a,b\n1,2\n1,2,3\n"])
def test_what_is_no_file_of_loans_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "f.csv"
    file.write_bytes(content)
    for _ in range(2):
        with pytest.raises(RawFileError):
            look(file)


def test_a_name_becomes_words() -> None:
    assert words("NumberOfTime30-59DaysPastDue") == "number of time 30-59 days past due"
    assert words("revenu_mensuel_é") == "revenu mensuel é"
