"""Everything that may be set of the chart: the source of its schema, README and `values.yaml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scripts.chart.images import Images
from scripts.chart.monitoring import Monitoring
from scripts.chart.parts import Component, HostName, Name, Part, Placement, Port, Resources, Storage, needs

Cidr = Annotated[str, Field(pattern=r"^[0-9a-fA-F:.]+/[0-9]+$")]
SettingName = Annotated[str, Field(pattern=r"^CREDIT_PLATFORM_[A-Z0-9_]+$")]


class Store(Part):
    """The object store with tables, artefacts and checkpoints."""

    lakehouse_url: str = ""
    """Where Delta tables lie, as `s3://lending/lakehouse`; empty for the object store of the chart."""
    artefact_url: str = ""
    """Where artefacts lie by key; empty for `artefacts` beside the tables."""
    checkpoints_url: str = ""
    """Where checkpoints of the decision log lie; the service's image needs obstore for it."""
    endpoint: str = ""
    """Address of an S3 API that is not Amazon's; empty for Amazon's, or for the object store of the chart."""
    region: str = "eu-west-3"
    """Region of the bucket."""
    existing_secret: Name = ""
    """Secret with `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`; empty where pods have an identity of the cloud."""


class Database(Part):
    """PostgreSQL for Dagster, MLflow, Optuna, incidents and decisions."""

    host: HostName = ""
    """Its name; empty for the PostgreSQL of the chart."""
    port: Port = 5432
    """Its port."""
    name: str = "credit_platform"
    """Of the database."""
    ssl_mode: str = Field(default="prefer", pattern="^(disable|allow|prefer|require|verify-ca|verify-full)$")
    """Encryption, as libpq has it; `verify-full` in production."""
    ca_secret: Name = ""
    """Secret with `ca.crt`, the authority of its certificate; empty for those that the image knows."""
    existing_secret: Name = ""
    """Secret with `username` and `password`, of characters that an address may hold (A-Z a-z 0-9 - . _ ~)."""


class Served(Part):
    """A portfolio that is served."""

    enabled: bool = True
    """Whether it is served while `service.enabled`."""
    host: HostName = ""
    """Host name of its API; empty for none outside of the cluster."""
    console_host: HostName = ""
    """Host name of its console; empty for none outside of the cluster."""


class Autoscaling(Part):
    """How many pods answer."""

    enabled: bool = True
    """Whether the autoscaler owns the number of pods; `service.replicas` is not used then."""
    min_replicas: int = Field(default=3, ge=1)
    """At least."""
    max_replicas: int = Field(default=10, ge=1)
    """At most."""
    cpu_percent: int = Field(default=70, ge=10, le=95)
    """Share of the requested processor time that is aimed at, in percent."""
    scale_up_pods: int = Field(default=2, ge=1)
    """Pods that may be added in 30 seconds; or as many again as there are, if that is more."""
    scale_down_seconds: int = Field(default=300, ge=0)
    """Time for which fewer pods must have done before one goes."""


class Service(Part):
    """The scoring services: a Deployment, autoscaler and host name for each portfolio."""

    enabled: bool = False
    """Off at the first installation: run and promote, then switch it on."""
    portfolios: dict[Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")], Served] = Field(default_factory=dict)
    """Which portfolios are served, by name."""
    api_keys_secret: Name = ""
    """Secret with `api_keys.json`, made by `credit-platform keys create`; a change reaches pods within a minute."""
    deployer_key_secret: Name = ""
    """Secret with `api_key`: a key of the scope explain, by which a Bento is tried; empty for that of the console."""
    replicas: int = Field(default=1, ge=0)
    """Pods of each portfolio where no autoscaler is on."""
    autoscaling: Autoscaling = Autoscaling()
    """The autoscaler."""
    disruption_budget: bool = True
    """Whether at most one pod at a time is taken away by who drains nodes."""
    drain_seconds: int = Field(default=5, ge=0, le=600)
    """Time after SIGTERM in which a pod is not ready and answers on, while endpoints catch up."""
    pre_stop_seconds: int = Field(default=2, ge=0, le=600)
    """Time before SIGTERM, for proxies that are slower than Kubernetes says."""
    finish_seconds: int = Field(default=60, ge=1, le=3600)
    """Time that open requests then have; a batch may take 60 seconds."""
    resources: Resources = needs("260m", "512Mi", "1", "1Gi")
    """Of a pod that serves."""
    fetch_resources: Resources = needs("250m", "512Mi", "1", "2Gi")
    """Of the init container that fetches and verifies the Bento."""


class Runs(Part):
    """Runs of Dagster, each a Job of Kubernetes."""

    kubernetes: bool = True
    """Whether a run is a Job; else it is a process of the code location."""
    resources: Resources = needs("1", "4Gi", "2", "8Gi")
    """Of a run that trains, and of one that no job says anything of."""
    tables: Resources = needs("1", "2Gi", "2", "4Gi")
    """Of a run that reads and writes tables: ingestion, features, monitoring, scoring, packaging."""
    light: Resources = needs("250m", "1Gi", "1", "2Gi")
    """Of a run that asks or removes: retention, the decision whether to train again."""
    ttl_seconds: int = Field(default=3600, ge=0)
    """Time for which a finished Job, its pod and its log are kept."""
    deadline_seconds: int = Field(default=7200, ge=60)
    """Time after which Dagster ends a run; its Job would end by itself 20 minutes later."""
    max_concurrent: int = Field(default=4, ge=1)
    """Runs at once; others wait in the queue."""
    max_heavy: int = Field(default=2, ge=1)
    """Of them, those with steps that hold large tables in memory."""
    retries: int = Field(default=2, ge=0)
    """How often a run whose Job was killed or evicted is run again from where it failed; not one whose step failed."""


class Dagster(Part):
    """Dagster: pages, daemon, code location and runs."""

    host: HostName = ""
    """Host name of its pages, behind the login; empty for none outside of the cluster."""
    webserver: Component = Component(resources=needs("100m", "384Mi", "1", "768Mi"))
    """The pages."""
    daemon: Component = Component(resources=needs("100m", "384Mi", "1", "768Mi"))
    """Schedules, sensors, the queue of runs."""
    code_location: Component = Component(resources=needs("250m", "768Mi", "1", "2Gi"))
    """The platform's code, which both ask."""
    runs: Runs = Runs()
    """Where runs run."""


class Page(Component):
    """A program with pages."""

    host: HostName = ""
    """Host name of its pages, behind the login; empty for none outside of the cluster."""


class ConsolePage(Component):
    """The console, one for each portfolio that is served."""

    api_key_secret: Name = ""
    """Secret with `api_key`: a key with the scopes score and explain."""


class Notices(Component):
    """Who watches Dagster from outside and takes alerts."""

    token_secret: Name = ""
    """Secret with `alerts_token` (32 characters or more), which Alertmanager shows."""
    channels_secret: Name = ""
    """Secret whose keys are `CREDIT_PLATFORM_NOTIFY_…`: who is told, and how. Empty for the file of the pod alone."""


class Postgresql(Component):
    """PostgreSQL in the cluster: for development, without backup or a second copy."""

    storage: Storage = Storage()
    """Its volume."""


class ObjectStore(Component):
    """SeaweedFS in the cluster: for development, without backup or a second copy."""

    bucket: str = Field(default="credit", pattern="^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    """Made after the installation."""
    storage: Storage = Storage(size="20Gi")
    """Its volume."""


class Login(Component):
    """oauth2-proxy before Dagster, MLflow and the consoles: they have no login of their own."""

    issuer_url: str = ""
    """Of the OpenID Connect provider."""
    email_domains: list[str] = Field(default_factory=list)
    """Whose addresses may enter, as `lender.example`; at least one."""
    existing_secret: Name = ""
    """Secret with `client-id`, `client-secret` and `cookie-secret` (32 bytes)."""


class Ingress(Part):
    """How requests come in from outside."""

    enabled: bool = False
    """Whether Ingresses are made for the host names."""
    class_name: str = ""
    """Class of the controller; empty for the cluster's default."""
    tls_secret: Name = ""
    """Secret with a certificate for all host names; made by cert-manager where annotations say so."""
    allow_plain: bool = False
    """Whether Ingresses without TLS are made: on a machine of your own."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Of every Ingress."""


class Network(Part):
    """Who may speak to whom: everything that is not listed in `files/network.yaml` is denied."""

    policies: bool = True
    """Whether NetworkPolicies are made."""
    ingress_namespace: dict[str, str] = Field(default_factory=lambda: {"kubernetes.io/metadata.name": "ingress-nginx"})
    """Labels of the namespace that the ingress controller runs in."""
    monitoring_namespace: dict[str, str] = Field(default_factory=dict)
    """Labels of the namespace of a Prometheus that is not the chart's; empty for none."""
    dns_namespace: dict[str, str] = Field(default_factory=lambda: {"kubernetes.io/metadata.name": "kube-system"})
    """Labels of the namespace of the cluster's DNS."""
    dns_pods: dict[str, str] = Field(default_factory=lambda: {"k8s-app": "kube-dns"})
    """Labels of the pods of the cluster's DNS, at whatever port they listen."""
    database_cidrs: list[Cidr] = Field(default_factory=list)
    """Addresses of a database outside; empty for any."""
    store_cidrs: list[Cidr] = Field(default_factory=list)
    """Addresses of an object store outside; empty for any."""
    api_server_cidrs: list[Cidr] = Field(default_factory=list)
    """Addresses of the cluster's API; empty for any, at its ports alone."""
    outside_cidrs: list[Cidr] = Field(default_factory=list)
    """Addresses of mail server, webhooks, pager and login provider; empty for any."""


class Values(Part):
    """The values of the chart."""

    images: Images = Images()
    """What is run."""
    settings: dict[SettingName, str] = Field(default_factory=dict)
    """Plain settings of the platform (docs/operations.md), for all of its programs. No secret belongs here."""
    extra_labels: dict[str, str] = Field(default_factory=dict)
    """Labels of every object."""
    placement: Placement = Placement()
    """Where pods run."""
    store: Store = Store()
    """The object store."""
    database: Database = Database()
    """The database."""
    service: Service = Service()
    """What answers applicants."""
    dagster: Dagster = Dagster()
    """What runs the graph."""
    mlflow: Page = Page(resources=needs("100m", "512Mi", "1", "1Gi"))
    """MLflow's pages; runs write to its database themselves."""
    console: ConsolePage = ConsolePage(resources=needs("100m", "384Mi", "1", "768Mi"))
    """The page of loan officers."""
    exporter: Component = Component(resources=needs("100m", "384Mi", "1", "1Gi"))
    """Metrics of pipeline, tables, model and drift."""
    notices: Notices = Notices(resources=needs("50m", "256Mi", "500m", "512Mi"))
    """Who tells people."""
    migrations: Component = Component(resources=needs("250m", "512Mi", "1", "1Gi"))
    """The hook that brings databases to the state of a new version, before its pods start."""
    tests: Component = Component(resources=needs("50m", "64Mi", "200m", "128Mi"))
    """What `helm test` runs."""
    postgresql: Postgresql = Postgresql(enabled=False, resources=needs("250m", "512Mi", "1", "1Gi"))
    """A database in the cluster."""
    object_store: ObjectStore = ObjectStore(enabled=False, resources=needs("250m", "512Mi", "1", "1Gi"))
    """An object store in the cluster."""
    login: Login = Login(enabled=False, resources=needs("50m", "64Mi", "200m", "128Mi"))
    """Who may see the pages."""
    ingress: Ingress = Ingress()
    """The way in."""
    network: Network = Network()
    """NetworkPolicies."""
    monitoring: Monitoring = Monitoring()
    """Metrics, rules, dashboards, and who looks at them."""
