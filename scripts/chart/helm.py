"""Finding Helm, and asking it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
CHART: Final = ROOT / "helm" / "credit-platform"
RELEASE: Final = "credit"
"""Of everything that is rendered; the namespace has the same name."""
KUBERNETES: Final = "1.36.0"


def find_helm() -> Path | None:
    """Helm that is named, that of `make chart-tools`, or of the machine; None where there is none."""
    own = ROOT / ".venv" / "chart" / "helm"
    named = os.environ.get("CREDIT_PLATFORM_HELM") or (own if own.is_file() else shutil.which("helm"))
    return None if named is None else Path(named)


def render(helm: Path, values: Sequence[Path], *, sets: Sequence[str] = (), kubernetes: str = KUBERNETES) -> str:
    """What `helm template` makes of the chart.

    Args:
        helm: the program.
        values: files, later ones before earlier ones.
        sets: single values, as `path=JSON`.
        kubernetes: version that is rendered for.

    Raises:
        CalledProcessError: it refuses; `stderr` says why.
    """
    files = [word for file in values for word in ("--values", str(file))]
    changes = [word for change in sets for word in ("--set-json", change)]
    command = [str(helm), "template", RELEASE, str(CHART), "--namespace", RELEASE, "--kube-version", kubernetes]
    done = subprocess.run([*command, *files, *changes], capture_output=True, text=True, check=True)  # noqa: S603  # made here
    return done.stdout
