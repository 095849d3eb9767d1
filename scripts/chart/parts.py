"""What several components of the chart have in common."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Quantity = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?(m|Ki|Mi|Gi|Ti)?$")]
Port = Annotated[int, Field(ge=1, le=65535)]
HostName = Annotated[str, Field(pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$")]
"""Empty for none."""
Name = Annotated[str, Field(pattern=r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$", max_length=253)]
"""Of an object of Kubernetes; empty for none."""


class Part(BaseModel):
    """A part of the values; a key that is not here is refused."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=True, use_attribute_docstrings=True
    )


class Amounts(Part):
    """Processor time and memory."""

    cpu: Quantity | None = None
    """Processors, as `500m` or `2`."""
    memory: Quantity | None = None
    """Bytes, as `512Mi`."""


class Resources(Part):
    """What a container asks for, and what it may take at most."""

    requests: Amounts = Amounts()
    """What is kept free for it; of the service the measured figure, which 70 % of CPU counts from."""
    limits: Amounts = Amounts()
    """What it may take; native threads follow the limit of processors."""


class Component(Part):
    """A program that is on or off."""

    enabled: bool = True
    """Whether it runs."""
    resources: Resources = Resources()
    """What it asks for."""


class Storage(Part):
    """A volume of a program that keeps its data in the cluster."""

    size: Quantity = "10Gi"
    """Of the claim."""
    storage_class: str = ""
    """Class of the claim; empty for the cluster's default."""


class Toleration(Part):
    """A taint of nodes that is put up with."""

    key: str = ""
    """Of the taint; empty for all."""
    operator: Literal["Exists", "Equal"] = "Equal"
    """Whether its value counts."""
    value: str = ""
    """Of the taint."""
    effect: Literal["", "NoSchedule", "PreferNoSchedule", "NoExecute"] = ""
    """Of the taint; empty for all."""


class Placement(Part):
    """Where pods may run."""

    node_selector: dict[str, str] = Field(default_factory=dict)
    """Labels that a node must have."""
    tolerations: list[Toleration] = Field(default_factory=list)
    """Taints of nodes that are put up with."""
    priority_class_name: str = ""
    """Class of priority."""


def needs(cpu: str, memory: str, limit_cpu: str | None, limit_memory: str) -> Resources:
    """Resources in a line."""
    return Resources(requests=Amounts(cpu=cpu, memory=memory), limits=Amounts(cpu=limit_cpu, memory=limit_memory))
