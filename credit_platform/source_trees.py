"""What a source file says and what it reaches, whatever its comments and docstrings.

What is here: `source_of` (digest of the tree, imports, texts that may name a file) and its memory beside the code.
What to add here: another fact of a source file that a version must follow.
What must not be here: which files belong together (`code_versions.py`).

Parsing the whole package takes a second, so what was found is remembered beside the code, as Python remembers compiled
modules: by the digest of the file's bytes, in `__pycache__`. Where that cannot be written every process parses anew.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FORMAT = 1
_MEMORY = Path(__file__).parent / "__pycache__" / f"source_trees-{_FORMAT}.json"
_MOST_REMEMBERED = 4000
_BLOCKS = frozenset({"body", "orelse", "finalbody"})
_SHORTEST, _LONGEST = 4, 80
"""Lengths of a text that may be the name of a file."""

Import = tuple[str, str | None, str]
"""Module, name taken from it (None: the module itself), name it is bound to."""


@dataclass(frozen=True)
class Source:
    """A source file as versions see it."""

    digest: str
    imports: tuple[Import, ...]
    texts: tuple[str, ...]
    """Texts with a dot in them, none of which is a docstring."""


@cache
def source_of(path: Path) -> Source:
    """Read a source file.

    Raises:
        SyntaxError: it is not Python.
    """
    content = path.read_bytes()
    # Relative imports mean other modules in another place; where a checkout lies does not matter.
    key = hashlib.sha256(content).hexdigest()
    memory = _memory()
    if key not in memory:
        memory[key] = _parsed(content)
        _NEW.add(key)
    return memory[key]


def remember() -> None:
    """Write down what this process parsed, for the next one; nothing happens where that is not possible."""
    if not _NEW or sys.dont_write_bytecode:
        return
    _NEW.clear()
    memory = _memory() if len(_memory()) <= _MOST_REMEMBERED else {}
    fresh = _MEMORY.with_name(f".{_MEMORY.name}.{uuid.uuid4().hex}")
    content = json.dumps({key: [s.digest, s.imports, s.texts] for key, s in memory.items()})
    # As Python does with compiled code: a read-only checkout is no error, and a lost memory costs a second.
    with suppress(OSError):
        _MEMORY.parent.mkdir(exist_ok=True)
        fresh.write_text(content, encoding="utf-8")
        os.replace(fresh, _MEMORY)


_NEW: set[str] = set()


@cache
def _memory() -> dict[str, Source]:
    try:
        stored = json.loads(_MEMORY.read_bytes())
        return {
            key: Source(digest, tuple((m, n, b) for m, n, b in imports), tuple(texts))
            for key, (digest, imports, texts) in stored.items()
        }
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _parsed(content: bytes) -> Source:
    words: list[str] = []
    texts: set[str] = set()
    imports: set[Import] = set()
    for_checkers: set[ast.AST] = set()
    waiting: list[object] = [ast.parse(content)]
    # One pass: the package has six hundred thousand nodes.
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.AST):
            words.append(type(node).__name__)
            if isinstance(node, ast.Import | ast.ImportFrom) and node not in for_checkers:
                imports.update(_imported(node))
            elif isinstance(node, ast.If) and _asks_for_checkers(node.test):
                for_checkers.update(node.body)
            waiting += _filled_fields(node)
        elif isinstance(node, list):
            words.append(str(len(node)))
            waiting += reversed(node)
        else:
            words.append(repr(node))
            if isinstance(node, str) and "." in node and _SHORTEST <= len(node) <= _LONGEST:
                texts.add(node)
    digest = hashlib.sha256("\0".join(words).encode()).hexdigest()
    return Source(digest, tuple(sorted(imports, key=str)), tuple(sorted(texts)))


def _filled_fields(node: ast.AST) -> Iterator[object]:
    """Values and names of fields, to be taken from the end; without those that are empty, and without docstrings.

    Which fields there are depends on the release of Python; those that are new are empty in code that is older.
    """
    for name in reversed(node._fields):
        value = getattr(node, name, None)
        if name in _BLOCKS and isinstance(value, list):
            value = [one for one in value if not _is_text(one)]
        if value is not None and value != []:
            yield value
            yield name


def _is_text(node: object) -> bool:
    """Whether a statement is a text that stands alone: a docstring, or one below a field or constant."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _asks_for_checkers(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name, None, alias.asname or alias.name.partition(".")[0]
    elif node.module and not node.level:
        for alias in node.names:
            yield node.module, alias.name, alias.asname or alias.name
