"""Where Dagster's UI looks for the runs of a job: runs of the command line are put there, too.

What is here: `shown_under_its_job`.
What must not be here: executing a run (`runner.py`).

The UI lists a run under its job, draws it in the timeline, and offers to execute it again, if the run names the code
location and the repository that the job is loaded from. A run that is executed in a process of its own names none.
"""

from __future__ import annotations

import functools
import sys

import dagster as dg
from dagster._core.definitions.repository_definition.valid_definitions import SINGLETON_REPOSITORY_NAME
from dagster._core.remote_origin import ManagedGrpcPythonEnvCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from credit_platform.environment import CODE_LOCATION, DEFINITIONS


def shown_under_its_job(instance: dg.DagsterInstance, job: str) -> dg.DagsterInstance:
    """The same instance; runs that are created through it from now on name `job` of the platform's code location."""
    loaded = LoadableTargetOrigin(executable_path=sys.executable, module_name=DEFINITIONS)
    location = ManagedGrpcPythonEnvCodeLocationOrigin(loaded, CODE_LOCATION)
    origin = RemoteJobOrigin(RemoteRepositoryOrigin(location, SINGLETON_REPOSITORY_NAME), job)
    create = functools.partial(instance.create_run_for_job, remote_job_origin=origin)
    instance.create_run_for_job = create  # type: ignore[method-assign]  # of this one: it is opened for one run
    return instance
