"""Write `monitoring/` anew: `python -m scripts.monitoring.write [--into FOLDER] [--targets FILE]`.

What is here: every file with its content (`files`), and how configuration becomes YAML.
What to add here: another file that the builders make.
What must not be here: what stands in the files.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml

from scripts.monitoring import alertmanager, alerts, grafana, prometheus, recording

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "monitoring"
HEADER: Final = "# Made by `python -m scripts.monitoring.write`: change scripts/monitoring/, not this file.\n"


def files(places: prometheus.Places, addresses: alertmanager.Addresses) -> dict[str, str]:
    """Every file that is made, by its name below `monitoring/`."""
    return {
        "prometheus.yml": as_yaml(prometheus.configuration(places)),
        "recording.yml": as_yaml({"groups": recording.GROUPS}),
        "alerts.yml": as_yaml({"groups": alerts.GROUPS}),
        "alertmanager.yml": as_yaml(alertmanager.configuration(addresses)),
        **{name: as_yaml(content) for name, content in grafana.provisioning(places).items()},
        **grafana.dashboards(),
    }


def as_yaml(content: Mapping[str, object]) -> str:
    """Content as YAML that people can read: in its order, expressions as blocks."""
    text: str = yaml.dump(dict(content), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return HEADER + text


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]  # PyYAML has no types
    """Expressions of several lines stay as they were written; a list stands below its key, indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  # PyYAML's
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def write(folder: Path, contents: Mapping[str, str]) -> None:
    """Write `contents` below `folder`."""
    for name, text in contents.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Write all files; exit status for the shell."""
    parser = argparse.ArgumentParser(description="Write the configuration of Prometheus, Alertmanager and Grafana.")
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder to write into")
    parser.add_argument("--targets", help="targets.json of the home; from the folder of prometheus.yml, or absolute")
    options = parser.parse_args(arguments)
    places = prometheus.Places(targets=options.targets) if options.targets else prometheus.Places()
    write(options.into, files(places, alertmanager.Addresses()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
