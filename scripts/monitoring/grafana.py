"""What Grafana is given at its start: the data source, the folder, and the dashboards.

What is here: `files`.
What to add here: another thing that Grafana's provisioning knows.
What must not be here: panels.
"""

from __future__ import annotations

from scripts.monitoring.dashboards import DASHBOARDS
from scripts.monitoring.panels import as_json
from scripts.monitoring.prometheus import Places


def dashboards() -> dict[str, str]:
    """Every dashboard by its file below `monitoring/`."""
    return {f"grafana/dashboards/{page.uid.removeprefix('credit-')}.json": as_json(page) for page in DASHBOARDS}


def provisioning(places: Places) -> dict[str, dict[str, object]]:
    """Files of `grafana/provisioning`; the place of the dashboards is told by the environment."""
    source = {
        "name": "Prometheus",
        "uid": "credit-prometheus",
        "type": "prometheus",
        "access": "proxy",
        "url": "$PROMETHEUS_URL",
        "isDefault": True,
        "editable": False,
        "jsonData": {"timeInterval": places.interval, "httpMethod": "POST"},
    }
    provider = {
        "name": "credit_platform",
        "folder": "Credit platform",
        "type": "file",
        "disableDeletion": True,
        "allowUiUpdates": False,
        "options": {"path": "$CREDIT_PLATFORM_DASHBOARDS", "foldersFromFilesStructure": False},
    }
    return {
        "grafana/provisioning/datasources/prometheus.yml": {"apiVersion": 1, "datasources": [source]},
        "grafana/provisioning/dashboards/credit_platform.yml": {"apiVersion": 1, "providers": [provider]},
    }
