"""The text of `dagster.yaml`, from settings: where Dagster keeps its records, what a run is, how runs are watched.

What is here: `instance_yaml`, and `is_ours`, which tells what was written here from what a person wrote.
What to add here: a part of Dagster's instance that a setting decides on.
What must not be here: writing it (`environment.py`), opening it (`orchestration/instance.py`).

The chart has a `dagster.yaml` of its own (`templates/dagster-configuration.yaml`), since names of a release go into it;
a test holds what both say of a run against each other.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

from credit_platform.settings import Settings

DAGSTER_URL_VARIABLE: Final = "CREDIT_PLATFORM_DAGSTER_POSTGRES"
"""Not the setting, which may be written for another driver."""

_HEAD: Final = """\
# Written by credit_platform because it was absent; yours to change.
telemetry:
  enabled: false
# No invitation to a newsletter over the first page.
nux:
  enabled: false
"""
DAGSTER_YAML: Final = f"""\
{_HEAD}\
# The daemon ends runs that take longer than their jobs allow, and those that never start.
run_monitoring:
  enabled: true
  start_timeout_seconds: 180
  poll_interval_seconds: 30
  # Also of runs that are started without a job, by *Materialize*.
  max_runtime_seconds: 7200
"""
_BEFORE_MAX_RUNTIME: Final = f"""\
{_HEAD}\
# The daemon ends runs that take longer than their jobs allow, and those that never start.
run_monitoring:
  enabled: true
  start_timeout_seconds: 180
  poll_interval_seconds: 30
"""
# A password is in no file: `environment.py` sets the variable for this process and those it starts.
_POSTGRES: Final = f"""\
storage:
  postgres:
    postgres_url:
      env: {DAGSTER_URL_VARIABLE}
"""
DAGSTER_YAML_POSTGRES: Final = DAGSTER_YAML + _POSTGRES
_EARLIER: Final = (
    *(DAGSTER_YAML, _BEFORE_MAX_RUNTIME, _HEAD),
    *(DAGSTER_YAML_POSTGRES, _BEFORE_MAX_RUNTIME + _POSTGRES, _HEAD + _POSTGRES),
)
"""All that was written here before settings of runs were: whoever changes one keeps the text before in this list."""
_SEAL: Final = "# Written by credit_platform from its settings; yours once it is changed. Sealed by sha256 {}.\n"
_SEALED: Final = re.compile(re.escape(_SEAL).replace(r"\{\}", "([0-9a-f]{64})"))

START_SECONDS: Final = 600
"""Time in which a Job has to start its run: a node may have to come up and pull the image first."""
CANCEL_SECONDS: Final = 180
"""Time in which a run that is cancelled has to end."""
DEADLINE_SLACK_SECONDS: Final = 600
"""A Job ends by itself this long after Dagster would have ended its run: so late that it is only a backstop."""
POD_HOME: Final = "/var/lib/credit-platform"
POD_DAGSTER_HOME: Final = "/var/lib/dagster"
LAUNCHER: Final = {"module": "credit_platform.orchestration.job_launcher", "class": "JobRunLauncher"}
LARGEST: Final[dict[str, Any]] = {
    "requests": {"cpu": "1", "memory": "4Gi"},
    "limits": {"cpu": "2", "memory": "8Gi"},
}
"""What a run asks for that no table says more of, as one that is started by *Materialize*."""


def instance_yaml(settings: Settings, *, in_cluster: bool = False) -> str:
    """The instance that `settings` describe.

    Args:
        settings: of this home.
        in_cluster: whether who starts runs is a pod itself, with an account of the cluster, instead of a kubeconfig.
    """
    plain = settings.run_launcher == "process" and (settings.run_max_seconds, settings.run_limit) == (7200, 10)
    if plain:
        return DAGSTER_YAML if settings.dagster_database is None else DAGSTER_YAML_POSTGRES
    import yaml  # noqa: PLC0415  # only where settings of runs are set

    body: str = yaml.safe_dump(_instance(settings, in_cluster=in_cluster), sort_keys=False, width=120)
    return _SEAL.format(hashlib.sha256(body.encode()).hexdigest()) + body


def is_ours(text: str) -> bool:
    """Whether nobody changed what was written here, so that it may be replaced."""
    if text in _EARLIER:
        return True
    sealed = _SEALED.match(text)
    return sealed is not None and hashlib.sha256(text[sealed.end() :].encode()).hexdigest() == sealed[1]


def _instance(settings: Settings, *, in_cluster: bool) -> dict[str, Any]:
    as_jobs = settings.run_launcher == "kubernetes"
    made: dict[str, Any] = {"telemetry": {"enabled": False}, "nux": {"enabled": False}}
    if settings.dagster_database is not None:
        made["storage"] = {"postgres": {"postgres_url": {"env": DAGSTER_URL_VARIABLE}}}
    made["run_monitoring"] = {
        "enabled": True,
        "start_timeout_seconds": START_SECONDS if as_jobs else 180,
        "cancel_timeout_seconds": CANCEL_SECONDS,
        "poll_interval_seconds": 30,
        "max_runtime_seconds": settings.run_max_seconds,
        # A run whose worker died ends as failed and is run again as a run of its own (`run_retries`): steps share a
        # process, so that nobody could say where within it to go on.
        "max_resume_run_attempts": 0,
    }
    made["concurrency"] = {"runs": {"max_concurrent_runs": settings.run_limit}}
    if as_jobs:
        # By run, not by step: a pod that waits for its turn within a run would keep its memory all the while.
        made["concurrency"]["pools"] = {"default_limit": settings.run_heavy_limit, "granularity": "run"}
        # Steps have a policy of their own (`policies.py`); what it gave up is not tried again by another run.
        made["run_retries"] = {
            "enabled": True,
            "max_retries": settings.run_retries,
            "retry_on_asset_or_op_failure": False,
        }
        made["run_launcher"] = {**LAUNCHER, "config": _launcher(settings, in_cluster=in_cluster)}
    return made


def _launcher(settings: Settings, *, in_cluster: bool) -> dict[str, Any]:
    return {
        "load_incluster_config": in_cluster,
        "job_namespace": settings.run_namespace,
        "service_account_name": settings.run_service_account,
        **({"job_image": settings.run_image} if settings.run_image else {}),
        "dagster_home": POD_DAGSTER_HOME,
        "instance_config_map": "none",  # asked for by dagster-k8s, and read by nothing of it
        "env_config_maps": list(settings.run_config_maps),
        "env_secrets": list(settings.run_secrets),
        "fail_pod_on_run_failure": True,
        # Who may start a run may set its tags: they say how much it needs and by which account it deploys, no more.
        "only_allow_user_defined_k8s_config_fields": {
            "container_config": {"resources": True},
            "pod_spec_config": {"service_account_name": True, "automount_service_account_token": True},
        },
        "only_allow_user_defined_env_vars": [],
        "run_k8s_config": _run_config(settings),
    }


def _run_config(settings: Settings) -> dict[str, Any]:
    resources = settings.run_resources.get("training", LARGEST)
    mounts = [("/tmp", "tmp"), (POD_HOME, "home"), (POD_DAGSTER_HOME, "dagster")]  # noqa: S108  # of the pod
    return {
        "container_config": {
            "resources": resources,
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            },
            "env": [
                {"name": "HOME", "value": "/tmp"},  # noqa: S108  # the same
                {"name": "CREDIT_PLATFORM_HOME", "value": POD_HOME},
                {"name": "CREDIT_PLATFORM_ARTEFACT_CACHE", "value": f"{POD_HOME}/cache"},
                {"name": "PYTHONDONTWRITEBYTECODE", "value": "1"},
                {"name": "OMP_NUM_THREADS", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
            ],
            "volumeMounts": [{"name": "scratch", "mountPath": at, "subPath": part} for at, part in mounts],
        },
        "pod_template_spec_metadata": {"labels": {"credit-platform/kind": "run"}},
        "pod_spec_config": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 10001,
                "runAsGroup": 10001,
                "fsGroup": 10001,
                "fsGroupChangePolicy": "OnRootMismatch",
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "volumes": [{"name": "scratch", "emptyDir": {}}],
        },
        "job_spec_config": {
            "ttlSecondsAfterFinished": settings.run_ttl_seconds,
            "activeDeadlineSeconds": settings.run_max_seconds + START_SECONDS + DEADLINE_SLACK_SECONDS,
            # Dagster retries a run; a Job that did so, too, would start what has been recorded as failed.
            "backoffLimit": 0,
        },
    }
