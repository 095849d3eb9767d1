"""Metrics of others that rules and dashboards read: Prometheus itself, the host, containers, Kubernetes, PostgreSQL.

What is here: `OUTSIDE`, every name with its labels, and constants for those that rules use.
What to add here: a metric of another exporter, before an expression reads it.
What must not be here: ours (`credit_platform/monitoring/metric_catalogue.py`).
"""

from __future__ import annotations

from typing import Final

NOTIFICATIONS_FAILED: Final = "alertmanager_notifications_failed_total"

_TARGET: Final = ("job", "instance")
_POD: Final = ("namespace", "pod")

PROMETHEUS: Final = {
    "up": ("portfolio",),
    "scrape_duration_seconds": ("portfolio",),
    "scrape_samples_scraped": ("portfolio",),
    "ALERTS": ("alertname", "alertstate", "severity", "owner", "portfolio"),
    "prometheus_tsdb_head_series": (),
    NOTIFICATIONS_FAILED: ("integration",),
    "alertmanager_notifications_total": ("integration",),
}
"""Always there."""
HOST: Final = {
    "node_cpu_seconds_total": ("cpu", "mode"),
    "node_memory_MemAvailable_bytes": (),
    "node_memory_MemTotal_bytes": (),
    "node_network_receive_bytes_total": ("device",),
    "node_network_transmit_bytes_total": ("device",),
    "node_filesystem_avail_bytes": ("device", "fstype", "mountpoint"),
    "node_filesystem_size_bytes": ("device", "fstype", "mountpoint"),
}
"""Of Debian's prometheus-node-exporter, where it runs (`targets.d`)."""
KUBERNETES: Final = {
    "container_cpu_usage_seconds_total": (*_POD, "container"),
    "container_memory_working_set_bytes": (*_POD, "container"),
    "container_network_receive_bytes_total": (*_POD, "interface"),
    "container_network_transmit_bytes_total": (*_POD, "interface"),
    "kube_pod_status_phase": (*_POD, "phase"),
    "kube_pod_container_status_restarts_total": (*_POD, "container"),
    "kube_horizontalpodautoscaler_status_current_replicas": ("namespace", "horizontalpodautoscaler"),
    "kube_horizontalpodautoscaler_status_desired_replicas": ("namespace", "horizontalpodautoscaler"),
    "kube_horizontalpodautoscaler_spec_min_replicas": ("namespace", "horizontalpodautoscaler"),
    "kube_horizontalpodautoscaler_spec_max_replicas": ("namespace", "horizontalpodautoscaler"),
}
"""Of cAdvisor and kube-state-metrics, in a cluster."""
POSTGRES: Final = {
    "pg_stat_database_numbackends": ("datname",),
    "pg_settings_max_connections": (),
}
"""Of Debian's prometheus-postgres-exporter, where databases are PostgreSQL."""
OUTSIDE: Final = {
    name: (*_TARGET, *labels) for source in (PROMETHEUS, HOST, KUBERNETES, POSTGRES) for name, labels in source.items()
}
"""All of them, with their labels."""
