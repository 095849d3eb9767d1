"""The values of what watches: each a switch, because most clusters have some of it already."""

from __future__ import annotations

from pydantic import Field

from scripts.chart.parts import Component, HostName, Name, Part, Storage, needs


class Prometheus(Component):
    """Prometheus, with the rules of `monitoring/`."""

    retention: str = Field(default="15d", pattern="^[0-9]+[hdwy]$")
    """How long samples are kept."""
    storage: Storage = Storage(size="20Gi")
    """Its volume."""


class Alertmanager(Component):
    """Alertmanager, with the routes of `monitoring/`."""

    existing_secret: Name = ""
    """Secret with `smtp_password`, `slack_url`, `pagerduty_routing_key`, and `alerts_token` as of `notices`."""
    smtp_host: str = "localhost:25"
    """Mail server and port."""
    smtp_from: str = "credit-platform@example.org"
    """Sender; whatever follows the at sign is also the domain of the receivers."""
    storage: Storage = Storage(size="1Gi")
    """Its volume: silences and what was told."""


class Grafana(Component):
    """Grafana with the dashboards of `monitoring/`."""

    admin_secret: Name = ""
    """Secret with `admin-user` and `admin-password`."""
    host: HostName = ""
    """Host name of its pages, which have a login of their own; empty for none outside of the cluster."""


class Operator(Part):
    """Objects for a Prometheus operator that the cluster has."""

    enabled: bool = False
    """Whether ServiceMonitors and a PrometheusRule are made; their kinds must exist."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Labels by which the operator finds them, as `release: kube-prometheus-stack`."""


class Monitoring(Part):
    """Who watches."""

    prometheus: Prometheus = Prometheus(enabled=False, resources=needs("250m", "1Gi", "1", "2Gi"))
    """Prometheus of the chart."""
    alertmanager: Alertmanager = Alertmanager(enabled=False, resources=needs("50m", "64Mi", "200m", "128Mi"))
    """Alertmanager of the chart."""
    node_exporter: Component = Component(enabled=False, resources=needs("50m", "32Mi", "200m", "64Mi"))
    """Metrics of every node; it sees the node's file systems, so its namespace must let it."""
    kube_state_metrics: Component = Component(enabled=False, resources=needs("50m", "64Mi", "200m", "256Mi"))
    """Metrics of this namespace's objects; it reads the cluster's API."""
    postgres_exporter: Component = Component(enabled=False, resources=needs("50m", "32Mi", "200m", "64Mi"))
    """Metrics of the database."""
    grafana: Grafana = Grafana(enabled=False, resources=needs("100m", "128Mi", "500m", "256Mi"))
    """Grafana of the chart."""
    dashboards: bool = False
    """Whether dashboards are ConfigMaps with the label `grafana_dashboard`, for a Grafana that collects them."""
    operator: Operator = Operator()
    """Prometheus operator."""
