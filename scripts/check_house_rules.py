"""Check the house rules that no linter knows: size of files, what packages say of themselves, what is silenced and why.

Neither must there be in files what works on one machine only, is unfinished or unsafe.
Usage: `python -m scripts.check_house_rules [ROOT]`; prints `file:line: what is wrong`, exits 1 if anything is.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MAX_LINES: Final = 400  # well beyond "about 300" a module has two subjects
ABOUT_LINES: Final = 320
LONG_FOR_A_REASON: Final = {
    "credit_platform/features/checks.py": "one check of features after another, each alone and short",
    "credit_platform/governance/assurance.py": "one check of the gate after another, each alone and short",
    "credit_platform/governance/validation_report.py": "one document, its sections in the order of the page",
    "credit_platform/lakehouse/artefacts.py": "the one door to artefacts, as the next but one is to tables",
    "credit_platform/lakehouse/commits.py": "one race, which every kind of commit runs by the same rules",
    "credit_platform/lakehouse/lakehouse.py": "the one door to tables; what it stands on has modules of its own",
    "credit_platform/local/supervisor.py": "stopping a family of processes is one story, told in its order",
    "credit_platform/modelling/tracking.py": "the one module that speaks to MLflow",
    "credit_platform/monitoring/decision_log/store.py": "the one door to decisions that were written",
    "credit_platform/monitoring/decision_log/verification.py": "one walk along a chain, and what it may find",
    "credit_platform/monitoring/decision_log/writer.py": "one queue: what may not be lost is seen whole",
    "credit_platform/portfolios/german_credit/features.py": "declarations of one table, a line or two each",
    "credit_platform/portfolios/home_credit/claims/histories.py": "declarations, one claim after another",
    "credit_platform/tables/column_descriptions.py": "a table: a sentence for each column",
}
"""Modules between the two that were looked at and left whole, and why."""
LEAST_WORDS: Final = 2
NAMED_FILE: Final = re.compile(r"`([\w/]+(?:\.py|/))`")
INTRODUCTION: Final = ("What is here:", "What to add here:", "What must not be here:")
ROOTS: Final = ("credit_platform", "bento")
CODE: Final = ("credit_platform/**/*.py", "credit_platform_tests/**/*.py", "scripts/*.py", "bento/**/*.py")
SETUP: Final = ("requirements/*", "pyproject.toml", "Makefile", "workspace.yaml", ".ci/*", ".github/workflows/*.yml")

# Patterns are broken up so that this file does not match itself.
FORBIDDEN: Final = {
    re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b"): "unfinished business; finish it, or open an issue",
    re.compile(r"^\s*(?:import|from) (?:pic" r"kle|job" r"lib|cloudpic" r"kle)\b"): "unsafe format; see docs/adr/0003",
    re.compile(r"(?<![\w.])/(?:ro" r"ot|work|home/\w+|Users/\w+)/"): "a path of one machine",
}
SILENCER: Final = re.compile(
    r"#\s*(?:noqa\b(?::[\sA-Z0-9,]+)?|type:\s*ignore(?:\[[^]]*])?|pragma:\s*\w+ \w+|fmt:\s*\w+)"
)
# A path means the file of that name; bytes in memory have none, and a Delta table is no path.
READER: Final = re.compile(r"(?:pl|polars)\.(?:scan|read)_(?!delta$)\w+")
IN_MEMORY: Final = ("io.BytesIO(", "io.StringIO(", "BytesIO(", "StringIO(")
LITERAL: Final = ("credit_platform/files/literal.py",)
INDEX_ADDRESS: Final = re.compile(r"--(?:extra-)?index-url|--find-links|^\s*-[if] |registry\.npmjs|/simple/?\s*$")


def check(root: Path) -> list[str]:
    """Every complaint about the files under `root`, as `file:line: reason`."""
    code = sorted({file for pattern in CODE for file in root.glob(pattern)})
    setup = sorted({file for pattern in SETUP for file in root.glob(pattern) if file.is_file()})
    complaints = [f"{file.relative_to(root)}:{line}: {reason}" for file in code for line, reason in _code(file, root)]
    complaints += [f"{file.relative_to(root)}:{line}: {reason}" for file in setup for line, reason in _setup(file)]
    return complaints


def _code(file: Path, root: Path) -> Iterator[tuple[int, str]]:
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    yield from _length(len(lines), file.relative_to(root).as_posix())
    # The root package is the map of the rooms; each room below it introduces itself.
    if file.name == "__init__.py" and {root / name for name in ROOTS} & set(file.parent.parents):
        introduction = ast.get_docstring(ast.parse(text)) or ""
        missing = [part for part in INTRODUCTION if part not in introduction]
        if missing:
            yield 1, f"the package does not say: {' '.join(missing)}"
        for name in NAMED_FILE.findall(introduction):
            if not any((place / name).exists() for place in file.parents if place.is_relative_to(root)):
                yield 1, f"the package names `{name}`, which is not there"
        # In the rooms below, families of modules (a layer, a candidate, a page each) are told as one.
        if file.parent.parent.name in ROOTS:
            for module in sorted(file.parent.glob("*.py")):
                if module.stem[0] != "_" and not re.search(rf"\b{module.stem}\b", introduction):
                    yield 1, f"the package does not name `{module.name}`"
    if file.relative_to(root).as_posix() not in LITERAL and not file.is_relative_to(root / "credit_platform_tests"):
        yield from _patterns(ast.parse(text))
    yield from _forbidden(lines)
    yield from _silenced(text)


def _length(lines: int, name: str) -> Iterator[tuple[int, str]]:
    """What is too long, or longer than most without a reason; tests may list many cases."""
    if lines > MAX_LINES:
        yield lines, f"{lines} lines, more than {MAX_LINES}: split it by subject"
    elif lines > ABOUT_LINES and name.partition("/")[0] in ROOTS and name not in LONG_FOR_A_REASON:
        yield lines, f"{lines} lines, more than {ABOUT_LINES}: split it, or say in LONG_FOR_A_REASON why not"


def _patterns(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Calls of Polars' readers and of SQLite, to which a path would be a pattern or an address."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        first = ast.unparse(node.args[0]) if node.args else ""
        if READER.fullmatch(ast.unparse(node.func)) and not first.startswith(IN_MEMORY):
            yield node.lineno, f"{ast.unparse(node.func)} takes a path for a pattern: use credit_platform.files.literal"
        if ast.unparse(node.func) == "sqlite3.connect" and re.match("f?['\"]file:", first):
            yield node.lineno, "a file's name is no address: use credit_platform.files.literal.sqlite_uri"


def _silenced(text: str) -> Iterator[tuple[int, str]]:
    """Comments that silence a tool and do not say why, in two words at least."""
    if not SILENCER.search(text):
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and SILENCER.search(token.string):
            reason = SILENCER.sub("", token.string)
            if len(re.findall(r"[^\W\d]{2,}", reason)) < LEAST_WORDS:
                yield token.start[0], f"{token.string!r} silences a tool without a reason beside it"


def _setup(file: Path) -> Iterator[tuple[int, str]]:
    lines = file.read_text(encoding="utf-8").splitlines()
    yield from _forbidden(lines)
    for number, line in enumerate(lines, start=1):
        if INDEX_ADDRESS.search(line):
            yield number, "names a package index; each machine has its own"


def _forbidden(lines: list[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, start=1):
        for pattern, reason in FORBIDDEN.items():
            if found := pattern.search(line):
                yield number, f"{found.group().strip()!r} is {reason}"


def main(arguments: list[str]) -> int:
    """Print the complaints; exit status for the shell."""
    complaints = check(Path(arguments[0]) if arguments else Path())
    for line in complaints:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"House rules: {len(complaints)} broken.\n" if complaints else "House rules: all good.\n")
    return int(bool(complaints))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
