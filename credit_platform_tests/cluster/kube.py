"""Asking a cluster as its operator does: kubectl and Helm, in processes of their own.

What is here: `Kube` (a namespace of a cluster) and `until`, which waits for a condition.
What to add here: another question that several tests put to the cluster.
What must not be here: what the answers have to be.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "credit-platform"
SERVICE = "credit-service-german-credit"
ANNOTATION = "credit-platform/bento-digest"


def tools() -> Path:
    """The folder of the programs that make a cluster for tests: beside the checkout, or where it is said."""
    return Path(os.environ.get("CREDIT_PLATFORM_TEST_TOOLS", ROOT.parent / "shared" / "tools"))


def environment() -> dict[str, str]:
    """This process's own, and kubectl and Helm from the tools where the machine has none."""
    own = dict(os.environ)
    script = tools() / "cluster" / "cluster"
    if shutil.which("kubectl") is None and script.is_file():
        said = subprocess.run([script, "env"], capture_output=True, text=True, check=True).stdout
        own["PATH"] = said.partition("PATH=")[2].partition(":$PATH")[0] + os.pathsep + own["PATH"]
    return own


def until(what: str, seconds: float, holds: Callable[[], object]) -> None:
    """Wait until it holds; AssertionError names what did not come."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.5)


@dataclass(frozen=True)
class Kube:
    """A namespace of the cluster that `KUBECONFIG` names."""

    namespace: str
    variables: Mapping[str, str]

    def run(self, *command: object, check: bool = True, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command; one that fails tells what it printed."""
        words = [str(word) for word in command]
        done = subprocess.run(words, env=self.variables, input=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0 or not check, f"{' '.join(words)}\n{done.stdout}{done.stderr}"
        return done

    def kubectl(self, *words: object, check: bool = True, given: str | None = None) -> str:
        """What kubectl prints, asked about this namespace."""
        return self.run("kubectl", "--namespace", self.namespace, *words, check=check, given=given).stdout

    def get(self, *words: object) -> Any:
        """Objects, as JSON has them."""
        return json.loads(self.kubectl("get", *words, "--output", "json"))

    def helm(self, *words: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run Helm in this namespace."""
        return self.run("helm", "--namespace", self.namespace, *words, check=check)

    def upgrade(self, files: list[Path], *words: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Install or upgrade the release with these values."""
        values = [word for file in files for word in ("--values", file)]
        return self.helm("upgrade", "--install", "credit", CHART, *values, *words, check=check)

    def pods(self, component: str) -> list[dict[str, Any]]:
        """Pods of a component that nobody has told to go."""
        found = self.get("pods", "--selector", f"app.kubernetes.io/component={component}")["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def ready(self, component: str) -> int:
        """How many pods of a component are ready."""
        conditions = [pod["status"].get("conditions", []) for pod in self.pods(component)]
        return sum(any(one["type"] == "Ready" and one["status"] == "True" for one in each) for each in conditions)

    def sql(self, statement: str) -> str:
        """What the database of the release answers."""
        inside = 'exec psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --no-align --tuples-only --quiet'
        return self.kubectl("exec", "--stdin", "credit-postgresql-0", "--", "sh", "-c", inside, given=statement).strip()

    def rolled_out(self, deployment: str = SERVICE, seconds: int = 420) -> None:
        """Wait until every pod of a Deployment is of its newest template."""
        self.kubectl("rollout", "status", f"deployment/{deployment}", f"--timeout={seconds}s")
