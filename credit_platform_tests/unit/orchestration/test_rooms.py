"""The room of Dagster holds nothing that does not need it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import credit_platform.orchestration

ROOM = Path(credit_platform.orchestration.__file__).parent


def imports_dagster(source: str) -> bool:
    """Whether a module imports Dagster itself, or a part of it."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        if any(name.partition(".")[0] == "dagster" for name in names):
            return True
    return False


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import dagster as dg", True),
        ("from dagster._core.storage.tags import RUN_KEY_TAG", True),
        ("import dagster_postgres", False),
        ("from credit_platform.orchestration import jobs", False),
        ("DAGSTER = 'import dagster'", False),
    ],
)
def test_an_import_of_dagster_is_told_from_others(source: str, expected: bool) -> None:
    assert imports_dagster(source) is expected


def test_no_module_of_the_room_is_without_dagster() -> None:
    modules = [path for path in ROOM.rglob("*.py") if path.name != "__init__.py"]
    assert len(modules) > 10
    assert [str(p.relative_to(ROOM)) for p in modules if not imports_dagster(p.read_text(encoding="utf-8"))] == []
