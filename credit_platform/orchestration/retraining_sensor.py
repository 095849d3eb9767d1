"""The sensor that trains again when the decision says refit, once for each evidence, and has old decisions made anew.

What is here: `retraining_sensor`, and how it knows what became of the runs that it asked for.
What to add here: nothing about whether to train: that is `monitoring/retraining`.
What must not be here: a cursor. What was asked for is known from the runs themselves, which outlive it.
"""

import dagster as dg

from credit_platform.errors import CreditPlatformError
from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.retraining.records import DECISION, RetrainRecord
from credit_platform.monitoring.retraining.rule import Answer
from credit_platform.orchestration.asking_again import ASKED_TAG, open_question
from credit_platform.orchestration.jobs import AssetJob
from credit_platform.orchestration.recorded_runs import state_of
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

EVIDENCE_TAG = "credit_platform/evidence"
"""Hash of the evidence for which a run trains again."""
INTERVAL_SECONDS = 120
MOST_ATTEMPTS = 3
"""Runs for one evidence, where the earlier ones were killed."""
_ENDED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)


def retraining_sensor(portfolio: Portfolio, job: AssetJob, asking: AssetJob, settings: Settings) -> dg.SensorDefinition:
    """Start `job` when the newest decision of `portfolio` says refit. Running from the start.

    Fires once for each evidence: the run key is its hash, and a run that was asked for is found by its tag, also by a
    daemon that starts anew or has lost its cursor. A run that was killed (no step of it failed, it is just gone) is
    asked for again, three times at most; one that a step or the gate refused, or that a person cancelled, is not.
    Stops while any refit of the portfolio is under way.

    Before that, starts `asking` where the newest decision does not speak of what is: data were refused, or became
    sound, since, or the night failed before it was asked. Once for each such thing, by the same rules; nothing is
    trained before it was answered.
    """
    key = monitoring_key(portfolio.name, DECISION)

    @dg.sensor(
        name=f"{portfolio.name}_retraining",
        jobs=[job, asking],
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Train {portfolio.title} again when monitoring/{DECISION} says refit, once for each evidence.",
    )
    def refit(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        lakehouse = Lakehouse(settings.lakehouse_root)
        try:
            record = RetrainRecord.of(lakehouse.read(key)) if lakehouse.latest(key) is not None else None
            asked = _asked_anew(context.instance, lakehouse, portfolio, asking, record)
            return asked or _trained_again(context.instance, portfolio, job, record)
        except CreditPlatformError as error:
            return dg.SkipReason(str(error))

    return refit


def _asked_anew(
    instance: dg.DagsterInstance,
    lakehouse: Lakehouse,
    portfolio: Portfolio,
    asking: AssetJob,
    record: RetrainRecord | None,
) -> dg.SensorResult | dg.SkipReason | None:
    """The run that asks anew, where the newest decision does not speak of what is; nothing is trained by that one."""
    question = open_question(instance, lakehouse, portfolio.name, record)
    if question is None:
        return None
    attempt, why = next_attempt(instance, asking.name, question[ASKED_TAG], ASKED_TAG)
    if attempt is None:
        return dg.SkipReason(f"The newest decision does not speak of the data that there are, and is asked anew. {why}")
    return _request(asking, question, question[ASKED_TAG], attempt)


def _trained_again(
    instance: dg.DagsterInstance,
    portfolio: Portfolio,
    job: AssetJob,
    record: RetrainRecord | None,
) -> dg.SensorResult | dg.SkipReason:
    """The refit that the newest decision asks for, or why none begins."""
    if record is None:
        return dg.SkipReason(f"Nobody asked yet whether {portfolio.name} is to be trained again.")
    if record.answer is not Answer.REFIT:
        return dg.SkipReason(record.message)
    attempt, why = next_attempt(instance, job.name, record.evidence_hash)
    if attempt is None:
        return dg.SkipReason(why)
    return _request(job, {EVIDENCE_TAG: record.evidence_hash}, record.evidence_hash, attempt)


def _request(job: AssetJob, tags: dict[str, str], key: str, attempt: int) -> dg.SensorResult:
    run_key = key if attempt == 1 else f"{key}-{attempt}"
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=run_key, job_name=job.name, tags=tags)])


def next_attempt(
    instance: dg.DagsterInstance, job: str, evidence: str, tag: str = EVIDENCE_TAG
) -> tuple[int | None, str]:
    """Number of the run to ask for now, from 1; or None, and why none is.

    A run of a process that is gone is noted as failed, so that it does not seem to run for ever.
    """
    runs = [_settled(instance, run) for run in instance.get_runs(dg.RunsFilter(job_name=job))]
    if under_way := [run for run in runs if run.status not in _ENDED]:
        return None, f"A run of {job} is under way: {under_way[0].run_id}."
    own = [run for run in runs if run.tags.get(tag) == evidence]
    if finished := [run for run in own if not _was_killed(instance, run)]:
        ended = finished[0].status.value.lower()
        return (
            None,
            f"For this evidence ({evidence}) run {finished[0].run_id} was started already; it ended as {ended}.",
        )
    if len(own) >= MOST_ATTEMPTS:
        return None, f"For this evidence ({evidence}) {len(own)} runs were started, and all were killed."
    return len(own) + 1, ""


def _settled(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRun:
    if run.status in _ENDED or state_of(run.tags) != "gone":
        return run
    instance.report_run_failed(run, "The process that ran it is gone; every table kept its last good version.")
    return instance.get_run_by_id(run.run_id) or run


def _was_killed(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a run failed and no step of it did: nobody judged it, it was just gone."""
    return run.status is dg.DagsterRunStatus.FAILURE and not instance.get_run_stats(run.run_id).steps_failed
