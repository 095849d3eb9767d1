"""The program `docker`, and an engine that answers it.

What is here: `docker`, `output_of`, `require_engine`.
What to add here: nothing about one image or one compose file.
What must not be here: starting an engine; whoever calls has one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
NO_ENGINE: Final = 2
"""Exit status where there is nothing to build or run containers with."""


class EngineMissingError(Exception):
    """No engine answers; the text says what to do."""


def require_engine() -> None:
    """See that an engine answers.

    Raises:
        EngineMissingError: it does not, or the program is not installed.
    """
    if shutil.which("docker") is None:
        raise EngineMissingError("The program docker is not installed: install Docker Engine with its plugin compose.")
    asked = docker("version", "--format", "{{.Server.Version}}", check=False)
    if asked.returncode != 0:
        said = (asked.stderr.strip() or "it gave no reason").splitlines()[-1]
        raise EngineMissingError(f"No container engine answers ({said}): start it, or name it in DOCKER_HOST.")


def answers() -> int:
    """Exit status for the shell: 0 where an engine answers, else 2 and a sentence."""
    try:
        require_engine()
    except EngineMissingError as error:
        sys.stderr.write(f"{error}\n")
        return NO_ENGINE
    return 0


def docker(
    *arguments: str, check: bool = True, shown: bool = False, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `docker` in the checkout.

    Args:
        arguments: of the program.
        check: whether a failure is an error.
        shown: whether its output goes to the terminal instead of into the result.
        variables: its whole environment, if not this process's own.

    Raises:
        subprocess.CalledProcessError: it failed, and `check` is set.
    """
    command: Sequence[str] = ("docker", *arguments)
    return subprocess.run(  # noqa: S603  # the program of the engine, with arguments made here
        command, cwd=ROOT, check=check, capture_output=not shown, text=True, env=variables
    )


def output_of(*arguments: str) -> str:
    """What `docker` prints, without the last line break.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    return docker(*arguments).stdout.strip()
