"""A portfolio that was just made has no fault; what is broken in one is said all at once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from credit_platform.authoring.checking import check_portfolio
from credit_platform.authoring.making import make_portfolio
from credit_platform.errors import PortfolioError, SettingError, UnknownPortfolioError
from credit_platform.features.version import feature_version
from credit_platform.portfolios import get_portfolio, portfolio_folder, portfolio_names
from credit_platform.serving.bentos import _code_files
from credit_platform_tests.unit.authoring.conftest import Maker


def broken(folder: Path, module: str, *pairs: tuple[str, str]) -> None:
    """Put other words into a module that nobody has imported yet."""
    file = folder / module
    text = file.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")


def test_what_was_made_has_no_fault_and_says_what_is_left_to_decide(maker: Maker) -> None:
    made = maker("fresh_loans")
    assert "fresh_loans" in portfolio_names()
    assert portfolio_folder("fresh_loans") == made.folder
    found = check_portfolio("fresh_loans")
    assert [one for one in found if not one.advice] == []
    assert {one.where for one in found} == {"source", "costs", "contact"}
    assert made.marks == sum(path.read_text().count("FILL IN") for path in made.folder.rglob("*.py"))
    assert [one.name for one in get_portfolio("fresh_loans").audit_features] == ["age_band"]


@pytest.mark.parametrize("name", portfolio_names())
def test_the_portfolios_that_ship_have_no_fault(name: str) -> None:
    assert [one for one in check_portfolio(name) if not one.advice] == []


def test_everything_is_said_at_once(maker: Maker) -> None:
    folder = maker("bad_loans").folder
    broken(
        folder,
        "tables.py",
        ("nullable=True, minimum=0", "nullable=True, minimum=9, maximum=3"),
        ("allowed=(0, 1)", "minimum=0"),
    )
    broken(folder, "reasons/__init__.py", ("known_of('age'", "known_of('years'"))
    broken(folder, "portfolio.py", ('"lightgbm"', '"light"'), ("false_negative=5.0", "false_negative=0.0"))
    broken(folder, "portfolio.py", ("TYPICAL: dict[str, object] = {", 'TYPICAL: dict[str, object] = {"salary": 3,'))
    said = [f"{one.where} {one.what}" for one in check_portfolio("bad_loans") if not one.advice]
    for part in ("minimum 9 above its maximum 3", "allowed=(0, 1)", "age", "has 'light'", "above 0", "has 'salary'"):
        assert any(part in one for one in said), (part, said)


def test_a_feature_that_does_not_fit_or_reads_what_is_protected_is_named(maker: Maker) -> None:
    folder = maker("peeping_loans").folder
    broken(
        folder, "features.py", ("nw.col('Region')", "nw.col('Sex')"), ("nw.col('MonthlyIncome')", "nw.col('Income')")
    )
    said = [one.what for one in check_portfolio("peeping_loans") if one.where.startswith("feature ")]
    assert "Income" in said[0]
    assert "Sex is protected (sex): no feature may read it." in said[1]
    folder = maker("lost_loans").folder
    broken(folder, "features.py", ("nw.col('Region')", "nw.col('Regoin')"))
    assert any("Regoin" in one.what for one in check_portfolio("lost_loans") if not one.advice)


def test_names_that_others_stand_on_come_first(maker: Maker) -> None:
    broken(maker("nameless").folder, "portfolio.py", ("'nameless'", "'other'"), ("'applicant_id'", "'id'"))
    assert [one.where for one in check_portfolio("nameless")] == ["name", "applicant_key"]


def test_a_slip_in_a_module_is_told_by_file_and_line(maker: Maker) -> None:
    folder = maker("slipped").folder
    broken(
        folder,
        "features.py",
        (
            "FEATURES = (",
            "FEATURES = ((",
        ),
    )
    for _ in range(2):
        with pytest.raises(PortfolioError, match=r"features\.py, line \d+: "):
            check_portfolio("slipped")
    sys.modules.pop("credit_platform.portfolios.slipped", None)


def test_a_bento_holds_it_in_the_package_and_its_version_is_that_of_there(maker: Maker) -> None:
    made = maker("moving_loans")
    files = _code_files("moving_loans")
    inside = {name: file for name, file in files.items() if "moving_loans" in name}
    assert set(inside) == {
        f"credit_platform/portfolios/moving_loans/{file.relative_to(made.folder).as_posix()}"
        for file in made.folder.rglob("*.py")
    }
    assert len(feature_version(get_portfolio("moving_loans"))) == 12


def test_what_cannot_be_made_is_refused(maker: Maker, tmp_path: Path) -> None:
    made = maker("once_only")
    for name, said in (("once_only", "already"), ("german_credit", "already"), ("My Loans", "no name")):
        with pytest.raises(SettingError, match=said):
            maker(name)
    with pytest.raises(SettingError, match="is there already"):
        make_portfolio("another", tmp_path / "prêts 1.csv", to=tmp_path / "x", raw=made.raw.parent)
    with pytest.raises(UnknownPortfolioError):
        check_portfolio("nobody")
