"""Compile what the named modules import, so that a program of a read-only image need not do so at each start.

Everything that is installed would be a fifth more of an image, of which most is never imported. Compiled code is
checked against nothing: the file beside it cannot change. Fails where a module cannot be imported.
Usage: `python compile.py MODULE…`
"""

from __future__ import annotations

import importlib
import py_compile
import sys
from pathlib import Path

SITE = Path("/opt")
"""Below it lies all that the image adds to its base."""


def main(modules: list[str]) -> None:
    """Import modules, then compile the file of each that was loaded meanwhile."""
    sys.dont_write_bytecode = True
    for name in modules:
        importlib.import_module(name)
    files = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}
    for file in sorted(file for file in files if file.endswith(".py") and SITE in Path(file).parents):
        py_compile.compile(file, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)


if __name__ == "__main__":
    main(sys.argv[1:])
