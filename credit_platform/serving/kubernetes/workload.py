"""The Deployment of a service: what its pods are told to serve, and the only change that is made there.

What is here: `Workload`, which reads a Deployment and its pods, and changes its own fields of it by server-side apply;
`State` and `Told`, what it reads.
What to add here: a field that only `serving/deployment` owns.
What must not be here: the order of a roll-out (`deployer.py`); a field that belongs to the release.

Fields of a field manager of their own: the digest and the moment in the pod template (both an annotation), whether the
roll-out is held (`paused`), and, while one is under way, what was told before (an annotation of the Deployment). Helm
and Argo CD, which set none of them, leave them as they are; a field that is left out of the next apply is removed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import urllib3
from kubernetes import client

from credit_platform.errors import ServiceError
from credit_platform.serving.bento_fetching import ANNOTATION
from credit_platform.serving.kubernetes.pods import Pod

FIELD_MANAGER = "credit-platform-deployment"
DEPLOYED_AT = "credit-platform/deployed-at"
"""Of a pod: since when pods are told to serve its Bento (ISO 8601); `/model-info` says it."""
BEFORE = "credit-platform/bento-before"
"""Of a Deployment, while a roll-out is under way: what its pods were told before, as JSON."""
_SECONDS = (5, 30)
"""To connect, and to answer."""
_GONE, _FORBIDDEN = 404, 403
_LAST_LINES = 5
Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What pods are told to serve."""

    digest: str
    """Of the Bento; empty where they are told none and take what is promoted."""
    deployed_at: str = ""
    """Since when; ISO 8601."""


@dataclass(frozen=True, kw_only=True)
class State:
    """A Deployment at the moment of looking."""

    told: Told
    before: Told | None
    """What was told before, while a roll-out is under way."""
    paused: bool
    replicas: int
    """Pods that there should be."""
    complete: bool
    """Whether all of them are of the newest template, and available."""
    stalled: str
    """Why it does not go on, in the cluster's words; empty while it does."""
    selector: str


class Workload:
    """One Deployment."""

    def __init__(self, api: client.ApiClient, namespace: str, name: str) -> None:
        """Nothing is asked yet."""
        self.namespace, self.name = namespace, name
        self._apps, self._core = client.AppsV1Api(api), client.CoreV1Api(api)

    def __str__(self) -> str:
        """What to call it."""
        return f"the Deployment {self.name} of the namespace {self.namespace}"

    def read(self) -> State | None:
        """How it is now; None where there is none.

        Raises:
            ServiceError: the cluster does not answer, or refuses.
        """
        found = self._ask(
            "read", lambda: self._apps.read_namespaced_deployment(self.name, self.namespace, _request_timeout=_SECONDS)
        )
        return None if found is None else _state(found)

    def tell(self, told: Told, *, before: Told | None = None, paused: bool = False) -> None:
        """Let pods serve this from now on: the whole of what this field manager says of the Deployment.

        Args:
            told: of the pod template; a change of it is a roll-out.
            before: what is gone back to, while the roll-out is under way.
            paused: whether no further pod is replaced.

        Raises:
            ServiceError: the cluster does not answer, or refuses.
        """
        annotations = {ANNOTATION: told.digest, DEPLOYED_AT: told.deployed_at} if told.digest else {}
        under_way = {} if before is None else {BEFORE: json.dumps(asdict(before), sort_keys=True)}
        body = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": self.name, "namespace": self.namespace, "annotations": under_way},
            "spec": {"template": {"metadata": {"annotations": annotations}}, **({"paused": True} if paused else {})},
        }
        self._ask(
            "change",
            lambda: self._apps.patch_namespaced_deployment(
                self.name,
                self.namespace,
                body,
                field_manager=FIELD_MANAGER,
                force=True,
                _content_type="application/apply-patch+yaml",
                _request_timeout=_SECONDS,
            ),
        )

    def pods(self, state: State) -> list[Pod]:
        """Its pods, by name.

        Raises:
            ServiceError: the cluster does not answer, or refuses.
        """
        found = self._ask(
            "list the pods of",
            lambda: self._core.list_namespaced_pod(
                self.namespace, label_selector=state.selector, _request_timeout=_SECONDS
            ),
        )
        return sorted((Pod.of(each) for each in (found.items if found else ())), key=lambda pod: pod.name)

    def last_words(self, pod: Pod) -> str:
        """The end of the log of the container that is in trouble; empty where there is none to be had."""
        for previous in (True, False):
            try:
                said = self._core.read_namespaced_pod_log(
                    pod.name,
                    self.namespace,
                    container=pod.ailing,
                    previous=previous,
                    tail_lines=_LAST_LINES,
                    _request_timeout=_SECONDS,
                    _preload_content=False,  # what the client makes of a text is b'...'
                ).data.decode(errors="replace")
            except (client.ApiException, urllib3.exceptions.HTTPError):  # what is known without it is enough
                continue
            if said.strip():
                return str(said).strip()
        return ""

    def _ask(self, what: str, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except client.ApiException as error:
            if error.status == _GONE:
                return None
            cure = (
                "Run it with the account of the deployer, which the chart makes where services are enabled."
                if error.status == _FORBIDDEN
                else "Look at the events of the namespace, and run it again: it goes on where it stopped."
            )
            raise ServiceError(f"The cluster refuses to {what} {self}: {_said(error)}.", cure) from None
        except urllib3.exceptions.HTTPError as error:
            raise ServiceError(
                f"The API of the cluster does not answer ({type(error).__name__}), so nobody could {what} {self}.",
                "Run it again when it does: it goes on where it stopped.",
            ) from None


def _said(error: client.ApiException) -> str:
    try:
        message = json.loads(error.body or "{}").get("message")
    except ValueError:
        message = None
    return f"{error.status} {message or error.reason}".rstrip(".")


def _state(found: Any) -> State:
    spec, status = found.spec, found.status
    template = (spec.template.metadata.annotations if spec.template.metadata else None) or {}
    under_way = (found.metadata.annotations or {}).get(BEFORE)
    wanted = 1 if spec.replicas is None else spec.replicas
    seen = (status.observed_generation or 0) >= found.metadata.generation
    counts = (status.replicas or 0, status.updated_replicas or 0, status.available_replicas or 0)
    return State(
        told=Told(digest=template.get(ANNOTATION, ""), deployed_at=template.get(DEPLOYED_AT, "")),
        before=None if under_way is None else _told(under_way),
        paused=bool(spec.paused),
        replicas=wanted,
        complete=seen and counts == (wanted, wanted, wanted),
        stalled=_stalled(status.conditions or ()) if seen else "",
        selector=",".join(f"{name}={value}" for name, value in sorted(spec.selector.match_labels.items())),
    )


def _told(text: str) -> Told | None:
    """What an annotation says; None where somebody wrote something else there."""
    try:
        return Told(**json.loads(text))
    except (ValueError, TypeError):
        return None


def _stalled(conditions: Any) -> str:
    for one in conditions:
        late = one.type == "Progressing" and one.status == "False"
        if late or (one.type == "ReplicaFailure" and one.status == "True"):
            return f"{one.reason}: {one.message}"
    return ""
