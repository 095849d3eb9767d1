"""Once for each evidence: whatever becomes of the daemon, its cursor and the runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from credit_platform.lakehouse import Lakehouse, refused_key
from credit_platform.monitoring.retraining.evidence import Evidence, Ground
from credit_platform.monitoring.retraining.records import DECISION, RetrainRecord
from credit_platform.monitoring.retraining.rule import Answer, Decided
from credit_platform.orchestration.asking_again import unmade_of
from credit_platform.orchestration.jobs import refit_job, retrain_decision_job
from credit_platform.orchestration.recorded_runs import HOST_TAG, PROCESS_TAG
from credit_platform.orchestration.retraining_sensor import EVIDENCE_TAG, MOST_ATTEMPTS, retraining_sensor
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.processes import ProcessIdentity
from credit_platform.settings import Settings

PORTFOLIO = get_portfolio("german_credit")
JOB = "german_credit_refit"
ASKING = "german_credit_retrain_decision"
KEY = monitoring_key(PORTFOLIO.name, DECISION)
RAW = f"{PORTFOLIO.name}/raw/{PORTFOLIO.training_table}"


class Watched:
    """A home whose newest decision says something, and a sensor that is built anew for each look."""

    def __init__(self, settings: Settings, instance: dg.DagsterInstance) -> None:
        self.settings = settings
        self.instance = instance

    @property
    def lakehouse(self) -> Lakehouse:
        return Lakehouse(self.settings.lakehouse_root)

    def say(self, answer: Answer = Answer.REFIT, month: str = "2026-10") -> str:
        """Write a decision; the hash of its evidence."""
        evidence = Evidence(champion="c" * 64, fails=(Ground.CONCEPT,), mature_months=(month,))
        record = RetrainRecord(
            evidence_hash=evidence.hash,
            answer=answer,
            message=f"It is {answer.value}.",
            message_fr=f"C'est {answer.value}.",
            evidence=evidence,
            decided=Decided(answer=answer, reasons=()),
            decided_at=datetime(2026, 11, 30, tzinfo=UTC),
        )
        self.lakehouse.write(KEY, pl.DataFrame({"fact": ["x"], "says": ["y"]}), summary=record.to_summary())
        return evidence.hash

    def look(self) -> dg.RunRequest | str:
        """The run that is asked for, or why none is."""
        sensor = retraining_sensor(PORTFOLIO, refit_job(PORTFOLIO), retrain_decision_job(PORTFOLIO), self.settings)
        found = sensor(dg.build_sensor_context(instance=self.instance))
        if isinstance(found, dg.SkipReason):
            return str(found.skip_message)
        assert isinstance(found, dg.SensorResult)
        (request,) = found.run_requests or []
        return request

    def start(self, request: dg.RunRequest | str, status: dg.DagsterRunStatus, **tags: str) -> dg.DagsterRun:
        """What the daemon does with a request."""
        assert isinstance(request, dg.RunRequest), request
        made = dg.DagsterRun(job_name=request.job_name or JOB, status=status, tags={**request.tags, **tags})
        return self.instance.add_run(made)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    with dg.DagsterInstance.ephemeral(str(tmp_path / "dagster")) as instance:
        yield Watched(Settings(home=tmp_path / "home"), instance)


def test_nobody_asked_and_an_answer_that_is_no_refit_start_nothing(watched: Watched) -> None:
    assert "Nobody asked yet" in str(watched.look())
    watched.say(Answer.SUGGEST)
    assert watched.look() == "It is suggest."
    watched.say(Answer.NONE)
    assert watched.look() == "It is none."


def test_one_run_for_each_evidence(watched: Watched) -> None:
    first = watched.say()
    request = watched.look()
    assert isinstance(request, dg.RunRequest)
    assert (request.run_key, request.tags[EVIDENCE_TAG]) == (first, first)
    watched.start(request, dg.DagsterRunStatus.SUCCESS)
    assert "was started already" in str(watched.look())
    watched.say()
    assert "was started already" in str(watched.look()), "the same evidence, decided another day"
    second = watched.say(month="2026-11")
    request = watched.look()
    assert isinstance(request, dg.RunRequest)
    assert request.run_key == second != first


def test_a_run_of_any_evidence_that_is_under_way_is_waited_for(watched: Watched) -> None:
    watched.say()
    watched.start(watched.look(), dg.DagsterRunStatus.STARTED)
    assert "is under way" in str(watched.look())
    watched.say(month="2026-11")
    assert "is under way" in str(watched.look())


def test_a_killed_run_is_asked_for_again_three_times_at_most(watched: Watched) -> None:
    evidence = watched.say()
    keys = []
    for _ in range(MOST_ATTEMPTS):
        request = watched.look()
        watched.start(request, dg.DagsterRunStatus.FAILURE)  # no event says that a step failed: it was just gone
        keys.append(request.run_key if isinstance(request, dg.RunRequest) else request)
    assert keys == [evidence, f"{evidence}-2", f"{evidence}-3"]
    assert "all were killed" in str(watched.look())


def test_a_run_of_a_process_that_is_gone_does_not_hold_the_next_one_up(watched: Watched) -> None:
    evidence = watched.say()
    own = ProcessIdentity.own()
    host = json.dumps({"host": own.host, "boot": own.boot, "namespace": own.namespace})
    tags = {PROCESS_TAG: f"{own.pid}@{own.started - 1000:.2f}", HOST_TAG: host}
    killed = watched.start(watched.look(), dg.DagsterRunStatus.STARTED, **tags)
    request = watched.look()
    assert isinstance(request, dg.RunRequest)
    assert request.run_key == f"{evidence}-2"
    noted = watched.instance.get_run_by_id(killed.run_id)
    assert noted is not None
    assert noted.status is dg.DagsterRunStatus.FAILURE


def test_a_run_that_a_person_cancelled_is_not_asked_for_again(watched: Watched) -> None:
    watched.say()
    watched.start(watched.look(), dg.DagsterRunStatus.CANCELED)
    assert "ended as canceled" in str(watched.look())


def test_a_run_that_the_gate_ended_is_not_asked_for_again(watched: Watched) -> None:
    watched.say()
    request = watched.look()
    assert isinstance(request, dg.RunRequest)

    @dg.op
    def gate() -> None:
        raise dg.Failure("the gate refused the challenger")

    @dg.job(name=JOB)
    def refit() -> None:
        gate()

    ended = refit.execute_in_process(instance=watched.instance, tags=request.tags, raise_on_error=False)
    assert not ended.success
    assert "ended as failure" in str(watched.look())


def test_data_that_a_check_refused_since_hold_it_up(watched: Watched) -> None:
    watched.say()
    frame = pl.DataFrame({"a": [1]})
    watched.lakehouse.write(RAW, frame)
    watched.lakehouse.write(refused_key(RAW), frame)
    asked = watched.look()
    assert isinstance(asked, dg.RunRequest)
    assert asked.job_name == ASKING, "first it is asked anew, so that nobody reads the old word"
    watched.start(asked, dg.DagsterRunStatus.SUCCESS)
    assert "does not speak of the data that there are" in str(watched.look()), "and nothing is trained by it"
    watched.lakehouse.write(RAW, frame)
    request = watched.look()
    assert isinstance(request, dg.RunRequest)
    assert request.job_name == JOB


def test_a_night_that_failed_before_it_was_asked_is_asked_anew_once(watched: Watched) -> None:
    @dg.op(name=f"{PORTFOLIO.name}__monitoring__outcomes")
    def outcomes() -> None:
        raise dg.Failure("no such column")

    @dg.job(name=f"{PORTFOLIO.name}_monitoring")
    def night() -> None:
        outcomes()

    watched.say(Answer.REFIT)
    ended = night.execute_in_process(instance=watched.instance, raise_on_error=False)
    request = watched.look()
    assert isinstance(request, dg.RunRequest)
    assert (request.job_name, request.run_key) == (ASKING, ended.run_id)
    assert unmade_of(request.tags) == ("monitoring/outcomes",)
    asked = watched.start(request, dg.DagsterRunStatus.STARTED)
    assert "is under way" in str(watched.look()), "nothing is trained by the old word meanwhile"
    watched.instance.report_run_failed(asked)  # killed
    again = watched.look()
    assert isinstance(again, dg.RunRequest)
    assert again.run_key == f"{ended.run_id}-2"
    watched.start(again, dg.DagsterRunStatus.SUCCESS)
    request = watched.look()
    assert isinstance(request, dg.RunRequest)
    assert request.job_name == JOB, "the record of the answer is what it was here: a refit"
