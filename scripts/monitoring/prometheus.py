"""Configuration of Prometheus: who is scraped, which rules are computed, who is told.

What is here: `configuration`, for the `targets.json` of a home.
What to add here: a scrape job of something that does not stand in `targets.json`.
What must not be here: rules.
"""

from __future__ import annotations

from dataclasses import dataclass

INTERVAL = "15s"
"""Between two scrapes; the dashboards' data source is told the same."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """Where things are on one machine. Relative files count from the folder of `prometheus.yml`."""

    targets: str = "../.credit_platform/monitoring/targets.json"
    """Written by `make up`, and by each switch of a model."""
    prometheus: str = "127.0.0.1:9090"
    alertmanager: str = "127.0.0.1:9093"
    interval: str = INTERVAL


def configuration(places: Places) -> dict[str, object]:
    """`prometheus.yml`: targets of the home, of `targets.d/`, Prometheus and Alertmanager themselves."""
    return {
        "global": {"scrape_interval": places.interval, "evaluation_interval": places.interval},
        "rule_files": ["recording.yml", "alerts.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [places.alertmanager]}]}]},
        "scrape_configs": [
            # The label `job` stands in the file: credit-platform-service, credit-platform-exporter.
            _from_files("credit-platform", places.targets),
            # Host, containers, PostgreSQL: whatever runs there; see targets.d/README.md.
            _from_files("others", "targets.d/*.yml"),
            {"job_name": "prometheus", "static_configs": [{"targets": [places.prometheus]}]},
            {"job_name": "alertmanager", "static_configs": [{"targets": [places.alertmanager]}]},
        ],
    }


def _from_files(name: str, files: str) -> dict[str, object]:
    return {"job_name": name, "file_sd_configs": [{"files": [files], "refresh_interval": "15s"}]}
