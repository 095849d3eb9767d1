"""Code versions follow what source says and reaches, not how it is commented."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from credit_platform import code_versions, source_trees
from credit_platform.code_versions import code_version


def forget() -> None:
    """As a new process knows nothing."""
    for cached in (code_version, code_versions.closure, code_versions.module_file, code_versions._root):
        cached.cache_clear()
    code_versions._data_files.cache_clear()
    source_trees.source_of.cache_clear()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "credit_platform_versioned"
    folder.mkdir()
    (folder / "__init__.py").write_text("A = 1\n", encoding="utf-8")
    (folder / "part.py").write_text("B = 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "credit_platform_versioned", raising=False)
    forget()
    return folder


def test_equal_source_gives_equal_version(package: Path) -> None:
    first = code_version("credit_platform_versioned")
    forget()
    assert code_version("credit_platform_versioned") == first
    assert len(first) == 12


def test_a_change_below_the_package_changes_the_version(package: Path) -> None:
    first = code_version("credit_platform_versioned")
    (package / "part.py").write_text("B = 2\n", encoding="utf-8")
    forget()
    assert code_version("credit_platform_versioned") != first


def test_a_module_counts_alone(package: Path) -> None:
    first = code_version("credit_platform_versioned.part")
    (package / "__init__.py").write_text("A = 2\n", encoding="utf-8")
    forget()
    assert code_version("credit_platform_versioned.part") == first


def test_a_module_without_source_is_refused() -> None:
    with pytest.raises(ValueError, match="no source file"):
        code_version("sys")


@pytest.mark.parametrize(
    "text",
    ['"""A docstring."""\nB = 1\n', "# a comment\nB = 1  # another\n", 'B = 1\n"""What it is."""\n', "B  =  (1)\r\n"],
)
def test_comments_and_docstrings_do_not_count(package: Path, text: str) -> None:
    first = code_version("credit_platform_versioned")
    (package / "part.py").write_text(text, encoding="utf-8")
    forget()
    assert code_version("credit_platform_versioned") == first


@pytest.mark.parametrize(
    ("statement", "counts"),
    [
        ("from credit_platform_versioned.part import B", True),
        ("import credit_platform_versioned.part", True),
        ("from credit_platform_versioned import part", True),
        ("from credit_platform_versioned import handed_on", True),
        ("def late():\n    from credit_platform_versioned import part", True),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from credit_platform_versioned import part", False),
        ("from credit_platform_versioned import A", False),
    ],
)
def test_what_is_imported_counts(package: Path, statement: str, counts: bool) -> None:  # a parameter of the test
    (package / "__init__.py").write_text(
        "from credit_platform_versioned.other import A\nfrom credit_platform_versioned.part import B as handed_on\n",
        encoding="utf-8",
    )
    (package / "other.py").write_text("A = 1\n", encoding="utf-8")
    (package / "user.py").write_text(f"{statement}\n", encoding="utf-8")
    forget()
    first = code_version("credit_platform_versioned.user")
    (package / "part.py").write_text("B = 2\n", encoding="utf-8")
    forget()
    assert (code_version("credit_platform_versioned.user") != first) is counts


@pytest.mark.parametrize("place", ["shares.json", "templates/page.html"])
def test_a_file_beside_that_a_text_names_counts(package: Path, place: str) -> None:
    data = package / place
    data.parent.mkdir(exist_ok=True)
    data.write_text("1", encoding="utf-8")
    (package / "part.py").write_text(f"B = open({data.name!r})\n", encoding="utf-8")
    forget()
    first = code_version("credit_platform_versioned.part")
    data.write_text("2", encoding="utf-8")
    forget()
    assert code_version("credit_platform_versioned.part") != first
