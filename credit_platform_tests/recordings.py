"""Recordings of what Prometheus got from the programs of the platform, for stories of alerts.

One file for each program in `unit/alerts/recorded`; its README says how they are made. Addresses are put in one form,
times are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from credit_platform.monitoring.metrics.metric import PREFIX
from credit_platform.monitoring.scrape_targets import EXPORTER_JOB, SERVICE_JOB
from scripts.monitoring.outside import PROMETHEUS

RECORDED: Final = Path(__file__).parent / "unit" / "alerts" / "recorded"
_FILES: Final = {
    SERVICE_JOB: ("service.prom", "127.0.0.1:3000"),
    EXPORTER_JOB: ("exporter.prom", "127.0.0.1:9108"),
    "prometheus": ("watchers.prom", "127.0.0.1:9090"),
    "alertmanager": ("watchers.prom", "127.0.0.1:9093"),
}
"""Where the series of a job go, and the address that they have there."""
OWN: Final = tuple(sorted({file for file, _ in _FILES.values()}))
"""Files of what runs in the tests; the others are replayed (`replayed.py`)."""
Shape = tuple[str, frozenset[str]]
"""Name and label names of a series."""


def shapes(text: str) -> Iterator[Shape]:
    """What series there are, whatever their values."""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield sample.name, frozenset(name for name, value in sample.labels.items() if value)


def recorded_shapes() -> set[Shape]:
    """Those of the recordings of our own programs."""
    return {shape for file in OWN for shape in shapes((RECORDED / file).read_text(encoding="utf-8"))}


def recordings(federated: str) -> dict[str, str]:
    """Files made of what `/federate` answered.

    Args:
        federated: every series, in the text format.
    """
    lines: dict[str, set[str]] = {}
    for line in federated.splitlines():
        job = re.search(r'\bjob="([^"]*)"', line)
        if line.startswith("#") or job is None or job[1] not in _FILES:
            continue
        name = line.partition("{")[0]
        if not name.startswith(PREFIX) and name not in PROMETHEUS:
            continue
        file, address = _FILES[job[1]]
        series, value, _ = line.rsplit(" ", 2)
        at_its_place = re.sub(r'instance="[^"]*"', f'instance="{address}"', series)
        lines.setdefault(file, set()).add(f"{at_its_place} {value}")
    return {file: "\n".join(sorted(found)) + "\n" for file, found in lines.items()}
