"""Where a release runs, and what it must pass there: one file for each environment, `delivery/environments/NAME.yaml`.

What is here: `Environment` and its parts, and `read_environment`.
What to add here: another thing in which environments differ.
What must not be here: a secret. The API key of the gates comes in `CREDIT_PLATFORM_DELIVERY_KEY`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scripts.chart.helm import ROOT
from scripts.delivery.outcome import RefusedError

FOLDER: Final = ROOT / "delivery" / "environments"
KubernetesName = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Service(_Part):
    """A scoring service of the release."""

    url: str = Field(pattern=r"^https?://[^/\s]+$")
    """As its clients know it."""
    connect_to: str | None = Field(default=None, pattern=r"^\S+:\d+$")
    """Host and port of the ingress controller, where the name of the service does not lead there."""


class Load(_Part):
    """How the service is loaded before a release may stay."""

    route: Literal["/predict", "/explain"]
    """`/predict` is decided and logged, so it is not for an environment whose decisions mean something."""
    clients: int = Field(default=16, ge=1, le=1024)
    """Connections, each of which asks again when it has its answer."""
    seconds: float = Field(default=30.0, gt=0)
    """How long."""
    p95_ms: float = Field(default=200.0, gt=0)
    """A p95 of so much or more fails, and so does a single error."""


class Approval(_Part):
    """Who has to say yes first."""

    by: tuple[str, ...] = Field(min_length=1)
    """Names of those who may."""
    after: str
    """The environment in which the same images must have passed."""


class Environment(_Part):
    """One environment."""

    name: str
    context: str = ""
    """Of the kubeconfig; empty for the current one."""
    namespace: KubernetesName
    release: KubernetesName = "credit"
    """Of Helm."""
    values: tuple[Path, ...] = Field(min_length=1)
    """Files of values, relative to this one; later ones go before earlier ones."""
    services: tuple[Service, ...] = Field(min_length=1)
    timeout: str = Field(default="15m", pattern=r"^[1-9]\d*[smh]$")
    """What Helm waits for, each time."""
    patience_seconds: float = Field(default=60.0, ge=0)
    """How long a service that is ready may take to be reached."""
    load: Load
    approval: Approval | None = None
    """None where nobody needs to be asked."""

    def merged_values(self, images: dict[str, Any]) -> dict[str, Any]:
        """What Helm makes of all files and of the images of a tag.

        Raises:
            RefusedError: a file cannot be read.
        """
        found: dict[str, Any] = {}
        for file in self.values:
            found = _merged(found, read_yaml(file))
        return _merged(found, images)


def read_environment(name: str, folder: Path = FOLDER) -> Environment:
    """The environment called `name`.

    Raises:
        RefusedError: there is none, or its file says what it must not.
    """
    known = sorted(file.stem for file in folder.glob("*.yaml") if not file.stem.endswith("-values"))
    if name not in known:
        raise RefusedError(f"There is no environment {name!r}: {folder} has {', '.join(known) or 'none'}.")
    document = read_yaml(folder / f"{name}.yaml")
    try:
        found = Environment.model_validate({**document, "name": name})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise RefusedError(f"{folder / name}.yaml: {where}: {first['msg']}. Mend it; docs/CICD.md says more.") from None
    return found.model_copy(update={"values": tuple((folder / file).resolve() for file in found.values)})


def read_yaml(file: Path) -> dict[str, Any]:
    """A file of YAML that holds a map; nothing is an empty one.

    Raises:
        RefusedError: it does not.
    """
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        said = " ".join(str(getattr(error, "strerror", None) or error).split())
        raise RefusedError(f"{file} cannot be read: {said}. Mend it.") from None
    if not isinstance(document, dict | None):
        raise RefusedError(f"{file} holds no map of values. Mend it.")
    return document or {}


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """As Helm does it: maps are merged, everything else is replaced."""
    both = {key: _merged(under[key], over[key]) for key in under.keys() & over.keys() if _maps(under[key], over[key])}
    return {**under, **over, **both}


def _maps(*values: object) -> bool:
    return all(isinstance(value, dict) for value in values)
