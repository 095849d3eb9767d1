"""Code versions of assets: a digest of the source that computes them, so that Dagster sees what is out of date."""

from __future__ import annotations

import hashlib
import importlib
from functools import cache
from pathlib import Path


@cache
def code_version(*modules: str) -> str:
    """Twelve hex digits over the source of `modules` (dotted names; a package counts with everything below it)."""
    digest = hashlib.sha256()
    for name in modules:
        for path in _sources(name):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _sources(name: str) -> list[Path]:
    module = importlib.import_module(name)
    if hasattr(module, "__path__"):
        return sorted(path for folder in module.__path__ for path in Path(folder).rglob("*.py"))
    source = getattr(module, "__file__", None)
    if source is None:
        raise ValueError(f"{name} has no source file to take a version of.")
    return [Path(source)]
