"""The steps of docs/DEPLOYMENT.md, taken from the page and carried out as they stand.

What is here: `steps`, the commands of one of its sections, and `walk`, which carries some of them out.
What must not be here: a command of our own; what a reader has to do stands on the page.
"""

from __future__ import annotations

import re
import subprocess
import textwrap
from collections.abc import Mapping
from pathlib import Path

from credit_platform_tests.cluster.kube import ROOT

_PAGE = ROOT / "docs" / "DEPLOYMENT.md"
FROM_NOTHING = "## From nothing to a decision, on a cluster of one machine"


def steps(heading: str = FROM_NOTHING) -> list[str]:
    """Blocks of commands of a section, in order."""
    section = _PAGE.read_text(encoding="utf-8").partition(heading)[2].partition("\n## ")[0]
    return [textwrap.dedent(block) for block in re.findall(r"^ *```sh[^\n]*\n(.*?)^ *```", section, re.M | re.S)]


def walk(blocks: list[str], folder: Path, variables: Mapping[str, str], ingress: str) -> str:
    """Carry blocks out in one shell, which stops at the first command that fails; returns what it printed.

    Args:
        blocks: of `steps`.
        folder: stands for the clone that a reader is in, and keeps what the steps write.
        variables: of the shell.
        ingress: where the ingress controller of this cluster listens.
    """
    for name in ("helm", ".venv"):
        if not (folder / name).exists():
            (folder / name).symlink_to(ROOT / name)
    text = "\n".join(blocks).replace("INGRESS=127.0.0.1:80 ", f"INGRESS={ingress} ")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
    return done.stdout
