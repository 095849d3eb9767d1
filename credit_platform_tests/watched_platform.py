"""A platform at work that is watched: service with a challenger, Dagster, exporter, Prometheus, Alertmanager.

All of them are the real programs, in a copy of the finished home. Applicants were simulated, with a shift; their loans
have outcomes; monitoring has judged them; one run failed, one table is stale, one request was refused.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import dagster as dg
import httpx
import psutil
from dagster._core.events import DagsterEvent, StepMaterializationData
from dagster._core.events.log import EventLogEntry

from credit_platform.cli.simulate_outcomes import simulate_outcomes
from credit_platform.environment import prepare_environment
from credit_platform.monitoring.metrics.pipeline import JOB_RUNS
from credit_platform.monitoring.scrape_targets import SERVICE_JOB, Target, announced_targets, targets_file
from credit_platform.orchestration.policies import asset_key
from credit_platform.orchestration.runner import run_job
from credit_platform.portfolios import get_portfolio
from credit_platform.serving.local.service_process import RunningService, start_service
from credit_platform.serving.records import BentoRecord
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.settings import Settings
from credit_platform.simulation.planned import plan
from credit_platform.simulation.sending import Outcome, send
from credit_platform_tests.finished_run import FinishedRun, tool_environment
from credit_platform_tests.prometheus_stack import Stack, free_port, started
from credit_platform_tests.replayed import replayed_targets
from credit_platform_tests.small_scorer import save_small_scorer
from scripts.monitoring.alertmanager import Addresses
from scripts.monitoring.recording import ACCEPTANCE_DAY, DECISIONS_DAY

NAME: Final = "german_credit"
STALE: Final = "evidently_report"
"""Of `monitoring/`, what was made last three days ago."""
APPLICANTS: Final = 400
_A_SECOND: Final = 50
_DAY: Final = 24 * 3600
_WEEK: Final = 7 * _DAY
ROOT: Final = Path(__file__).parents[1]
_MAIN: Final = "from credit_platform.cli import main; main()"
_PATIENCE_SECONDS: Final = 180


@dataclass(frozen=True)
class WatchedPlatform:
    """What runs."""

    settings: Settings
    service: RunningService
    stack: Stack

    @property
    def access(self) -> ServiceAccess:
        """How the service is asked by its owner."""
        return ServiceAccess(NAME, self.service.url, self.service.key)

    def sent(self, applicants: int, drift: str | None = None) -> Outcome:
        """What came of applicants who were sent as `credit-platform simulate` does."""
        planned = plan(self.settings, portfolio=NAME, drift=drift, access=self.access)
        return send(self.access, planned.bodies, rate=_A_SECOND, seconds=applicants / _A_SECOND)

    def simulate(self, drift: str | None, applicants: int) -> None:
        """Send applicants, who all get a decision."""
        outcome = self.sent(applicants, drift)
        assert outcome.decisions.total() == applicants, outcome.errors


def eventually(what: str, happens: Callable[[], object], seconds: float = _PATIENCE_SECONDS) -> None:
    """Wait until it does."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, what
        time.sleep(0.2)


@contextmanager
def watched_platform(finished: FinishedRun, folder: Path) -> Iterator[WatchedPlatform]:
    """Start everything, and let it have something to tell."""
    settings = finished.settings.model_copy(update={"home": folder / "mon été", "exporter_seconds": 1.0})
    shutil.copytree(finished.settings.home, settings.home)
    bento = BentoRecord.of(finished.lakehouse.read(f"{NAME}/serving/bento")).folder(finished.shelf)
    save_small_scorer(folder / "challenger")
    page = f"http://127.0.0.1:{free_port()}"
    with ExitStack() as stack:
        stack.enter_context(tool_environment(settings))
        service = stack.enter_context(start_service(bento, settings=settings, shadow=folder / "challenger"))
        stack.enter_context(exporting(settings, folder, page))
        assert service.metrics is not None
        target = Target(SERVICE_JOB, service.metrics, {"portfolio": NAME})
        stack.enter_context(announced_targets(settings, [target]))
        others = stack.enter_context(replayed_targets())
        watching = started(folder / "prometheus", targets_file(settings), silent(folder), others=others, history=week())
        platform = WatchedPlatform(settings, service, stack.enter_context(watching))
        # Counters count from the first scrape on.
        platform.stack.wait_for(f'up{{job="{SERVICE_JOB}"}} == 1')
        platform.stack.wait_for(f'{JOB_RUNS.name}{{outcome="failure"}}')
        platform.simulate("larger_loans", APPLICANTS)
        refuse_a_request(service)
        judge(settings)
        stack.enter_context(dagster_running(settings, folder, page))
        yield platform


def silent(folder: Path) -> Addresses:
    """Nobody is told; the secrets are there."""
    secrets = folder / "prometheus" / "secrets"
    secrets.mkdir(parents=True)
    for name in ("slack_url", "smtp_password", "pagerduty_routing_key", "alerts_token"):
        (secrets / name).write_text("http://127.0.0.1:9/")
    nowhere = "http://127.0.0.1:9/"
    return Addresses(incidents=nowhere, watchdog=nowhere, pagerduty=nowhere, smarthost="127.0.0.1:9")


def week() -> str:
    """What rules recorded a week ago, which panels compare with: the samples of half an hour."""
    begin = int(time.time()) - _WEEK - 900
    lines = [
        f'{name}{{portfolio="{NAME}"}} {value} {begin + 30 * number}'
        for name, value in ((ACCEPTANCE_DAY, 0.43), (DECISIONS_DAY, 380))
        for number in range(60)
    ]
    return "\n".join([*lines, "# EOF", ""])


def refuse_a_request(service: RunningService) -> None:
    """A client's mistake, which is an error by its code."""
    answer = httpx.post(f"{service.url}/predict", json={"application": {}}, headers=service.headers, timeout=30)
    assert answer.status_code == 422


def judge(settings: Settings) -> None:
    """Outcomes, a run of monitoring, one of ingestion that fails, and a table that nobody made for three days."""
    simulate_outcomes(settings, portfolio=NAME, months=12)
    declared = get_portfolio(NAME)
    report = run_job(declared, settings, job=f"{NAME}_monitoring")
    assert report.success, report.errors
    nothing = settings.model_copy(update={"raw": settings.home / "nothing here"})
    assert not run_job(declared, nothing, job=f"{NAME}_ingestion").success
    made = dg.AssetMaterialization(asset_key(NAME, "monitoring", STALE))
    event = DagsterEvent(
        event_type_value=dg.DagsterEventType.ASSET_MATERIALIZATION.value,
        job_name=f"{NAME}_monitoring",
        event_specific_data=StepMaterializationData(made),
    )
    entry = EventLogEntry(  # type: ignore[no-untyped-call]  # Dagster's has no types
        error_info=None,
        level="info",
        user_message="",
        run_id="three-days-ago",
        timestamp=time.time() - 3 * _DAY,
        dagster_event=event,
    )
    with dg.DagsterInstance.get() as instance:
        instance.store_event(entry)


@contextmanager
def exporting(settings: Settings, folder: Path, page: str | None = None) -> Iterator[None]:
    """`credit-platform exporter`, which names itself to Prometheus; `page` is Dagster's web server."""
    variables = {"CREDIT_PLATFORM_EXPORTER_SECONDS": f"{settings.exporter_seconds:g}"}
    if page is not None:
        variables["CREDIT_PLATFORM_DAGSTER_WEBSERVER"] = page
    with program(settings, folder / "exporter.log", ["-c", _MAIN, "exporter", "--port", "0"], variables):
        yield


@contextmanager
def dagster_running(settings: Settings, folder: Path, page: str) -> Iterator[None]:
    """Dagster's web server and daemon, with the code of the platform."""
    where = ["-w", str(ROOT / "workspace.yaml"), "-h", "127.0.0.1", "-p", page.rpartition(":")[2]]
    with program(settings, folder / "dagster.log", ["-m", "dagster", "dev", *where], {}):
        yield


@contextmanager
def program(
    settings: Settings, log: Path, arguments: Sequence[str], variables: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A program of this Python in the home; at the end it and all that it started are gone."""
    environment = {
        **os.environ,
        **prepare_environment(settings),
        "CREDIT_PLATFORM_HOME": str(settings.home),
        **variables,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it started."""
    try:
        family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
    except psutil.NoSuchProcess:
        family = []
    for one in family:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait(timeout=30)
