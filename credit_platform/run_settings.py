"""Settings of how Dagster's runs are run: as processes of one machine, or each as a Job of Kubernetes.

What is here: `RunSettings`, the part of `Settings` that `dagster_yaml.py` writes Dagster's instance from.
What to add here: a setting of runs, their Jobs, or the queue that they wait in.
What must not be here: what one job needs (`orchestration/run_resources.py`).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class RunSettings(BaseSettings):
    """Settings of runs; read as a part of `Settings`, which has the rest."""

    model_config = SettingsConfigDict(env_prefix="CREDIT_PLATFORM_", frozen=True, use_attribute_docstrings=True)

    run_launcher: Literal["process", "kubernetes"] = "process"
    """What a run is: a `process` beside the one that starts it, or a Job of `kubernetes`."""

    run_image: str | None = None
    """Image of these Jobs, by digest: `registry/platform@sha256:…`. Default: what the code location calls its own
    (`DAGSTER_CURRENT_IMAGE`)."""

    run_namespace: str = "default"
    """Namespace of these Jobs."""

    run_service_account: str = "default"
    """Account of these Jobs' pods; they get no token of it."""

    run_deployer_account: str | None = None
    """Account, with its token, of the runs of jobs that bring a promoted Bento into service. Default: as others."""

    run_config_maps: tuple[str, ...] = ()
    """ConfigMaps whose keys these Jobs have as environment variables, as JSON: `["credit-settings"]`."""

    run_secrets: tuple[str, ...] = ()
    """Secrets of which the same holds, for `CREDIT_PLATFORM_DATABASE_URL` and keys of the object store."""

    run_resources: dict[str, dict[str, dict[str, str]]] = Field(default_factory=dict)
    """What runs of a size (`light`, `tables`, `training`) or of one job need, as JSON:
    `{"training": {"requests": {"cpu": "2", "memory": "8Gi"}}}`. Default: the table of `run_resources.py`."""

    run_max_seconds: int = Field(default=7200, ge=60)
    """Seconds after which a run is ended and failed."""

    run_ttl_seconds: int = Field(default=3600, ge=0)
    """Seconds for which a finished Job, its pod and its log are kept."""

    run_retries: int = Field(default=2, ge=0)
    """How often a run whose Job was killed or evicted is run again, from where it failed."""

    run_limit: int = Field(default=10, ge=1)
    """Runs at once; others wait in the queue."""

    run_heavy_limit: int = Field(default=2, ge=1)
    """Runs at once, where they are Jobs, that hold large tables in memory (the pool `memory_heavy`)."""
