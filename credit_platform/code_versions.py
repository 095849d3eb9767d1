"""Code versions: a digest of the source that computes something, so that it is seen what is out of date.

What is here: `code_version` (modules, what they import, and the files they read), `closure`.
What to add here: another way in which a module reaches code or files of the package.
What must not be here: running or importing what is looked at: source is read, so that any process gets the same digest.

A module counts by its syntax tree without docstrings and comments, so a typo in a comment changes nothing. What it
imports of its own top-level package counts, too, wherever in the file the import stands (not for type checkers only). A
name that a package hands on (`from credit_platform.lakehouse import Lakehouse`) leads to the module that defines it,
not to all that the package holds. A file beside a module that one of its texts names (`null_shares.json`,
a template) counts by its bytes.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path, PurePosixPath

from credit_platform.source_trees import Source, remember, source_of

_OPEN_PACKAGE = "credit_platform.portfolios"
"""The one package to which folders elsewhere may belong."""
DATA_KINDS = frozenset({".json", ".j2", ".html", ".properties"})
"""Endings of files that code reads as a part of itself; data sets (`.csv`) are no code."""


@cache
def code_version(*modules: str) -> str:
    """Twelve hex digits over `modules` (dotted names; a package with all below it), their imports and what they read.

    Raises:
        ValueError: a module has no source.
    """
    return digest_of(closure(*modules))


def digest_of(files: Iterable[Path]) -> str:
    """Twelve hex digits over source files (by their trees) and other files (by their bytes)."""
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    named = [
        (PurePosixPath(path.relative_to(root).as_posix() if path.is_relative_to(root) else _name_elsewhere(path)), path)
        for path in files
    ]
    for name, path in sorted(named):  # in an order that does not depend on where a folder lies
        content = source_of(path).digest if path.suffix == ".py" else hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{name}\0{content}\n".encode())
    remember()
    return digest.hexdigest()[:12]


def _name_elsewhere(path: Path) -> str:
    """The name of a file in a Bento, which holds it in the package: a portfolio outside has one version in both."""
    for folder in map(Path, getattr(sys.modules.get(_OPEN_PACKAGE), "__path__", ())):
        if path.is_relative_to(folder):
            return f"{_OPEN_PACKAGE.replace('.', '/')}/{path.relative_to(folder).as_posix()}"
    return path.name


@cache
def closure(*modules: str, declarations: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """Every file that `code_version` covers, sorted.

    Args:
        modules: dotted names.
        declarations: modules that put together the types of others in fields. They count, and of what they import only
            what is reached in another way: who computes with a type imports it.

    Raises:
        ValueError: a module has no source.
    """
    found: set[Path] = set()
    ends = {path for name in declarations for path in _below(name)}
    waiting = [path for name in modules for path in _below(name)]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        if path in ends:
            continue
        source = source_of(path)
        waiting += [meant for module, name, _ in source.imports for meant in _meant(module, name)]
        found.update(_data_beside(path, source))
    remember()
    return tuple(sorted(found))


def _below(name: str) -> list[Path]:
    """A module, or a package with every module below it."""
    path = module_file(name)
    if path is None:
        raise ValueError(f"{name} has no source file to take a version of.")
    if path.name != "__init__.py":
        return [path]
    return sorted(path.parent.rglob("*.py"))


def _meant(module: str, name: str | None) -> list[Path]:
    """The modules that `import module`, or `from module import name`, makes a module depend on."""
    path = module_file(module)
    if path is None:  # of another package than ours
        return []
    if name is None or path.name != "__init__.py":
        return [path]
    inside = module_file(f"{module}.{name}")
    if inside is not None:
        return [inside]
    handed_on = [(m, n) for m, n, bound in source_of(path).imports if bound == name and (m, n) != (module, name)]
    if handed_on:
        return [meant for m, n in handed_on for meant in _meant(m, n)]
    return [path]


@cache
def module_file(name: str) -> Path | None:
    """Source of a module of one of our packages; None for any other, and for a name that is none."""
    places = [place for bare in _bare(name) for place in (bare / "__init__.py", bare.with_suffix(".py"))]
    return next((place for place in places if place.is_file()), None)


def _bare(name: str) -> list[Path]:
    """Where a module or package of this name may lie, without suffix; a loaded package says where it looks itself."""
    package, _, last = name.rpartition(".")
    if not package:
        root = _root(name)
        return [] if root is None else [root]
    loaded = getattr(sys.modules.get(package), "__path__", None) if _root(name.partition(".")[0]) else None
    return [folder / last for folder in (map(Path, loaded) if loaded else _bare(package))]


@cache
def _root(top: str) -> Path | None:
    """Folder of a top-level package that lies beside ours; None for what was installed from elsewhere."""
    if not top.startswith(("credit_platform", "bento")):
        return None
    spec = importlib.util.find_spec(top)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def _data_beside(path: Path, source: Source) -> list[Path]:
    """Files of the module's folder, and of folders in it that are no packages, that one of its texts names."""
    beside = _data_files(path.parent)
    return [beside[text] for text in source.texts if text in beside]


@cache
def _data_files(folder: Path) -> dict[str, Path]:
    inner = [sub for sub in folder.iterdir() if sub.is_dir() and not (sub / "__init__.py").exists()]
    files = (file for place in (folder, *inner) for file in sorted(place.iterdir()))
    return {file.name: file for file in files if file.suffix in DATA_KINDS}
