"""Write what the chart has of other sources: `python -m scripts.chart.write`; with `--manifests`, `k8s/` too.

What is here: every file that is made (`files`), and the manifests for those without Helm (`manifests`).
What to add here: another file that follows from values or from `monitoring/`.
What must not be here: what may be set (`values.py`), templates.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel

from credit_platform.local.programs import console_options
from scripts.chart.helm import CHART, find_helm, render
from scripts.chart.values import Values

ROOT: Final = Path(__file__).parents[2]
MANIFESTS: Final = ROOT / "k8s"
RENDERED: Final = {
    "dev": ("values-dev.yaml",),
    "prod": ("values-prod.yaml", "ci/digests.yaml"),
}
"""Folders of `k8s/`, and the values that they are rendered with."""
MADE: Final = "Made by `python -m scripts.chart.write`: change scripts/chart/, not this file."
MONITORING: Final = {
    "alerts.yml": "alerts.yml",
    "recording.yml": "recording.yml",
    "alertmanager.yml": "alertmanager.yml",
    "templates/credit_platform.tmpl": "credit_platform.tmpl",
    "grafana/provisioning/dashboards/credit_platform.yml": "dashboards.yml",
    "grafana/provisioning/datasources/prometheus.yml": "datasources.yml",
}
"""Files below `monitoring/`, and their names in the chart, which can only read its own folder."""


def files() -> dict[str, str]:
    """Every file that is made, by its name below the chart."""
    copies = {f"files/monitoring/{name}": _read(ROOT / "monitoring" / file) for file, name in MONITORING.items()}
    dashboards = sorted((ROOT / "monitoring" / "grafana" / "dashboards").glob("*.json"))
    return {
        "values.yaml": values_yaml(),
        "values.schema.json": json.dumps(schema(), indent=2) + "\n",
        "README.md": readme(),
        "files/console.json": json.dumps(console_options("ADDRESS")) + "\n",
        **copies,
        **{f"files/monitoring/dashboards/{file.name}": _read(file) for file in dashboards},
    }


def schema() -> dict[str, Any]:
    """JSON schema of the values; a key that is not in it is refused by Helm, by its name."""
    made = _closed(Values.model_json_schema(by_alias=True))
    return {"$schema": "http://json-schema.org/draft-07/schema#", **made}


def _closed(part: Any) -> Any:
    """A schema in which keys of a map that match no pattern are refused, too; pydantic leaves that open."""
    if isinstance(part, list):
        return [_closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    closed = {key: _closed(value) for key, value in part.items()}
    return {**closed, "additionalProperties": False} if "patternProperties" in part else closed


def values_yaml() -> str:
    """The defaults, each with what it does."""
    return f"# {MADE}\n" + "\n".join(_commented(Values())) + "\n"


def _commented(part: BaseModel, depth: int = 0) -> Iterator[str]:
    pad = "  " * depth
    for name, field in type(part).model_fields.items():
        key, value = field.alias or name, getattr(part, name)
        for line in (field.description or "").splitlines():
            yield f"{pad}# {line}"
        if isinstance(value, BaseModel):
            yield f"{pad}{key}:"
            yield from _commented(value, depth + 1)
        else:
            yield f"{pad}{key}: {json.dumps(value)}"


def readme() -> str:
    """What the chart is, and every value."""
    rows = [f"| `{path}` | `{default}` | {meaning} |" for path, default, meaning in _rows(Values())]
    return _INTRODUCTION + "\n".join(["| value | default | meaning |", "|---|---|---|", *rows]) + "\n"


def _rows(part: BaseModel, above: str = "") -> Iterator[tuple[str, str, str]]:
    for name, field in type(part).model_fields.items():
        path, value = f"{above}{field.alias or name}", getattr(part, name)
        if isinstance(value, BaseModel):
            yield from _rows(value, f"{path}.")
        else:
            yield path, json.dumps(value).replace("|", "\\|"), " ".join((field.description or "").split())


_INTRODUCTION: Final = f"""\
# Helm chart credit-platform

<!-- {MADE} -->

The platform as one release of a cluster: [docs/DEPLOYMENT.md](../../docs/DEPLOYMENT.md) tells how to install it and
what is not there yet. `values-dev.yaml` runs everything in the cluster; `values-staging.yaml` and `values-prod.yaml`
expect a database, an object store, secrets, and images by digest; `values-prod-small.yaml` changes resources alone. A
key that is not in this table is an error.

"""


def manifests(helm: Path) -> dict[str, str]:
    """Plain manifests by their names below `k8s/`: a file for each template, as Helm would install it.

    The service is among them, in files of its own: whoever has no promoted model yet leaves these out.

    Raises:
        CalledProcessError: Helm refuses; `stderr` says why.
    """
    made = {}
    for folder, values in RENDERED.items():
        text = render(helm, [CHART / file for file in values], sets=["service.enabled=true"])
        for template, documents in by_template(text).items():
            if template.startswith("tests-"):  # of `helm test`
                continue
            made[f"{folder}/{template}"] = documents
    return made


def by_template(text: str) -> dict[str, str]:
    """The documents that came out of each template, in their order."""
    found: dict[str, list[str]] = {}
    for document in text.split("\n---\n"):
        lines = document.removeprefix("---\n").strip().splitlines()
        if not lines or yaml.safe_load(document) is None:
            continue
        name = lines[0].removeprefix("# Source: credit-platform/templates/").replace("/", "-")
        found.setdefault(name, []).append("\n".join(lines[1:]))
    return {name: "\n---\n".join(documents) + "\n" for name, documents in found.items()}


def write(folder: Path, contents: Mapping[str, str]) -> None:
    """Write `contents` below `folder`."""
    for name, text in contents.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Write all files; exit status for the shell."""
    parser = argparse.ArgumentParser(description="Write the made files of the chart, and the manifests.")
    parser.add_argument("--manifests", action="store_true", help="render k8s/ too, which needs helm")
    options = parser.parse_args(arguments)
    write(CHART, files())
    if not options.manifests:
        return 0
    helm = find_helm()
    if helm is None:
        sys.stderr.write("There is no helm here. Get it: make chart-tools\n")
        return 2
    try:
        made = manifests(helm)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(error.stderr)
        return 1
    for folder in RENDERED:
        shutil.rmtree(MANIFESTS / folder, ignore_errors=True)
    write(MANIFESTS, made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
