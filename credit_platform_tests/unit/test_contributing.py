"""What CONTRIBUTING.md says of the code is so: its files are there, and hold the names it looks for in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "credit_platform"
BASES = (ROOT, PACKAGE, ROOT / "credit_platform_tests", PACKAGE / "modelling" / "candidates")
PATHS = sorted(set(re.findall(r"`((?:[\w.]+/)+[\w.]*|_?[\w]+\.(?:py|toml))`", TEXT)))
NAMES = sorted(set(re.findall(r"`(_?[A-Z][\w]+)`\s+of\s+`([\w./]+\.py)`", TEXT)))
NO_PATHS = {"golden/", "models/scorer"}
"""Any folder of that name; an asset."""
OF_A_PORTFOLIO = {"tables.py", "features.py", "reasons/", "claims/", "portfolio.py"}


def found(path: str) -> Path | None:
    bases = (PACKAGE / "portfolios" / "german_credit",) if path in OF_A_PORTFOLIO else BASES
    return next((base / path for base in bases if (base / path).exists()), None)


@pytest.mark.parametrize("path", [path for path in PATHS if path not in NO_PATHS])
def test_a_file_or_folder_that_it_names_is_there(path: str) -> None:
    assert found(path), f"CONTRIBUTING.md names {path}, which is not there"


@pytest.mark.parametrize(("name", "path"), NAMES)
def test_a_name_is_in_the_file_that_it_is_said_to_be_in(name: str, path: str) -> None:
    file = found(path)
    assert file is not None
    assert re.search(rf"^{name}\b", file.read_text(encoding="utf-8"), re.MULTILINE), f"{name} is not in {path}"


def test_the_text_is_read() -> None:
    assert len(PATHS) > 20
    assert len(NAMES) >= 5
