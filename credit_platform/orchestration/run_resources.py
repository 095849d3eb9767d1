"""What each job asks of the machine that its runs are Jobs on: the one table of it.

What is here: `SIZES` (what a size is), `_SIZE_OF` (which size a job has), and the tags of runs, which say so to
Kubernetes, and to Dagster how long a run may take.
What to add here: the size of a new job; of one that is not listed the largest is taken.
What must not be here: what all Jobs have in common (`dagster_yaml.py`, the chart).

A setting (`CREDIT_PLATFORM_RUN_RESOURCES`) goes before the table, for a size or for one job: how much a portfolio takes
depends on its data, and on a small cluster a run that asks for much would wait for ever.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition as AssetJob
from dagster_shared.record import replace

from credit_platform.dagster_yaml import LARGEST
from credit_platform.errors import SettingError
from credit_platform.orchestration.policies import MAX_RUNTIME
from credit_platform.settings import Settings

Resources = Mapping[str, Mapping[str, str]]

LIGHT: Final = "light"
TABLES: Final = "tables"
TRAINING: Final = "training"
SIZES: Final[Mapping[str, Resources]] = {
    LIGHT: {"requests": {"cpu": "250m", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "2Gi"}},
    TABLES: {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"cpu": "2", "memory": "4Gi"}},
    TRAINING: LARGEST,
}
"""Light: asks, promotes, removes. Tables: streams them; eight of full size were ingested within 4 GiB. Training: holds
the feature table in memory, once for each fold."""
_SIZE_OF: Final = {
    "ingestion": TABLES,
    "features": TABLES,
    "monitoring": TABLES,
    "nightly_scoring": TABLES,
    "retention": LIGHT,
    "retrain_decision": LIGHT,
    "serving": TABLES,
    "deployment": LIGHT,
    "refit": TRAINING,
}
"""Size by the name of a job without its portfolio."""
_DEPLOYING: Final = "deployment"
"""The job whose runs have the account that may change what is served, named in the same way: no run that trains has."""
_TAG: Final = "dagster-k8s/config"


def run_tags(portfolio: str, job: str, settings: Settings) -> dict[str, str]:
    """Tags of the runs of `job`: how long one may take and, where it is a Job, what that asks for.

    Raises:
        SettingError: the setting asks for something that Kubernetes does not know.
    """
    limit = {MAX_RUNTIME: str(settings.run_max_seconds)}
    if settings.run_launcher == "process" and not settings.run_resources:
        return limit
    kind = "" if job == portfolio else job.removeprefix(f"{portfolio}_")
    size = _SIZE_OF.get(kind, TRAINING)
    given = settings.run_resources
    wanted = given.get(job) or given.get(size) or SIZES[size]
    if not set(wanted) <= {"requests", "limits"}:
        raise SettingError(
            f"CREDIT_PLATFORM_RUN_RESOURCES says of {job if job in given else size}: {', '.join(sorted(wanted))}.",
            'Write it as {"training": {"requests": {"cpu": "1", "memory": "4Gi"}, "limits": {"memory": "8Gi"}}}.',
        )
    asked: dict[str, object] = {"container_config": {"resources": wanted}}
    if settings.run_deployer_account and kind == _DEPLOYING:
        asked["pod_spec_config"] = {
            "service_account_name": settings.run_deployer_account,
            "automount_service_account_token": True,
        }
    return {**limit, _TAG: json.dumps(asked, sort_keys=True)}


def with_run_tags(portfolio: str, job: AssetJob, settings: Settings) -> AssetJob:
    """`job`, whose runs have these tags."""
    return replace(job, run_tags=run_tags(portfolio, job.name, settings))
