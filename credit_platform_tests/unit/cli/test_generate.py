"""`credit-platform generate`: files, mark and screen; real files are never written over."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from credit_platform.cli import app
from credit_platform.errors import GenerationError, UnknownPortfolioError
from credit_platform.portfolios.generator import FIDELITY_PAGE, SYNTHETIC_MARKER

ARGUMENTS = ["generate", "home_credit", "--scale", "0.001", "--seed", "3"]


def run(*arguments: str) -> str:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, list(arguments))
    if isinstance(result.exception, Exception) and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_files_a_mark_and_what_to_do_next(tmp_path: Path) -> None:
    said = run(*ARGUMENTS, "--out", str(tmp_path), "--drift", "younger_applicants", "--defects", "missing_file")
    names = {path.name for path in tmp_path.iterdir()}
    assert SYNTHETIC_MARKER in names
    assert len({name for name in names if name.endswith(".csv")}) == 7
    assert "POS_CASH_balance.csv: removed" in said
    assert f"credit-platform run home_credit --raw {tmp_path}" in said.replace("\n", "")
    assert "27,300" in said


def test_without_a_folder_files_go_where_run_looks_for_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    for name in ("DAGSTER_HOME", "BENTOML_HOME", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    run(*ARGUMENTS)
    assert (tmp_path / "raw" / "home_credit" / "bureau.csv").is_file()


def test_generated_files_may_be_replaced_but_others_not(tmp_path: Path) -> None:
    run(*ARGUMENTS, "--out", str(tmp_path))
    run(*ARGUMENTS, "--out", str(tmp_path))
    (tmp_path / SYNTHETIC_MARKER).unlink()
    before = (tmp_path / "bureau.csv").read_bytes()
    with pytest.raises(GenerationError, match=r"may be real\. Name another folder"):
        run(*ARGUMENTS, "--out", str(tmp_path), "--seed", "4")
    assert (tmp_path / "bureau.csv").read_bytes() == before


def test_list_shows_drifts_and_defects_and_writes_nothing(tmp_path: Path) -> None:
    said = run("generate", "home_credit", "--drift", "list", "--out", str(tmp_path / "none"))
    assert "younger_applicants" in said
    assert "orphan_flood" in said
    assert not (tmp_path / "none").exists()


def test_options_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    with pytest.raises(GenerationError, match="no drift 'meteor'"):
        run(*ARGUMENTS, "--out", str(tmp_path), "--drift", "meteor")
    with pytest.raises(UnknownPortfolioError, match="moon_credit"):
        run("generate", "moon_credit", "--out", str(tmp_path))


def test_a_report_says_how_close_the_files_come_to_the_real_ones(tmp_path: Path) -> None:
    said = run(*ARGUMENTS, "--out", str(tmp_path), "--report")
    page = (tmp_path / FIDELITY_PAGE).read_text(encoding="utf-8")
    assert "Against the statistics of the real files" in said
    assert "installments_payments" in said
    assert "meant for a scale of 0.02 or more" in said
    compared = page.count("<tr class=")
    assert f"of {compared} comparisons are within tolerance" in said
    assert compared > 400


def test_damaged_files_are_not_compared(tmp_path: Path) -> None:
    with pytest.raises(GenerationError, match="Leave out --report or --defects"):
        run(*ARGUMENTS, "--out", str(tmp_path / "new"), "--report", "--defects", "missing_file")
    assert not (tmp_path / "new").exists()
