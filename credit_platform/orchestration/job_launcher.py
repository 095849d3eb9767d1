"""Each run as a Job of Kubernetes, of which none is left behind that could still start.

What is here: `JobRunLauncher`, which `dagster.yaml` names: dagster-k8s's launcher, but for what that does when a run is
given up.
What to add here: what the webserver and the daemon must do to a run's Job.
What must not be here: what a Job looks like (`dagster_yaml.py`, the chart), and an import of another module of ours:
the small image of webserver and daemon holds this one alone.

dagster-k8s 0.29 fails a run that did not start in time and leaves its Job, which starts it once there is room
(dagster#16535, #15325). It also fails a run whose Job it cannot ask after because the cluster's API is away for a
moment: the run is run again beside the one that goes on. Here the Job is ended before the run is failed, and nothing is
concluded of an answer that did not come. Should both fail, Dagster's run worker refuses to begin a run that is over.
"""

from __future__ import annotations

from contextlib import ExitStack

from dagster import DagsterRun
from dagster._core.launcher import LaunchRunContext
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from dagster_k8s import K8sRunLauncher
from dagster_k8s.job import get_job_name_from_run_id
from kubernetes.client import V1JobStatus
from kubernetes.client.rest import ApiException

GONE = 404


class JobRunLauncher(K8sRunLauncher):
    """Starts, watches and ends the Jobs of runs."""

    def launch_run(self, context: LaunchRunContext) -> None:
        """Make the Job; where that fails half-way, as by an answer that did not come, end what was made."""
        with ExitStack() as left:
            left.callback(self._end, context.dagster_run)
            super().launch_run(context)
            left.pop_all()

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """How the run's Job fares.

        Raises:
            ApiException: the cluster does not say; the daemon logs it, and asks again with its next look.
        """
        found: CheckRunHealthResult = super().check_run_worker_health(run)
        if found.status is WorkerStatus.UNKNOWN and self._status_of(run) is not None:
            return CheckRunHealthResult(WorkerStatus.RUNNING, found.msg)
        return found

    def get_run_worker_debug_info(self, run: DagsterRun, include_container_logs: bool | None = True) -> str | None:  # noqa: FBT001, FBT002  # Dagster's signature
        """What is known of the run's pods; the daemon asks just before it gives a run up, so that its Job ends here."""
        known = super().get_run_worker_debug_info(run, include_container_logs=include_container_logs)
        if not self._is_over(run):
            self._end(run)
        return known

    def _end(self, run: DagsterRun) -> None:
        try:
            self._api_client.delete_job(**self._job_of(run))
        except ApiException as error:
            if error.status != GONE:
                raise

    def _is_over(self, run: DagsterRun) -> bool:
        """Whether the Job cannot start anything any more; its pod and log then stay for who looks for the cause."""
        status = self._status_of(run)
        return status is None or any(
            each.type in ("Complete", "Failed") and each.status == "True" for each in status.conditions or ()
        )

    def _status_of(self, run: DagsterRun) -> V1JobStatus | None:
        return self._api_client.get_job_status(**self._job_of(run))

    def _job_of(self, run: DagsterRun) -> dict[str, str]:
        # Without a number of an attempt: no run is resumed (`max_resume_run_attempts: 0`).
        name = get_job_name_from_run_id(run.run_id)  # type: ignore[no-untyped-call]  # dagster-k8s gives it no types
        # No run is elsewhere: its tags may not name a namespace, and may be wrong altogether.
        return {"job_name": name, "namespace": self.job_namespace}
