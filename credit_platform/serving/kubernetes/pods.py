"""How one pod of a service is, as the cluster says.

What is here: `Pod`: which Bento it was told to serve, whether it is ready, and what is wrong with it.
What to add here: another sign that a pod will not get well by itself.
What must not be here: what follows from it (`deployer.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from credit_platform.serving.bento_fetching import ANNOTATION

_HOPELESS = frozenset(
    {
        "ImagePullBackOff",
        "InvalidImageName",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
    }
)
"""Why a container waits that does not start by waiting."""
_CRASHED = "CrashLoopBackOff"
_FETCHES = 2
"""How often what fetches the Bento has to fail until that is the end: a store may be away for a moment."""


@dataclass(frozen=True, kw_only=True)
class Pod:
    """One pod, at the moment of looking."""

    name: str
    digest: str
    """Of the Bento that it was told to serve; empty for none."""
    ready: bool
    going: bool
    """Whether it is on its way out."""
    trouble: str
    """What is wrong with it and does not go away by itself, as a sentence; empty for nothing."""
    ailing: str
    """Name of the container that is in trouble; empty for none."""
    unplaced: str
    """Why no node takes it, in the scheduler's words; empty where one has."""
    address: str
    """Host and port of its API; empty before it has one."""
    metrics: str
    """Host and port of its metrics."""

    @classmethod
    def of(cls, found: Any) -> Pod:
        """What a `V1Pod` says."""
        status = found.status
        conditions = {one.type: one for one in status.conditions or ()}
        ready, placed = conditions.get("Ready"), conditions.get("PodScheduled")
        ailing, trouble = _trouble(found)
        unplaced = (placed.message or placed.reason or "") if placed and placed.status == "False" else ""
        return cls(
            name=found.metadata.name,
            digest=(found.metadata.annotations or {}).get(ANNOTATION, ""),
            ready=ready is not None and ready.status == "True",
            going=found.metadata.deletion_timestamp is not None,
            trouble=trouble,
            ailing=ailing,
            unplaced=unplaced,
            address=_address(found, "api"),
            metrics=_address(found, "metrics"),
        )


def _address(found: Any, port: str) -> str:
    ports = [each for container in found.spec.containers for each in container.ports or () if each.name == port]
    host = found.status.pod_ip
    if not ports or not host:
        return ""
    return f"[{host}]:{ports[0].container_port}" if ":" in host else f"{host}:{ports[0].container_port}"


def _trouble(found: Any) -> tuple[str, str]:
    """Which container is in trouble, and which; both empty where none is."""
    status, name = found.status, found.metadata.name
    if status.phase == "Failed":
        return "", f"{name} ended: {status.reason or 'Failed'} {status.message or ''}".strip()
    beginning = _first_in_trouble(name, status.init_container_statuses or (), failures=_FETCHES)
    return beginning or _first_in_trouble(name, status.container_statuses or (), failures=1) or ("", "")


def _first_in_trouble(pod: str, statuses: Iterable[Any], *, failures: int) -> tuple[str, str] | None:
    for each in statuses:
        waiting = each.state.waiting if each.state else None
        ended = each.state.terminated if each.state else None
        down = (ended is not None and ended.exit_code != 0) or (waiting is not None and waiting.reason == _CRASHED)
        if each.restart_count + down >= failures:
            last = ended or (each.last_state.terminated if each.last_state else None)
            how = f"ended with code {last.exit_code} ({last.reason or 'Error'})" if last else "does not stay up"
            return each.name, f"{pod}: {each.name} {how}"
        if waiting is not None and waiting.reason in _HOPELESS:
            return each.name, f"{pod}: {each.name} does not start ({waiting.reason}). {waiting.message or ''}".strip()
    return None
