"""Dagster's pages in a cluster, asked by GraphQL as they ask themselves.

What is here: `pages` (a way in by kubectl), `Pages` (launch, look, terminate), and the Jobs of a run.
What must not be here: what becomes of a run.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from credit_platform_tests.cluster.kube import Kube, until

WEBSERVER, DAEMON = "dagster-webserver", "dagster-daemon"
_SELECTOR = 'repositoryLocationName: "credit_platform", repositoryName: "__repository__"'
LAUNCH = f"""mutation Launch($job: String!, $tags: [ExecutionTag!]!) {{ launchRun(executionParams: {{
  selector: {{jobName: $job, {_SELECTOR}}}, runConfigData: {{}}, executionMetadata: {{tags: $tags}}}})
  {{ __typename ... on LaunchRunSuccess {{ run {{ runId }} }} ... on PythonError {{ message }} }} }}"""
RUN = """query Run($id: ID!) { runOrError(runId: $id) { ... on Run {
  status rootRunId parentRunId tags { key value } stepStats { stepKey status } } } }"""
RETRIES = """query Retries($id: String!) { runsOrError(filter: {tags: [{key: "dagster/parent_run_id", value: $id}]})
  { ... on Runs { results { runId status } } } }"""
TERMINATE = """mutation End($id: String!) {
  terminateRun(runId: $id) { __typename ... on TerminateRunFailure { message } } }"""


@contextmanager
def pages(kube: Kube) -> Iterator[Pages]:
    """The webserver of the release, by a port of this machine that kubectl chooses."""
    (service,) = kube.get("services", "--selector", f"app.kubernetes.io/component={WEBSERVER}")["items"]
    name = service["metadata"]["name"]
    command = ["kubectl", "--namespace", kube.namespace, "port-forward", f"service/{name}", ":3000"]
    with tempfile.TemporaryFile("w+") as said, subprocess.Popen(command, env=kube.variables, stdout=said) as forward:
        try:

            def port() -> re.Match[str] | None:
                said.seek(0)
                return re.search(r"127\.0\.0\.1:(\d+)", said.read())

            until("a way to the webserver", 60, port)
            found = port()
            assert found is not None
            yield Pages(f"http://127.0.0.1:{found[1]}")
        finally:
            forward.terminate()


@dataclass(frozen=True)
class Pages:
    """What the pages may be asked."""

    address: str

    def ask(self, question: str, **variables: Any) -> Any:
        body = {"query": question, "variables": variables}
        answer = httpx.post(f"{self.address}/graphql", json=body, timeout=120, trust_env=False)
        said = answer.json()
        assert "errors" not in said, said
        (found,) = said["data"].values()
        return found

    def launch(self, job: str, **tags: str) -> str:
        """Id of a run that waits in the queue."""
        given = [{"key": key, "value": value} for key, value in tags.items()]
        said = self.ask(LAUNCH, job=job, tags=given)
        assert said["__typename"] == "LaunchRunSuccess", said
        return str(said["run"]["runId"])

    def run(self, run: str) -> Any:
        return self.ask(RUN, id=run)

    def status(self, run: str) -> str:
        return str(self.run(run)["status"])

    def done(self, run: str) -> set[str]:
        """Steps that have succeeded."""
        return {step["stepKey"] for step in self.run(run)["stepStats"] if step["status"] == "SUCCESS"}

    def retries(self, run: str) -> list[str]:
        """Runs that run it again."""
        return [str(each["runId"]) for each in self.ask(RETRIES, id=run)["results"]]

    def terminate(self, run: str) -> None:
        """Cancel it; one that has not begun Dagster would not."""
        said = self.ask(TERMINATE, id=run)
        assert said["__typename"] == "TerminateRunSuccess", said


def jobs_of(kube: Kube, run: str) -> list[Any]:
    """Its Jobs that the cluster knows."""
    found: list[Any] = kube.get("jobs", "--selector", f"dagster/run-id={run}")["items"]
    return found


def pods_of(kube: Kube, run: str) -> list[Any]:
    """Its pods, finished ones as well."""
    found: list[Any] = kube.get("pods", "--selector", f"dagster/run-id={run}")["items"]
    return found
