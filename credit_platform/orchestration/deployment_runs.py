"""What a run that deploys has beside what every run has: in a cluster, an account that may change what is served.

What is here: `deployment_tags`.
What must not be here: what all runs have (the Helm chart's `cp.runConfig`); resources of a step.
"""

from __future__ import annotations

import json
from typing import Any

from credit_platform.settings import Settings

_KUBERNETES = "dagster-k8s/config"
"""Tag from which `K8sRunLauncher` takes what a run's Job has of its own."""


def deployment_tags(settings: Settings) -> dict[str, str]:
    """Tags of such a run: tried again when its pod is lost, for it goes on where it stopped."""
    tags = {"dagster/max_retries": "2"}
    if settings.deployment_target == "kubernetes":
        tags[_KUBERNETES] = json.dumps(_own(settings), sort_keys=True)
    return tags


def _own(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if settings.deployment_account is not None:
        account = {"service_account_name": settings.deployment_account, "automount_service_account_token": True}
        found["pod_spec_config"] = account
    if settings.deployment_key_secret is not None:
        key = {"secretKeyRef": {"name": settings.deployment_key_secret, "key": "api_key"}}
        found["container_config"] = {"env": [{"name": "CREDIT_PLATFORM_DEPLOYMENT_API_KEY", "valueFrom": key}]}
    return found
