"""Settings of how a promoted Bento is brought to where it answers applicants.

What is here: `DeploymentSettings`, a part of `Settings`, with a docstring under each field.
What to add here: what an operator may want to change about deployments without changing code.
What must not be here: what the release of a cluster decides about its pods (the Helm chart's values).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

Target = Literal["local", "kubernetes"]


class DeploymentSettings(BaseSettings):
    """Where promoted Bentos are brought, and how carefully."""

    model_config = SettingsConfigDict(env_prefix="CREDIT_PLATFORM_", frozen=True, use_attribute_docstrings=True)

    deployment_target: Target = "local"
    """Where `serving/deployment` brings a promoted Bento: `local`, the services that `up` or `serve` runs of this home;
    `kubernetes`, the Deployments that `deployment_names` names."""

    deployment_names: dict[str, str] = Field(default_factory=dict)
    """Deployment of a cluster by portfolio, as JSON: `{"german_credit": "credit-service-german-credit"}`."""

    deployment_namespace: str | None = None
    """Namespace of these Deployments. Default: that of the pod it runs in, else of the kubeconfig's context."""

    deployment_api_key: SecretStr | None = None
    """API key with the scope explain, by which pods are tried before they answer applicants. Default: none is shown."""

    deployment_watch_seconds: float = Field(default=30.0, ge=0, le=3600)
    """How long the first pod answers applicants, and its errors are counted, before the others follow."""

    deployment_ready_seconds: float = Field(default=300.0, ge=1, le=3600)
    """How long a pod may take to be ready; a Bento whose pod takes longer is taken back."""

    deployment_evidence: Literal["heed", "require", "note"] = "heed"
    """What the shadow's evidence decides: `heed`, what speaks against a Bento holds it back; `require`, so do too few
    decisions; `note`, it is only recorded."""
