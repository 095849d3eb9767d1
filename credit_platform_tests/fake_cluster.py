"""An API server of a cluster with one Deployment, over real HTTP, and pods that answer like our service.

Reading makes time pass: at each look at the Deployment its controller takes one step, as that of Kubernetes does with
maxSurge 1 and maxUnavailable 0. A field that its manager leaves out of an apply is removed, as by server-side apply.
"""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from credit_platform.serving.bento_fetching import ANNOTATION

NAMESPACE, NAME = "credit", "credit-service-german-credit"
LABELS = {"app.kubernetes.io/component": "service-german_credit"}
EXAMPLES: dict[str, Any] = {"a": {"value": {"application": {}}}}
OPENAPI = {"paths": {"/predict": {"post": {"requestBody": {"content": {"application/json": {"examples": EXAMPLES}}}}}}}
VALID = {"probability_of_default": 0.5, "decision": "refused", "reasons": [{"code": "a"}]}


@dataclass
class Bento:
    """How pods behave that are told to serve it."""

    scorer: str
    explains: dict[str, Any] = field(default_factory=lambda: VALID)
    crashes: bool = False
    unplaced: bool = False
    never_ready: bool = False
    crashes_at: int = 10**6
    """From this pod of it on they crash."""
    asked: int = 200
    """Requests that a pod answers between two looks at its metrics."""
    errors: int = 0
    """How many of them it fails."""


class Server:
    """HTTP on a free port of this machine, answered by a function of method, path and body."""

    def __init__(self, answer: Callable[[str, str, bytes], tuple[int, str]]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # as `http.server` calls it
                length = int(self.headers.get("Content-Length", 0))
                status, text = answer(self.command, self.path, self.rfile.read(length))
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json" if text.startswith(("{", "[")) else "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815  # as above
            do_PATCH = do_GET  # noqa: N815  # as above

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Pod:
    """One pod, which answers at a port of its own."""

    def __init__(self, name: str, digest: str, bento: Bento, *, crashes: bool) -> None:
        self.name, self.digest, self.bento, self.crashes = name, digest, bento, crashes
        self.looks, self.requests, self.errors = 0, 0, 0
        self._server = Server(self._answer)

    @property
    def ready(self) -> bool:
        """Whether it is, which takes one look."""
        return self.looks > 0 and not (self.crashes or self.bento.unplaced or self.bento.never_ready)

    def stop(self) -> None:
        """It goes."""
        self._server.stop()

    def _answer(self, method: str, path: str, body: bytes) -> tuple[int, str]:
        if path == "/metrics":
            self.requests += self.bento.asked
            self.errors += self.bento.errors
            line = 'credit_platform_requests_total{{method="POST",route="/predict",status="{}"}} {}\n'
            counts = line.format(200, self.requests - self.errors) + line.format(503, self.errors)
            return 200, f"# TYPE credit_platform_requests counter\n{counts}"
        answers: dict[str, dict[str, Any]] = {
            "/health": {"ready": True},
            "/model-info": {"digest": self.bento.scorer, "portfolio": "german_credit"},
            "/openapi.json": OPENAPI,
            "/explain": self.bento.explains,
        }
        return 200, json.dumps(answers[path])

    def manifest(self) -> dict[str, Any]:
        """As the API tells it."""
        placed = {"type": "PodScheduled", "status": "False" if self.bento.unplaced else "True"}
        if self.bento.unplaced:
            placed["message"] = "0/2 nodes are available: 2 Insufficient cpu."
        state: dict[str, Any] = {"running": {}}
        last: dict[str, Any] = {}
        if self.crashes:
            state = {"waiting": {"reason": "CrashLoopBackOff"}}
            last = {"terminated": {"exitCode": 3, "reason": "Error"}}
        service = {"name": "service", "ready": self.ready, "restartCount": int(self.crashes), "state": state}
        ports = [{"name": name, "containerPort": self._server.port} for name in ("api", "metrics")]
        return {
            "metadata": {
                "name": self.name,
                "labels": LABELS,
                "annotations": {ANNOTATION: self.digest} if self.digest else {},
            },
            "spec": {"containers": [{"name": "service", "ports": ports}]},
            "status": {
                "phase": "Running",
                "podIP": "127.0.0.1",
                "conditions": [placed, {"type": "Ready", "status": str(self.ready)}],
                "containerStatuses": [
                    service | {"image": "service", "imageID": "service", "lastState": last, "started": True}
                ],
            },
        }


class FakeCluster:
    """One Deployment, its pods, and whoever asks for them."""

    def __init__(self, bentos: dict[str, Bento], *, told: str = "", replicas: int = 3) -> None:
        self.bentos = bentos
        self.replicas = replicas
        self.generation = 1
        self.exists = True
        self.forbidden = False
        self.applied: list[dict[str, Any]] = []
        self.most_new = 0
        """Most pods of the newest template while the roll-out was paused."""
        self.metadata: dict[str, Any] = {"description": "Scores applicants."}
        self.template: dict[str, Any] = {ANNOTATION: told} if told else {}
        self.paused = False
        self._owned: dict[str, set[str]] = {"metadata": set(), "template": set()}
        self._made: dict[str, int] = {}
        self._lock = threading.RLock()
        self.pods = [self._pod(told) for _ in range(replicas)]
        for pod in self.pods:
            pod.looks = 1
        self._server = Server(self._answer)

    @property
    def url(self) -> str:
        """Address of the API."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def told(self) -> str:
        """Digest that pods are told."""
        return str(self.template.get(ANNOTATION, ""))

    @property
    def served(self) -> list[str]:
        """Digests of the pods that are ready, in order."""
        return sorted(pod.digest for pod in self.pods if pod.ready)

    def settle(self) -> None:
        """Let the controller work until nothing changes."""
        for _ in range(4 * self.replicas + 4):
            self._step()

    def stop(self) -> None:
        """End it with its pods."""
        self._server.stop()
        for pod in self.pods:
            pod.stop()

    def _pod(self, digest: str) -> Pod:
        number = self._made[digest] = self._made.get(digest, 0) + 1
        bento = self.bentos[digest]
        crashes = bento.crashes or number >= bento.crashes_at
        return Pod(f"pod-{digest[:4] or 'none'}-{number}", digest, bento, crashes=crashes)

    def _step(self) -> None:
        """What the controller and the kubelets do in a moment."""
        with self._lock:
            new = [pod for pod in self.pods if pod.digest == self.told]
            old = [pod for pod in self.pods if pod.digest != self.told]
            for pod in self.pods:
                pod.looks += 1
            if self.paused:
                self.most_new = max(self.most_new, len(new))
                return
            surplus = len(self.pods) - self.replicas
            gone = next((pod for pod in old if not pod.ready), None) or next(iter(old), None)
            if gone is not None and surplus > 0 and (not gone.ready or all(pod.ready for pod in new)):
                self.pods.remove(gone)
                gone.stop()
            elif len(new) < self.replicas and surplus <= 0:
                self.pods.append(self._pod(self.told))

    def _answer(self, method: str, path: str, body: bytes) -> tuple[int, str]:
        path, _, query = path.partition("?")
        if self.forbidden:
            return 403, json.dumps({"kind": "Status", "message": f'deployments "{NAME}" is forbidden'})
        with self._lock:
            if path == f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{NAME}":
                if not self.exists:
                    return 404, json.dumps({"kind": "Status", "message": "not found"})
                if method == "PATCH":
                    assert "fieldManager=credit-platform-deployment" in query
                    self._apply(json.loads(body))
                else:
                    self._step()
                return 200, json.dumps(self._deployment())
            if path == f"/api/v1/namespaces/{NAMESPACE}/pods":
                return 200, json.dumps({"kind": "PodList", "items": [pod.manifest() for pod in self.pods]})
            if path.endswith("/log"):
                return 200, "ScorerError: scorer/model.json is missing."
        return 404, json.dumps({"kind": "Status", "message": path})

    def _apply(self, body: dict[str, Any]) -> None:
        self.applied.append(copy.deepcopy(body))
        spec = body["spec"]
        before = dict(self.template)
        for name, place, said in (
            ("metadata", self.metadata, body["metadata"]["annotations"]),
            ("template", self.template, spec["template"]["metadata"]["annotations"]),
        ):
            for key in self._owned[name] - said.keys():
                del place[key]
            place.update(said)
            self._owned[name] = set(said)
        self.generation += before != self.template or self.paused != spec.get("paused", False)
        self.paused = spec.get("paused", False)

    def _deployment(self) -> dict[str, Any]:
        new = [pod for pod in self.pods if pod.digest == self.told]
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": NAME, "generation": self.generation, "annotations": self.metadata},
            "spec": {
                "replicas": self.replicas,
                "paused": self.paused,
                "selector": {"matchLabels": LABELS},
                "template": {
                    "metadata": {"annotations": self.template},
                    "spec": {"containers": [{"name": "service"}]},
                },
            },
            "status": {
                "observedGeneration": self.generation,
                "replicas": len(self.pods),
                "updatedReplicas": len(new),
                "availableReplicas": sum(pod.ready for pod in self.pods),
            },
        }


@contextmanager
def fake_cluster(bentos: dict[str, Bento], *, told: str = "", replicas: int = 3) -> Iterator[FakeCluster]:
    """A cluster inside the block."""
    cluster = FakeCluster(bentos, told=told, replicas=replicas)
    try:
        yield cluster
    finally:
        cluster.stop()
