"""Which cluster, and as whom.

What is here: `connect`: the account of the pod that this runs in, else the kubeconfig of whoever runs it.
What must not be here: what is asked of the cluster (`workload.py`).
"""

from __future__ import annotations

import os
from pathlib import Path

from kubernetes import client, config

from credit_platform.errors import ServiceError

_OWN_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


def connect(namespace: str | None) -> tuple[client.ApiClient, str]:
    """The API of the cluster, and the namespace in which the services are.

    Args:
        namespace: its name; by default that of the pod, or of the kubeconfig's context.

    Raises:
        ServiceError: there is no account of a pod, and no kubeconfig that names a cluster.
    """
    try:
        if "KUBERNETES_SERVICE_HOST" in os.environ:
            own = client.Configuration()
            config.load_incluster_config(client_configuration=own)
            return client.ApiClient(own), namespace or _OWN_NAMESPACE.read_text(encoding="utf-8").strip()
        api = config.new_client_from_config()
        _, current = config.list_kube_config_contexts()
        return api, namespace or current["context"].get("namespace", "default")
    except (config.ConfigException, OSError) as error:
        raise ServiceError(
            f"No cluster is known: {error}",
            "In a pod, run with the account of the deployer, and its token; elsewhere set KUBECONFIG; or let services "
            "of this machine be deployed to: CREDIT_PLATFORM_DEPLOYMENT_TARGET=local.",
        ) from None
