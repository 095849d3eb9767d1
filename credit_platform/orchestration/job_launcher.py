"""Each run as a Job of Kubernetes, of which none is left behind that could still start.

What is here: `JobRunLauncher`, which `dagster.yaml` names: dagster-k8s's launcher, but for what that does when a run is
given up.
What to add here: what the webserver and the daemon must do to a run's Job.
What must not be here: what a Job looks like (`dagster_yaml.py`, the chart), and an import of another module of ours:
the small image of webserver and daemon holds this one alone.

dagster-k8s 0.29 fails a run that did not start in time and leaves its Job, which starts it once there is room
(dagster#16535, #15325). It also fails a run whose Job it cannot ask after because the cluster's API is away for a
moment: the run is run again beside the one that goes on. Here the Job is ended before the run is failed, and nothing is
concluded of an answer that did not come. *Force termination* of a run that has not begun asks no launcher at all: so
each time that this one is asked, it ends what Jobs there are of runs that are over. Whatever starts before that is
refused by Dagster's run worker, which begins no run that is over.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack
from typing import Final

from dagster import DagsterRun, RunsFilter
from dagster._core.launcher import LaunchRunContext
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from dagster._core.storage.dagster_run import RunRecord
from dagster._time import get_current_timestamp
from dagster_k8s import K8sRunLauncher
from dagster_k8s.client import DagsterK8sAPIRetryLimitExceeded, DagsterK8sUnrecoverableAPIError
from dagster_k8s.job import get_job_name_from_run_id
from kubernetes.client import V1JobStatus
from kubernetes.client.rest import ApiException
from urllib3.exceptions import HTTPError

_logger = logging.getLogger(__name__)
GONE: Final = 404
RUN_LABEL: Final = "dagster/run-id"
"""Which run a Job is of; dagster-k8s labels it so."""
ENDING_SECONDS: Final = 120
"""How long a worker may take to end after its run has: it brings its log away meanwhile."""
UNANSWERED: Final = (ApiException, DagsterK8sAPIRetryLimitExceeded, DagsterK8sUnrecoverableAPIError, HTTPError)
"""How the cluster's API says that it does not do what it is asked, or says nothing."""


class JobRunLauncher(K8sRunLauncher):
    """Starts, watches and ends the Jobs of runs."""

    def launch_run(self, context: LaunchRunContext) -> None:
        """Make the Job; where that fails half-way, as by an answer that did not come, end what was made."""
        with ExitStack() as left:
            left.callback(self._end, context.dagster_run)
            super().launch_run(context)
            left.pop_all()
        # Also this one's, should its run have been given up while it was made.
        self._end_what_is_left()

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """How the run's Job fares.

        Raises:
            ApiException: the cluster does not say; the daemon logs it, and asks again with its next look.
        """
        self._end_what_is_left()
        found: CheckRunHealthResult = super().check_run_worker_health(run)
        if found.status is WorkerStatus.UNKNOWN and self._status_of(run) is not None:
            return CheckRunHealthResult(WorkerStatus.RUNNING, found.msg)
        return found

    def get_run_worker_debug_info(self, run: DagsterRun, include_container_logs: bool | None = True) -> str | None:  # noqa: FBT001, FBT002  # Dagster's signature
        """What is known of the run's pods; the daemon asks just before it gives a run up, so that its Job ends here."""
        known = super().get_run_worker_debug_info(run, include_container_logs=include_container_logs)
        if not self._is_over(run):
            self._end(run)
        self._end_what_is_left()
        return known

    def _end_what_is_left(self) -> None:
        """End Jobs that can still start something, and whose runs are over; who asked is answered in any case."""
        try:
            live = self._live_jobs()
            runs = self._instance.get_run_records(RunsFilter(run_ids=list(live))) if live else ()
            for record in filter(_has_ended, runs):
                _logger.warning("The run %s is over, and its Job is not: it is ended.", record.dagster_run.run_id)
                self._delete(live[record.dagster_run.run_id])
        except UNANSWERED as error:
            _logger.warning("Jobs of runs that are over were not looked for, and will be with the next: %s", error)

    def _live_jobs(self) -> dict[str, str]:
        """Names of Jobs that are not over, by their runs; the runs need not be of this instance."""
        listed = self._api_client.batch_api.list_namespaced_job(namespace=self.job_namespace, label_selector=RUN_LABEL)
        return {job.metadata.labels[RUN_LABEL]: job.metadata.name for job in listed.items if not _is_done(job.status)}

    def _end(self, run: DagsterRun) -> None:
        self._delete(self._job_of(run)["job_name"])

    def _delete(self, name: str) -> None:
        try:
            self._api_client.delete_job(job_name=name, namespace=self.job_namespace)
        except ApiException as error:
            if error.status != GONE:
                raise

    def _is_over(self, run: DagsterRun) -> bool:
        """Whether the Job cannot start anything any more; its pod and log then stay for who looks for the cause."""
        status = self._status_of(run)
        return status is None or _is_done(status)

    def _status_of(self, run: DagsterRun) -> V1JobStatus | None:
        return self._api_client.get_job_status(**self._job_of(run))

    def _job_of(self, run: DagsterRun) -> dict[str, str]:
        # Without a number of an attempt: no run is resumed (`max_resume_run_attempts: 0`).
        name = get_job_name_from_run_id(run.run_id)  # type: ignore[no-untyped-call]  # dagster-k8s gives it no types
        # No run is elsewhere: its tags may not name a namespace, and may be wrong altogether.
        return {"job_name": name, "namespace": self.job_namespace}


def _is_done(status: V1JobStatus | None) -> bool:
    conditions = status.conditions or () if status is not None else ()
    return any(each.type in ("Complete", "Failed") and each.status == "True" for each in conditions)


def _has_ended(record: RunRecord) -> bool:
    """Whether nothing of the run is at work any more that its Job would be needed for."""
    if not record.dagster_run.is_finished:
        return False
    if record.start_time is None or record.end_time is None:
        return True
    return get_current_timestamp() - record.end_time > ENDING_SECONDS
