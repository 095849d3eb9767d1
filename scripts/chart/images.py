"""The images that the chart runs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scripts.chart.parts import Name, Part

Digest = Annotated[str, Field(pattern=r"^(sha256:[0-9a-f]{64})?$")]


class Image(Part):
    """Where an image is pulled from."""

    repository: str = Field(min_length=1)
    """Name without tag; of our own images, below `images.registry`."""
    tag: str = ""
    """For people, and where no digest is set."""
    digest: Digest = ""
    """`sha256:…`; what is pulled when it is set."""
    own: bool = False
    """Whether `images.registry` goes before the name."""


def _own(name: str) -> Image:
    return Image(repository=f"credit-platform/{name}", tag="0.2.0", own=True)


class Images(Part):
    """Images by component; a release fills in the digests of ours."""

    registry: str = ""
    """Registry and path before our own images, as `registry.example.org/lending`; empty for Docker's default."""
    pull_policy: Literal["IfNotPresent", "Always", "Never"] = "IfNotPresent"
    """When images are pulled."""
    pull_secrets: list[Name] = Field(default_factory=list)
    """Secrets of the namespace that a private registry asks for."""
    require_digest: bool = False
    """Whether an image without a digest is an error; on in staging and production."""
    platform: Image = _own("platform")
    """Code location, runs, exporter, notices, the init container that fetches a Bento."""
    dagster: Image = _own("dagster")
    """Webserver and daemon."""
    service: Image = _own("service")
    """What a Bento runs in; it holds no model."""
    mlflow: Image = _own("mlflow")
    """MLflow's server."""
    console: Image = _own("console")
    """The console of loan officers."""
    postgresql: Image = Image(repository="docker.io/library/postgres", tag="18")
    """PostgreSQL in the cluster, for development."""
    object_store: Image = Image(repository="docker.io/chrislusf/seaweedfs", tag="4.48")
    """SeaweedFS in the cluster, for development."""
    login: Image = Image(repository="quay.io/oauth2-proxy/oauth2-proxy", tag="v7.12.0")
    """oauth2-proxy."""
    prometheus: Image = Image(repository="docker.io/prom/prometheus", tag="v3.5.0")
    """Prometheus."""
    alertmanager: Image = Image(repository="docker.io/prom/alertmanager", tag="v0.28.1")
    """Alertmanager."""
    node_exporter: Image = Image(repository="docker.io/prom/node-exporter", tag="v1.9.1")
    """Metrics of nodes."""
    kube_state_metrics: Image = Image(repository="registry.k8s.io/kube-state-metrics/kube-state-metrics", tag="v2.17.0")
    """Metrics of objects of the cluster."""
    postgres_exporter: Image = Image(repository="quay.io/prometheuscommunity/postgres-exporter", tag="v0.17.1")
    """Metrics of PostgreSQL."""
    grafana: Image = Image(repository="docker.io/grafana/grafana", tag="11.6.0")
    """Grafana."""
