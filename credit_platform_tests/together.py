"""Processes that begin at the same moment: each says when it is loaded, and waits for the word.

What is here: `run_together`, and `READY`, which a program puts where it is to wait.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

READY = 'import sys; print("loaded", flush=True); sys.stdin.readline()'
"""A line of a program: what stands before it is done by then, what stands behind it begins with the others."""
_PATIENCE_SECONDS = 240


def run_together(
    program: str, arguments: Sequence[Sequence[str]], variables: Mapping[str, str], folder: Path
) -> list[tuple[int, str]]:
    """Exit status and standard error of `program`, begun once with each of `arguments`, at the same moment."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, *given],
            env=dict(variables),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for given in arguments
    ]
    for one in started:
        assert one.stdout is not None
        assert one.stdout.readline() == "loaded\n"
    for one in started:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    said = [one.communicate(timeout=_PATIENCE_SECONDS)[1] for one in started]
    return [(one.returncode, words) for one, words in zip(started, said, strict=True)]
