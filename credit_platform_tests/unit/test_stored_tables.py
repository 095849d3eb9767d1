"""What stands beside a table is read through its record, and its key comes from `portfolios/keys.py`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import credit_platform

PACKAGE = Path(credit_platform.__file__).parent
ROOTS = (PACKAGE, PACKAGE.parent / "bento", PACKAGE.parent / "scripts")
RECORDS = {
    "credit_platform/lakehouse/records.py",
    "credit_platform/lakehouse/verdicts.py",  # the verdicts are no part of a record: any table may have them
    "credit_platform/tables/acceptance.py",  # an act on any table: it reads what it wrote itself
    # The feature table has a record of its own only where decided applicants are in it; these write and read that mark.
    "credit_platform/features/trained_on.py",
    "credit_platform/governance/approval.py",
    "credit_platform/monitoring/retraining/forgetting.py",
    "credit_platform/monitoring/decisions/days.py",  # the day of a promotion, also of one that says nothing else
    "credit_platform/monitoring/exporter/drift.py",  # a table of another version is told as it is, and never refused
}
KEYS = {
    "credit_platform/portfolios/keys.py",
    "credit_platform/lakehouse/artefact_manifest.py",  # keys of artefacts, of as many parts as there are folders
    "credit_platform/features/build.py",  # its text is part of the feature version, which one message must not change
}
LAYERS = ("raw", "aggregates", "features", "models", "governance", "serving", "monitoring", "quality")


def subscripts(tree: ast.AST) -> Iterator[int]:
    """Lines that take a value out of a summary by name: `x.summary["a"]`, `summary.get("a")`, or by another name."""
    names = {"summary"} | {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_summary(node.value, set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and _is_summary(node.value, names):
            yield node.lineno
        method = node.func if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
        if method and method.attr in {"get", "pop"} and _is_summary(method.value, names):
            yield method.lineno


def _is_summary(node: ast.AST, names: set[str]) -> bool:
    if isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Name) and node.func.id == "dict":
        node = node.args[0]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr == "to_summary"
    return (isinstance(node, ast.Attribute) and node.attr == "summary") or (
        isinstance(node, ast.Name) and node.id in names
    )


def keys_by_hand(tree: ast.AST) -> Iterator[int]:
    """Lines with an f-string that is a key, `f"{name}/raw/{table}"`, or that split a text at slashes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for first, second in zip(node.values, node.values[1:], strict=False):
                text = second.value if isinstance(second, ast.Constant) else ""
                if isinstance(first, ast.FormattedValue) and str(text).split("/")[1:2] in [[one] for one in LAYERS]:
                    yield node.lineno
        call = node if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("split") else None
        if call and [ast.unparse(argument) for argument in call.args[:1]] == ["'/'"]:
            yield call.lineno


def _sources() -> Iterator[tuple[str, ast.AST]]:
    for root in ROOTS:
        for file in sorted(root.rglob("*.py")):
            yield file.relative_to(PACKAGE.parent).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def test_no_summary_is_read_by_subscript() -> None:
    found = [f"{name}:{line}" for name, tree in _sources() if name not in RECORDS for line in subscripts(tree)]
    assert found == [], "Read it through the record of the table: X.of(stored).field"


def test_no_key_is_put_together_by_hand() -> None:
    found = [f"{name}:{line}" for name, tree in _sources() if name not in KEYS for line in keys_by_hand(tree)]
    assert found == [], "Take the function of portfolios/keys.py"


@pytest.mark.parametrize(
    "code",
    [
        'stored.summary["digest"]',
        'lakehouse.read(key).summary["path"]',
        'summary["a"]',
        'stored.summary.get("a")',
        'one = stored.summary\none["a"]',
        'one = dict(stored.summary)\none.pop("a")',
        'record.to_summary()["a"]',
    ],
)
def test_such_a_subscript_is_found(code: str) -> None:
    assert list(subscripts(ast.parse(code)))
    assert not list(subscripts(ast.parse("ScorerRecord.of(stored).digest; metrics['auc']")))


@pytest.mark.parametrize(
    "code", ['f"{p.name}/raw/{t}"', 'f"{p}/models/scorer"', 'key.split("/")', 'key.rsplit("/", 2)']
)
def test_such_a_key_is_found(code: str) -> None:
    assert list(keys_by_hand(ast.parse(code)))
    assert not list(keys_by_hand(ast.parse('f"{folder}/{name}.csv"; f"/{a} and {b}"; key.split(" ")')))
