"""Find public functions, methods and constants that nothing but tests uses: they are wired in, or they go.

A name counts as used where any code, template or configuration outside of the tests mentions it: as a name, as an
attribute, as a keyword or in a string. So a name that two definitions share hides one that nobody calls, but what is
reported here is certain.
Usage: `python -m scripts.check_callers [ROOT]`; prints `file:line: what nobody calls`, exits 1 if there is anything.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEFINED_IN: Final = ("credit_platform", "bento")
MENTIONED_IN: Final = (
    *("credit_platform/**/*.py", "bento/**/*.py", "scripts/*.py", "bento/**/*.yaml", "docs/notebooks/*.ipynb"),
    *("credit_platform/**/templates/**/*", "pyproject.toml", "workspace.yaml", "Makefile", ".ci/*"),
)
WORD: Final = re.compile(r"[A-Za-z_]\w*")
PATH: Final = re.compile(r"[\w.:/]+")

CALLED_BY_LIBRARIES: Final = {
    "defs": "Dagster, by workspace.yaml",
    "from_config_value": "Dagster, when it reads dagster.yaml",
    "handle_output": "Dagster, an I/O manager",
    "load_input": "Dagster, an I/O manager",
    "teardown_after_execution": "Dagster, a resource",
    "load_context": "MLflow, a pyfunc model",
    "process_bind_param": "SQLAlchemy, a type",
    "process_result_value": "SQLAlchemy, a type",
    "do_GET": "http.server, a handler",
    "do_POST": "http.server, a handler",
    "log_message": "http.server, a handler",
    "send_400_response": "uvicorn, its protocol",
}
"""Public names that a library calls, with which one."""


@dataclass(frozen=True)
class Definition:
    """A public name, and where it is made."""

    file: Path
    line: int
    name: str


def check(root: Path) -> list[str]:
    """Every public name under `root` that only tests mention, as `file:line: reason`."""
    sources = sorted({file for pattern in MENTIONED_IN for file in root.glob(pattern) if file.is_file()})
    mentions: Counter[str] = Counter()
    for file in sources:
        mentions.update(_mentions(file))
    definitions = [one for folder in DEFINED_IN for file in sorted((root / folder).rglob("*.py")) for one in _of(file)]
    return [
        f"{one.file.relative_to(root)}:{one.line}: nothing but tests uses {one.name}"
        for one in definitions
        if not mentions[one.name] and one.name not in CALLED_BY_LIBRARIES
    ]


def _of(file: Path) -> Iterator[Definition]:
    """Public functions, methods, classes and constants of a module; what a decorator registers is called by it."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    scopes: list[ast.Module | ast.ClassDef] = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]
    for scope in scopes:
        for node in scope.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                if not _is_registered(node):
                    yield from _public(file, node.lineno, node.name)
            elif scope is tree and isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if isinstance(target, ast.Name):
                        yield from _public(file, node.lineno, target.id)


def _public(file: Path, line: int, name: str) -> Iterator[Definition]:
    if not name.startswith("_"):
        yield Definition(file, line, name)


KEEPS: Final = {"cache", "cached_property", "classmethod", "contextmanager", "dataclass", "property", "staticmethod"}
"""Decorators after which somebody here still has to call what they decorate; others hand it to a library."""


def _is_registered(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether a decorator hands it to Typer, Dagster, pydantic or BentoML, which call it."""
    names = {ast.unparse(one).partition("(")[0].rpartition(".")[2] for one in node.decorator_list}
    return bool(names - KEEPS)


def _mentions(file: Path) -> Iterator[str]:
    """Names that a file uses; in Python, where they are defined and what is told of them in docstrings do not count."""
    text = file.read_text(encoding="utf-8", errors="replace")
    if file.suffix != ".py":
        yield from WORD.findall(text)
        return
    tree = ast.parse(text)
    offered = {id(name) for node in tree.body if _is_all(node) for name in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.name
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.Constant) and id(node) not in offered and _names_code(node.value):
            yield from WORD.findall(str(node.value))


def _names_code(value: object) -> bool:
    """Whether a constant can name something: `getattr`, an import by name, a field, a program; no sentence does."""
    return isinstance(value, str) and (PATH.fullmatch(value) is not None or "import " in value)


def _is_all(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"


def main(arguments: list[str]) -> int:
    """Print what nobody calls; exit status for the shell."""
    found = check(Path(arguments[0]) if arguments else Path())
    for line in found:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"Callers: {len(found)} names without one.\n" if found else "Callers: all good.\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
