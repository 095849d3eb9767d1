"""A fake `helm` and a fake `kubectl`: programs that note how they were called, and answer out of one file of state.

The state is what a cluster would hold: revisions of the release and the ConfigMap. `fails` names calls that end with 1,
`dies` one that leaves a revision pending, as Helm does when it is killed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

PROGRAM = """#!/bin/sh
'''exec' "{python}" -S "$0" "$@"
' '''
import json, sys
from pathlib import Path

name, words, file = {name!r}, sys.argv[1:], Path({state!r})
state = json.loads(file.read_text(encoding="utf-8"))
given = sys.stdin.read() if words[-1] == "-" else ""
state["calls"].append([name, *words])
verb = next(word for word in words if word in {verbs!r})
status = 1 if verb in state["fails"] else 0


def merged(under, over):
    both = {{k: merged(under[k], over[k]) for k in under.keys() & over.keys() if isinstance(over[k], dict)}}
    return {{**under, **over, **both}}


def revision(values, status):
    for one in state["revisions"]:
        one["status"] = "superseded" if (one["status"], status) == ("deployed", "deployed") else one["status"]
    number = len(state["revisions"]) + 1
    state["revisions"].append({{"revision": number, "status": status, "chart": state["chart"], "values": values}})


if state["down"]:
    sys.stderr.write("Error: Kubernetes cluster unreachable\\n")
    status = 1
elif verb == "history":
    if state["revisions"]:
        print(json.dumps([{{**one, "values": None}} for one in state["revisions"]]))
    else:
        sys.stderr.write("Error: release: not found\\n")
        status = 1
elif verb == "values":
    print(json.dumps(state["revisions"][-1]["values"]))
elif verb == "upgrade":
    sys.path.append({packages!r})  # -S looks for no packages, which saves half of the start
    import yaml
    values = {{}}
    for at, word in enumerate(words):
        if word == "--values":
            values = merged(values, yaml.safe_load(Path(words[at + 1]).read_text(encoding="utf-8")) or {{}})
    became = "pending-upgrade" if state["dies"] else "failed" if status else "deployed"
    revision(values, became)
    if status:
        sys.stderr.write("Error: UPGRADE FAILED: credit-service-german-credit not ready\\n")
elif verb == "rollback":
    back = int(words[words.index("rollback") + 2])
    revision(state["revisions"][back - 1]["values"], "failed" if status else "deployed")
elif verb == "configmap" and state["note"]:
    print(json.dumps(state["note"]))
elif verb == "apply" and not status:
    state["note"] = json.loads(given)
file.write_text(json.dumps(state), encoding="utf-8")
sys.exit(status)
"""
PACKAGES = str(Path(yaml.__file__).parents[1])
VERBS = ("history", "values", "upgrade", "rollback", "configmap", "apply", "rollout")


class FakeCluster:
    """Both programs, and their state."""

    def __init__(self, folder: Path, chart: str, values: dict[str, Any]) -> None:
        self._file = folder / "state.json"
        first = {"revision": 1, "status": "deployed", "chart": chart, "values": values}
        self.write(calls=[], fails=[], dies=False, down=False, note=None, chart=chart, revisions=[first])
        for name in ("helm", "kubectl"):
            text = PROGRAM.format(
                python=sys.executable, name=name, state=str(self._file), verbs=VERBS, packages=PACKAGES
            )
            (folder / name).write_text(text, encoding="utf-8")
            (folder / name).chmod(0o755)
        self.helm, self.kubectl = str(folder / "helm"), str(folder / "kubectl")

    def write(self, **changes: Any) -> None:
        before = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        self._file.write_text(json.dumps({**before, **changes}), encoding="utf-8")

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
        return found

    def verbs(self) -> list[str]:
        """What was called, in a word each."""
        calls = self.state["calls"]
        return [next(word for word in call if word in VERBS) for call in calls]

    @property
    def in_force(self) -> dict[str, Any]:
        """Values of the newest revision."""
        found: dict[str, Any] = self.state["revisions"][-1]["values"]
        return found
