"""Infrastructure: processors, memory, disk, network, pods, databases, and what watches them."""

from __future__ import annotations

from credit_platform.monitoring.metrics import model, pipeline, service
from scripts.monitoring.outside import NOTIFICATIONS_FAILED
from scripts.monitoring.panels import Dashboard, Panel, Query, read, read_other

RATE = "[$__rate_interval]"
_CLUSTER = "Needs the metrics of a cluster: may be empty on one machine."
_HOST = "Of prometheus-node-exporter, where it runs (targets.d): may be empty without."
_POD = 'pod=~".*credit-platform.*"'
"""Whatever the Helm release is called."""
_CONTAINERS = f'container!="",{_POD}'
"""Without the sum that cAdvisor tells beside them."""
_USED = 'datname!="",datname!~"template.*"'
"""Databases that anybody can be connected to."""
_SCALER = 'horizontalpodautoscaler=~".*credit-platform.*"'
_REAL = 'device!~"lo|veth.*"'
_DISKS = 'fstype!~"tmpfs|overlay|squashfs|ramfs"'

_SERVICE = (
    Panel(
        title="Processor of the service",
        description="Share of the processors that the service may use; 80 % for a quarter of an hour is a ticket.",
        unit="percentunit",
        least=0,
        queries=(
            Query(
                expression=f"""
                    sum by (portfolio) (rate({read(service.PROCESS_CPU)}{RATE}))
                      / sum by (portfolio) ({read(service.PROCESS_CORES)})
                """
            ),
        ),
    ),
    Panel(
        title="Memory of the service",
        description="Resident memory of all workers, by instance.",
        unit="bytes",
        least=0,
        queries=(
            Query(
                expression=f"max by (portfolio, instance) ({read(service.PROCESS_MEMORY)})",
                legend="{{portfolio}} {{instance}}",
            ),
        ),
    ),
    Panel(
        title="Running since",
        description="How long the youngest worker of each instance runs.",
        unit="s",
        kind="stat",
        queries=(
            Query(
                expression=f"time() - max by (portfolio, instance) ({read(service.PROCESS_START)})",
                legend="{{portfolio}} {{instance}}",
            ),
        ),
    ),
)
_STORES = (
    Panel(
        title="Disk of the home",
        description="Share used of the disk where the home lies; 85 % is a ticket.",
        unit="percentunit",
        kind="stat",
        width=6,
        queries=(Query(expression=f"max ({read(model.DISK_USED)} / {read(model.DISK_SIZE)})", legend="used"),),
        steps=((None, "green"), (0.7, "orange"), (0.85, "red")),
        whole_range=True,
    ),
    Panel(
        title="Stores that answer",
        description="1 when the database of a decision log, or MLflow's store, answers the exporter.",
        unit="short",
        width=6,
        least=0,
        most=1,
        decimals=0,
        queries=(
            Query(expression=f"min by (log) ({read(model.DECISION_LOG)})", legend="log {{log}}"),
            Query(expression=f"min ({read(model.MLFLOW)})", legend="MLflow"),
        ),
    ),
    Panel(
        title="Size of the tables",
        description="Newest versions of the tables of each portfolio.",
        unit="bytes",
        width=6,
        least=0,
        queries=(Query(expression=f"sum by (portfolio) ({read(model.BYTES)})"),),
    ),
    Panel(
        title="Database connections",
        description="Of PostgreSQL, by prometheus-postgres-exporter (targets.d): may be empty without.",
        unit="short",
        width=6,
        least=0,
        queries=(
            Query(
                expression=f"sum by (datname) ({read_other('pg_stat_database_numbackends', _USED)})",
                legend="{{datname}}",
            ),
            Query(expression=f"max ({read_other('pg_settings_max_connections')})", legend="allowed"),
        ),
    ),
)
_WATCHERS = (
    Panel(
        title="Targets",
        description="Whether Prometheus reaches each target.",
        unit="short",
        kind="table",
        queries=(Query(expression=f"min by (job, instance, portfolio) ({read_other('up')})", legend="__auto"),),
    ),
    Panel(
        title="Collectors",
        description="Age of what each collector of the exporter tells; a quarter of an hour is a ticket.",
        unit="s",
        least=0,
        queries=(Query(expression=f"max by (collector) ({read(pipeline.COLLECTOR_AGE)})", legend="{{collector}}"),),
    ),
    Panel(
        title="How long a look takes",
        description="Duration of the last look of each collector.",
        unit="s",
        least=0,
        queries=(
            Query(expression=f"max by (collector) ({read(pipeline.COLLECTOR_DURATION)})", legend="{{collector}}"),
        ),
    ),
    Panel(
        title="Samples of a scrape",
        description="Series of each target: more than 500 of a service, or 2,000 of the exporter, are too many.",
        unit="short",
        width=12,
        least=0,
        queries=(
            Query(
                expression=f"max by (job, instance) ({read_other('scrape_samples_scraped')})",
                legend="{{job}} {{instance}}",
            ),
        ),
    ),
    Panel(
        title="Messages not delivered",
        description="By Alertmanager, in each hour, by the way that failed.",
        unit="short",
        width=12,
        least=0,
        queries=(
            Query(
                expression=f"sum by (integration) (increase({read_other(NOTIFICATIONS_FAILED)}[1h]))",
                legend="{{integration}}",
            ),
        ),
    ),
)
_MACHINE = (
    Panel(
        title="Processor of the host",
        description=f"Share that is not idle. {_HOST}",
        unit="percentunit",
        width=6,
        least=0,
        most=1,
        queries=(
            Query(
                expression=f"""
                    1 - avg by (instance) (rate({read_other("node_cpu_seconds_total", 'mode="idle"')}{RATE}))
                """,
                legend="{{instance}}",
            ),
        ),
    ),
    Panel(
        title="Memory of the host",
        description=f"Share in use. {_HOST}",
        unit="percentunit",
        width=6,
        least=0,
        most=1,
        queries=(
            Query(
                expression=f"""
                    1 - {read_other("node_memory_MemAvailable_bytes")} / {read_other("node_memory_MemTotal_bytes")}
                """,
                legend="{{instance}}",
            ),
        ),
    ),
    Panel(
        title="Network of the host",
        description=f"Received and sent. {_HOST}",
        unit="Bps",
        width=6,
        least=0,
        queries=(
            Query(
                expression=f"""
                    sum by (instance) (rate({read_other("node_network_receive_bytes_total", _REAL)}{RATE}))
                """,
                legend="{{instance}} received",
            ),
            Query(
                expression=f"""
                    sum by (instance) (rate({read_other("node_network_transmit_bytes_total", _REAL)}{RATE}))
                """,
                legend="{{instance}} sent",
            ),
        ),
    ),
    Panel(
        title="Disks of the host",
        description=f"Share used of each file system. {_HOST}",
        unit="percentunit",
        width=6,
        least=0,
        most=1,
        queries=(
            Query(
                expression=f"""
                    1 - max by (instance, mountpoint) ({read_other("node_filesystem_avail_bytes", _DISKS)})
                      / max by (instance, mountpoint) ({read_other("node_filesystem_size_bytes", _DISKS)})
                """,
                legend="{{instance}} {{mountpoint}}",
            ),
        ),
    ),
)
_PODS = (
    Panel(
        title="Processor of the pods",
        description=f"Cores in use, by pod. {_CLUSTER}",
        unit="short",
        width=6,
        least=0,
        queries=(
            Query(
                expression=f"sum by (pod) (rate({read_other('container_cpu_usage_seconds_total', _CONTAINERS)}{RATE}))",
                legend="{{pod}}",
            ),
        ),
    ),
    Panel(
        title="Memory of the pods",
        description=f"Working set, by pod. {_CLUSTER}",
        unit="bytes",
        width=6,
        least=0,
        queries=(
            Query(
                expression=f"sum by (pod) ({read_other('container_memory_working_set_bytes', _CONTAINERS)})",
                legend="{{pod}}",
            ),
        ),
    ),
    Panel(
        title="Pods",
        description=f"By phase. {_CLUSTER}",
        unit="short",
        width=6,
        least=0,
        decimals=0,
        queries=(
            Query(expression=f"sum by (phase) ({read_other('kube_pod_status_phase', _POD)})", legend="{{phase}}"),
        ),
    ),
    Panel(
        title="Autoscaler",
        description=f"Replicas that there are, that it wants, and its bounds. {_CLUSTER}",
        unit="short",
        width=6,
        least=0,
        decimals=0,
        queries=tuple(
            Query(
                expression=f"""
                    max by (horizontalpodautoscaler) ({read_other(f"kube_horizontalpodautoscaler_{name}", _SCALER)})
                """,
                legend=f"{{{{horizontalpodautoscaler}}}} {legend}",
            )
            for name, legend in (
                ("status_current_replicas", "now"),
                ("status_desired_replicas", "wanted"),
                ("spec_min_replicas", "least"),
                ("spec_max_replicas", "most"),
            )
        ),
    ),
    Panel(
        title="Network of the pods",
        description=f"Received and sent, by pod. {_CLUSTER}",
        unit="Bps",
        width=12,
        least=0,
        queries=tuple(
            Query(
                expression=f"""
                    sum by (pod) (rate({read_other(f"container_network_{name}_bytes_total", _POD)}{RATE}))
                """,
                legend=f"{{{{pod}}}} {legend}",
            )
            for name, legend in (("receive", "received"), ("transmit", "sent"))
        ),
    ),
    Panel(
        title="Restarts of the pods",
        description=f"Containers started again, in each hour, by pod: they ended, or were killed. {_CLUSTER}",
        unit="short",
        width=12,
        least=0,
        decimals=0,
        queries=(
            Query(
                expression=f"""
                    sum by (pod) (increase({read_other("kube_pod_container_status_restarts_total", _POD)}[1h]))
                """,
                legend="{{pod}}",
            ),
        ),
    ),
)
DASHBOARD = Dashboard(
    uid="credit-infrastructure",
    title="Infrastructure",
    description="Processors, memory, disk, network, pods, databases, and what watches them.",
    sections=(
        ("Service", _SERVICE),
        ("Stores", _STORES),
        ("What watches", _WATCHERS),
        ("Host", _MACHINE),
        ("Cluster", _PODS),
    ),
    job=".+",
)
