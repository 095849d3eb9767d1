from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import narwhals as nw
import pytest

from credit_platform.features import feature_version, version
from credit_platform.portfolios import get_portfolio
from credit_platform_tests.unit.features.toy import TOY, feature


def test_it_is_twelve_hex_digits_and_stable() -> None:
    portfolio = get_portfolio("german_credit")
    assert re.fullmatch(r"[0-9a-f]{12}", feature_version(portfolio))
    assert feature_version(portfolio) == feature_version(portfolio)


def test_every_module_of_the_engine_is_covered() -> None:
    folder = Path(version.__file__).parent
    described_only = {"__init__.py", "catalogue.py", "catalogue_page.py", "checks.py", "version.py"}
    described_only |= {"aggregate_checks.py", "construction.py", "point_in_time.py"}
    modules = {file.relative_to(folder).as_posix() for file in folder.rglob("*.py")}
    own = {name for name in version.ENGINE if not name.startswith("../")}
    assert modules == described_only | {"engines/__init__.py", "engines/direct/__init__.py", *own}
    values = {f"../values/{file.name}" for file in (folder.parent / "values").glob("*.py")}
    # Who an applicant is and how faults are called changes no feature.
    assert values - {f"../values/{name}.py" for name in ("__init__", "faults", "identity")} == {*version.ENGINE} - own


def test_a_changed_expression_changes_it() -> None:
    changed = replace(TOY, cross_features=(feature("debt_to_income", nw.col("income") + 1),))
    assert feature_version(TOY) != feature_version(changed)


@pytest.mark.parametrize("name", ["features.py", "features/deep.py", "tables.py", "portfolio.py"])
def test_changed_source_text_changes_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def text_after(content: bytes) -> bytes:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
        version._folder_text.cache_clear()
        return version._folder_text(tmp_path)

    first = text_after(b"a = 1\n")
    assert text_after(b"a = 2\n") != first
    assert text_after(b"a = 1\r\n") == first, "line endings of a checkout are no change"


def test_reasons_do_not_change_it(tmp_path: Path) -> None:
    (tmp_path / "features.py").write_text("a = 1\n", encoding="utf-8")
    before = version._folder_text(tmp_path)
    (tmp_path / "reasons.py").write_text("words\n", encoding="utf-8")
    version._folder_text.cache_clear()
    assert version._folder_text(tmp_path) == before
