"""Jobs of runs without a cluster: dagster-k8s itself, before one that only remembers what it was told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.launcher import LaunchRunContext
from dagster._core.origin import DEFAULT_DAGSTER_ENTRY_POINT, JobPythonOrigin, RepositoryPythonOrigin
from dagster._core.test_utils import create_run_for_test
from dagster._serdes import ConfigurableClassData
from dagster_k8s.client import DagsterKubernetesClient
from kubernetes.client import ApiClient, V1Job, V1JobList, V1JobStatus, V1PodList
from kubernetes.client.rest import ApiException

from credit_platform.orchestration.job_launcher import JobRunLauncher

IMAGE = "registry.lender.example/credit-platform/platform@sha256:" + "a" * 64


class RememberedCluster:
    """The batch and core API of a cluster, in memory."""

    def __init__(self) -> None:
        self.jobs: dict[str, V1Job] = {}
        self.away = False
        """Whether the API answers nothing but errors."""
        self.lost_answers = False
        """Whether what is asked is done, and the answer lost."""

    def job(self) -> V1Job:
        """The only one."""
        (found,) = self.jobs.values()
        return found

    def _asked(self) -> None:
        if self.away:
            raise ApiException(status=403, reason="Forbidden")  # of a kind that is not asked again after 10 s

    def _named(self, name: str) -> V1Job:
        self._asked()
        if name not in self.jobs:
            raise ApiException(status=404, reason="Not Found")
        return self.jobs[name]

    def create_namespaced_job(self, body: V1Job, namespace: str, **_: object) -> None:
        self._asked()
        self.jobs[body.metadata.name] = body
        body.metadata.namespace, body.status = namespace, V1JobStatus(active=1)
        if self.lost_answers:
            raise ApiException(status=403, reason="Forbidden, says a proxy on the way back")

    def read_namespaced_job_status(self, name: str, namespace: str) -> V1Job:
        return self._named(name)

    def delete_namespaced_job(self, name: str, namespace: str) -> None:
        self._named(name)
        del self.jobs[name]

    def list_namespaced_pod(self, namespace: str, label_selector: str) -> V1PodList:
        self._asked()
        return V1PodList(items=[])

    def list_namespaced_job(self, namespace: str, label_selector: str = "", field_selector: str = "") -> V1JobList:
        self._asked()
        if field_selector:
            return V1JobList(items=[])
        return V1JobList(items=[job for job in self.jobs.values() if label_selector in job.metadata.labels])


def launcher_of(
    part: dict[str, Any], cluster: RememberedCluster, instance: dg.DagsterInstance, folder: Path
) -> JobRunLauncher:
    """What the part `run_launcher` of a `dagster.yaml` describes, as Dagster makes it, before `cluster`."""
    kubeconfig = folder / "kubeconfig"
    given = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
        "clusters": [{"name": "here", "cluster": {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "me", "user": {}}],
    }
    kubeconfig.write_text(yaml.safe_dump(given), encoding="utf-8")
    config = {**part["config"], "load_incluster_config": False, "kubeconfig_file": str(kubeconfig)}
    data = ConfigurableClassData(part["module"], part["class"], yaml.safe_dump(config))
    launcher = data.rehydrate(as_type=JobRunLauncher)
    launcher._api_client = DagsterKubernetesClient.production_client(cluster, cluster)  # type: ignore[no-untyped-call]  # dagster-k8s gives it no types
    launcher.register_instance(instance)
    return launcher


def recorded_run(instance: dg.DagsterInstance, job: str = "german_credit", **more: Any) -> dg.DagsterRun:
    """A run of the code location in `IMAGE`, as the webserver records one that is to be launched."""
    repository = RepositoryPythonOrigin(
        executable_path="python",
        code_pointer=ModuleCodePointer("credit_platform.definitions", "defs"),
        container_image=IMAGE,
        entry_point=DEFAULT_DAGSTER_ENTRY_POINT,
    )
    run: dg.DagsterRun = create_run_for_test(instance, job, job_code_origin=JobPythonOrigin(job, repository), **more)
    return run


def launched(launcher: JobRunLauncher, run: dg.DagsterRun) -> None:
    launcher.launch_run(LaunchRunContext(dagster_run=run, workspace=None))


def manifest_of(job: V1Job) -> dict[str, Any]:
    """A Job as it is sent to the cluster, but for how the command says who and where it is."""
    sent: dict[str, Any] = ApiClient().sanitize_for_serialization(job)
    sent.pop("status", None)
    (container,) = sent["spec"]["template"]["spec"]["containers"]
    container["args"] = container["args"][:3]  # the fourth holds the run and the whole instance
    for labels in (sent["metadata"]["labels"], sent["spec"]["template"]["metadata"]["labels"]):
        labels.pop("app.kubernetes.io/version", None)  # Dagster's
    name: str = sent["metadata"]["name"]
    said: dict[str, Any] = json.loads(json.dumps(sent).replace(name.removeprefix("dagster-run-"), "RUN"))
    return said
