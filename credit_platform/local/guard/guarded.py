"""What the guard stands before, as `up` tells it.

What is here: `Guarded`, and how it reaches the process of the guard. What must not be here: the guard itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from credit_platform.local.guard.token import TokenFile

HOST: Final = "127.0.0.1"
VARIABLE: Final = "CREDIT_PLATFORM_GUARD"


@dataclass(frozen=True)
class Guarded:
    """A program behind a Unix socket, and the port at which the guard lets people in."""

    socket: Path
    port: int
    forms: bool = False
    """Whether the program takes forms of its own pages (Streamlit's uploads)."""


def guard_variables(token: TokenFile, guarded: Sequence[Guarded]) -> dict[str, str]:
    """Environment of the guard: it names the file of the token, which itself is in no environment and no command."""
    described = [{"socket": str(one.socket), "port": one.port, "forms": one.forms} for one in guarded]
    return {VARIABLE: json.dumps({"token_file": str(token.path), "guarded": described})}
