"""The release of an environment, by Helm and kubectl.

What is here: `Release` (what is there, what is noted of deliveries, upgrade and way back), `Standing`, `Note`.
What to add here: another question to the cluster.
What must not be here: the order of things (`deploy.py`).

What a delivery has begun stands in the cluster, in the ConfigMap `<release>-delivery`: one that was killed is taken up
by the next one, whoever calls it, and goes back to what was proven and not to what was half-way.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from scripts.chart.helm import CHART, find_helm
from scripts.delivery.environments import Environment
from scripts.delivery.outcome import FailedError, RefusedError

FIELD_MANAGER: Final = "credit-platform-delivery"
_HISTORY: Final = 20


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The release as it is."""

    revision: int
    status: str
    """Of the newest revision, as Helm calls it."""
    chart: str
    """Of the newest revision, with its version."""
    deployed: int | None
    """The newest revision that was deployed and is in force; None where there is none."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """What the cluster knows of the newest delivery."""

    tag: str
    verdict: str
    """`under way`, `done` or `taken back`."""
    before: int
    """Revision that is gone back to."""
    models: dict[str, str]
    """Digest of the model by address, as it was before; left out where nobody answered."""


class Release:
    """One release of Helm."""

    def __init__(self, environment: Environment) -> None:
        """Nothing is asked yet.

        Raises:
            RefusedError: Helm or kubectl is not here.
        """
        helm, kubectl = find_helm(), os.environ.get("CREDIT_PLATFORM_KUBECTL") or shutil.which("kubectl")
        if helm is None:
            raise RefusedError("There is no helm here. Install it, or get it: make chart-tools")
        if kubectl is None:
            raise RefusedError("There is no kubectl here. Install it, or name it in CREDIT_PLATFORM_KUBECTL.")
        self._of = environment
        context = environment.context
        self._helm = [
            str(helm),
            *(["--kube-context", context] if context else []),
            "--namespace",
            environment.namespace,
        ]
        self._kubectl = [kubectl, *(["--context", context] if context else []), "--namespace", environment.namespace]

    def __str__(self) -> str:
        """What to call it."""
        return f"the release {self._of.release} in the namespace {self._of.namespace}"

    def standing(self) -> Standing:
        """How it is now.

        Raises:
            RefusedError: there is none, or the cluster does not answer.
        """
        done = _run([*self._helm, "history", self._of.release, "--max", str(_HISTORY), "--output", "json"])
        if done.returncode != 0:
            raise RefusedError(
                f"Helm knows nothing of {self}: {_last_words(done)} Name a cluster in KUBECONFIG where it is; "
                "docs/DEPLOYMENT.md says how it is installed."
            )
        revisions = json.loads(done.stdout)
        newest = max(revisions, key=lambda one: int(one["revision"]))
        deployed = [int(one["revision"]) for one in revisions if one["status"] == "deployed"]
        return Standing(
            revision=int(newest["revision"]),
            status=newest["status"],
            chart=newest["chart"],
            deployed=max(deployed, default=None),
        )

    def values(self) -> dict[str, Any]:
        """Those that its newest revision was given.

        Raises:
            RefusedError: the cluster does not answer.
        """
        done = _run([*self._helm, "get", "values", self._of.release, "--output", "json"])
        if done.returncode != 0:
            raise RefusedError(f"Helm does not tell the values of {self}: {_last_words(done)} Try again.")
        return json.loads(done.stdout) or {}

    def note(self) -> Note | None:
        """What is noted; None where nothing was delivered yet.

        Raises:
            RefusedError: the cluster does not answer, or what is noted is not ours.
        """
        done = _run([*self._kubectl, "get", "configmap", self._note_name, "--ignore-not-found", "--output", "json"])
        if done.returncode != 0:
            raise RefusedError(f"What was delivered to {self} cannot be read: {_last_words(done)} Try again.")
        if not done.stdout.strip():
            return None
        try:
            return Note(**json.loads(json.loads(done.stdout)["data"]["delivery"]))
        except (ValueError, KeyError, TypeError):
            raise RefusedError(
                f"The ConfigMap {self._note_name} is no note of a delivery. Look who wrote it, and delete it."
            ) from None

    def write_note(self, note: Note) -> None:
        """Note it in the place of what was noted.

        Raises:
            FailedError: the cluster does not take it.
        """
        document = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": self._note_name, "namespace": self._of.namespace},
            "data": {"delivery": json.dumps(asdict(note), sort_keys=True)},
        }
        words = ("apply", "--server-side", "--force-conflicts", "--field-manager", FIELD_MANAGER, "--filename", "-")
        done = _run([*self._kubectl, *words], given=json.dumps(document))
        if done.returncode != 0:
            raise FailedError(f"What is under way cannot be noted in {self}: {_last_words(done)}")

    def upgrade(self, images: Path, tag: str) -> None:
        """Bring it to the chart of this checkout, the environment's values and these images, and wait.

        Raises:
            FailedError: it does not get ready.
        """
        values = [word for file in (*self._of.values, images) for word in ("--values", str(file))]
        words = ("--history-max", str(_HISTORY), "--description", f"delivery of {tag}", "--wait", "--timeout")
        command = [*self._helm, "upgrade", self._of.release, str(CHART), "--reset-values", *values, *words]
        done = _run([*command, self._of.timeout])
        if done.returncode != 0:
            raise FailedError(f"{self} does not get ready: {_last_words(done)}")
        self._rolled_out()

    def go_back(self, revision: int) -> None:
        """Bring it back to a revision, and wait.

        Raises:
            FailedError: it does not get ready.
        """
        words = ("--history-max", str(_HISTORY), "--wait", "--timeout", self._of.timeout)
        done = _run([*self._helm, "rollback", self._of.release, str(revision), *words])
        if done.returncode != 0:
            raise FailedError(f"{self} does not get ready: {_last_words(done)}")

    def _rolled_out(self) -> None:
        """Helm has waited; this says by another program that no pod of before is left."""
        chosen = ("--selector", f"app.kubernetes.io/instance={self._of.release}", f"--timeout={self._of.timeout}")
        done = _run([*self._kubectl, "rollout", "status", "deployment", *chosen])
        if done.returncode != 0:
            raise FailedError(f"{self} is not rolled out: {_last_words(done)}")

    @property
    def _note_name(self) -> str:
        return f"{self._of.release}-delivery"


def _run(command: list[str], given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # Helm and kubectl, with arguments made here
        command, input=given, capture_output=True, text=True, check=False, env=_variables()
    )


def _variables() -> Mapping[str, str]:
    """This process's own, without the API key: Helm and kubectl have no use for it."""
    return {name: value for name, value in os.environ.items() if name != "CREDIT_PLATFORM_DELIVERY_KEY"}


def _last_words(done: subprocess.CompletedProcess[str]) -> str:
    lines = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()
    return f"{lines[-1].removeprefix('Error: ').rstrip('.')}."
