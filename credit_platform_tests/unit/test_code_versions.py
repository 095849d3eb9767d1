"""Code versions follow the source, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from credit_platform.code_versions import code_version


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "versioned_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("A = 1\n", encoding="utf-8")
    (folder / "part.py").write_text("B = 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "versioned_package", raising=False)
    code_version.cache_clear()
    return folder


def test_equal_source_gives_equal_version(package: Path) -> None:
    first = code_version("versioned_package")
    code_version.cache_clear()
    assert code_version("versioned_package") == first
    assert len(first) == 12


def test_a_change_below_the_package_changes_the_version(package: Path) -> None:
    first = code_version("versioned_package")
    (package / "part.py").write_text("B = 2\n", encoding="utf-8")
    code_version.cache_clear()
    assert code_version("versioned_package") != first


def test_a_module_counts_alone(package: Path) -> None:
    first = code_version("versioned_package.part")
    (package / "__init__.py").write_text("A = 2\n", encoding="utf-8")
    code_version.cache_clear()
    assert code_version("versioned_package.part") == first


def test_a_module_without_source_is_refused() -> None:
    with pytest.raises(ValueError, match="no source file"):
        code_version("sys")
