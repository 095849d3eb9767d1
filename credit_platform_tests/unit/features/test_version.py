from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import narwhals as nw

import credit_platform
from credit_platform import code_versions
from credit_platform.features import feature_version, is_version_of, version
from credit_platform.portfolios import get_portfolio
from credit_platform_tests.unit.features.toy import TOY, feature


def test_it_is_twelve_hex_digits_and_stable() -> None:
    portfolio = get_portfolio("german_credit")
    assert re.fullmatch(r"[0-9a-f]{12}", feature_version(portfolio))
    assert feature_version(portfolio) == feature_version(portfolio)


def test_what_computes_features_is_found_and_what_describes_them_is_not() -> None:
    folder = Path(version.__file__).parent
    covered = set(code_versions.closure(*version.COMPUTING, declarations=version.DECLARING))
    assert folder.parent / "portfolios" / "portfolio.py" in covered
    described_only = {"__init__.py", "catalogue.py", "catalogue_page.py", "checks.py", "version.py"}
    described_only |= {"aggregate_checks.py", "construction.py", "judges.py", "point_in_time.py", "records.py"}
    described_only |= {"decided.py", "trained_on.py"}  # which applicants, not what is computed of them
    described_only |= {"engines/__init__.py", "engines/direct/__init__.py"}
    modules = {file.relative_to(folder).as_posix() for file in folder.rglob("*.py")}
    assert (
        modules - {file.relative_to(folder).as_posix() for file in covered if folder in file.parents} == described_only
    )
    assert folder.parent / "values" / "rule.py" in covered


def test_files_that_definitions_read_are_covered() -> None:
    covered = code_versions.closure("credit_platform.portfolios.home_credit.features")
    assert "null_shares.json" in {file.name for file in covered}
    assert "reasons" not in {part for file in covered for part in file.parts}


def test_a_changed_expression_changes_it() -> None:
    changed = replace(TOY, cross_features=(feature("debt_to_income", nw.col("income") + 1),))
    assert feature_version(TOY) != feature_version(changed)


def checkout(folder: Path) -> str:
    """The version of german_credit in a copy of the package, by a process of its own."""
    told = "from credit_platform.portfolios import get_portfolio as p; from credit_platform.features import *"
    command = [sys.executable, "-B", "-c", f"{told}; print(feature_version(p('german_credit')))"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def test_comments_docstrings_reasons_costs_and_periods_do_not_change_it_and_definitions_do(tmp_path: Path) -> None:
    package = Path(credit_platform.__file__).parent
    shutil.copytree(package, tmp_path / "credit_platform", ignore=shutil.ignore_patterns("__pycache__"))
    portfolio = tmp_path / "credit_platform" / "portfolios" / "german_credit"
    first = checkout(tmp_path)
    assert first == feature_version(get_portfolio("german_credit"))
    features = portfolio / "features.py"
    text = features.read_text(encoding="utf-8")
    changed = text.replace('"""', '"""Another word. ', 1)
    features.write_text(f"# a tpyo\n{changed}", encoding="utf-8")
    costs = (portfolio / "portfolio.py").read_text(encoding="utf-8")
    (portfolio / "portfolio.py").write_text(costs.replace("false_negative=5.0", "false_negative=6.0"), encoding="utf-8")
    periods = portfolio.parent / "retention.py"
    periods.write_text(f"{periods.read_text(encoding='utf-8')}\nADDED = 1\n", encoding="utf-8")
    assert checkout(tmp_path) == first
    rule = tmp_path / "credit_platform" / "values" / "rule.py"
    rule.write_text(f"{rule.read_text(encoding='utf-8')}\nADDED = 1\n", encoding="utf-8")
    assert checkout(tmp_path) != first


def test_versions_of_before_hold_while_no_letter_changed() -> None:
    portfolio = get_portfolio("german_credit")
    before = version._version_by_text("german_credit")
    assert before is not None
    assert before != feature_version(portfolio)
    assert is_version_of(portfolio, before)
    assert is_version_of(portfolio, feature_version(portfolio))
    assert not is_version_of(portfolio, "0" * 12)
    assert version._version_by_text("no such folder") is None
