"""How whoever typed this command reached it, so that a command that a sentence names works when it is pasted.

What is here: `as_typed`.
What must not be here: printing.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

_NAME = "credit-platform"
_COMMAND = re.compile(rf"(?<![\w/.-])(?:\.venv/bin/)?{_NAME}(?= [a-z-])")


def as_typed(text: str) -> str:
    """`text` with every command of ours in the form in which this one was started: by its path, or by its bare name."""
    return _COMMAND.sub(lambda _: _reached_by(sys.argv[0]), text)


def _reached_by(program: str) -> str:
    path = Path(program)
    if path.name != _NAME:  # `python -m`, a test, a server
        return _NAME
    found = shutil.which(_NAME)
    if found is not None and path.exists() and path.samefile(found):
        return _NAME
    here = Path.cwd()
    whole = path.absolute()
    if not whole.is_relative_to(here):
        return shlex.quote(str(whole))
    inside = whole.relative_to(here)
    return shlex.quote(str(inside) if len(inside.parts) > 1 else f"./{inside}")
