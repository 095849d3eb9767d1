"""How steps fail, through real runs of Dagster: what is tried again, what is not, and what a person reads."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.decorators.op_decorator import DecoratedOpFunction

from credit_platform.errors import (
    CreditPlatformError,
    DecisionLogError,
    PromotionRefusedError,
    StorageError,
    TableMovedOnError,
)
from credit_platform.orchestration.failures import tell_failures
from credit_platform.orchestration.portfolio_graph import portfolio_definitions
from credit_platform.portfolios import all_portfolios
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

TWICE = dg.RetryPolicy(max_retries=2)


def _of(error: CreditPlatformError, cause: Exception) -> CreditPlatformError:
    error.__cause__ = cause
    return error


def _away() -> StorageError:
    error = StorageError("The store does not answer.", "Start it.")
    error.passing = True
    return error


LASTING = [
    PromotionRefusedError("The gate refused.", "Mend it."),
    StorageError("There is no bucket 'x'.", "Create it."),
    PermissionError(13, "Permission denied", "/x"),
    _of(DecisionLogError("No log.", "See."), sqlite3.DatabaseError("file is not a database")),
]
PASSING = [
    TableMovedOnError("It moved on.", "Again."),
    _away(),
    sqlite3.OperationalError("database is locked"),
    ConnectionRefusedError(111, "Connection refused"),
    _of(DecisionLogError("No log.", "See."), sqlite3.OperationalError("database is locked")),
    RuntimeError("nobody knows what this is"),
]


def failing_asset(error: Exception, tries: list[int], home: Path) -> dg.AssetsDefinition:
    @dg.asset(retry_policy=TWICE)
    def table() -> int:
        tries.append(1)
        raise error

    tell_failures([table], home)
    return table


def run(asset: dg.AssetsDefinition) -> dg.ExecuteInProcessResult:
    return dg.materialize([asset], raise_on_error=False)


@pytest.mark.parametrize("error", LASTING, ids=lambda e: type(e).__name__)
def test_what_stays_until_a_person_mends_it_is_not_tried_again(error: Exception, tmp_path: Path) -> None:
    tries: list[int] = []
    result = run(failing_asset(error, tries, tmp_path))
    assert not result.success
    assert len(tries) == 1


@pytest.mark.parametrize("error", PASSING, ids=lambda e: type(e).__name__)
def test_what_may_be_gone_in_a_moment_is_tried_again(error: Exception, tmp_path: Path) -> None:
    tries: list[int] = []
    assert not run(failing_asset(error, tries, tmp_path)).success
    assert len(tries) == 3


def test_a_step_that_succeeds_the_second_time_is_done(tmp_path: Path) -> None:
    tries: list[int] = []

    @dg.asset(retry_policy=TWICE)
    def table() -> Iterator[dg.Output[int]]:
        tries.append(1)
        if len(tries) == 1:
            raise TableMovedOnError("It moved on.", "Again.")
        yield dg.Output(7)

    tell_failures([table], tmp_path)
    result = run(table)
    assert result.success
    assert result.output_for_node("table") == 7


def test_a_person_reads_one_sentence_with_its_cure(tmp_path: Path) -> None:
    result = run(failing_asset(LASTING[2], [], tmp_path))
    (event,) = [e for e in result.all_events if e.event_type is dg.DagsterEventType.STEP_FAILURE]
    failure = event.step_failure_data.user_failure_data
    assert failure is not None
    assert failure.description is not None
    assert failure.description.startswith("This account may not use /x. Give it the right to")


def test_checks_and_jobs_of_ops_tell_as_assets_do(tmp_path: Path) -> None:
    tries: list[str] = []

    @dg.asset
    def table() -> int:
        return 1

    @dg.asset_check(asset=table, retry_policy=TWICE)
    def sound() -> dg.AssetCheckResult:
        tries.append("check")
        raise PromotionRefusedError("No.", "Mend it.")

    @dg.op(retry_policy=TWICE)
    def purge() -> None:
        tries.append("op")
        raise PromotionRefusedError("No.", "Mend it.")

    @dg.job
    def job() -> None:
        purge()

    tell_failures([table, sound, job], tmp_path)
    definitions = dg.Definitions(assets=[table], asset_checks=[sound], jobs=[dg.define_asset_job("all")])
    definitions.resolve_job_def("all").execute_in_process(raise_on_error=False)
    job.execute_in_process(raise_on_error=False)
    assert tries == ["check", "op"]


def _is_what_tells(function: Callable[..., object]) -> bool:
    """Log lines are around it."""
    return inspect.getmodule(function.__code__) is inspect.getmodule(tell_failures)


@pytest.mark.parametrize("portfolio", all_portfolios(), ids=lambda p: p.name)
def test_no_step_of_a_portfolio_can_forget_it(portfolio: Portfolio, tmp_path: Path) -> None:
    """Every function of the graph is the one that tells: assets, checks and the jobs of ops."""
    definitions = portfolio_definitions(portfolio, Settings(home=tmp_path))
    nodes = [
        *(one.node_def for one in definitions.assets or [] if isinstance(one, dg.AssetsDefinition)),
        *(one.node_def for one in definitions.asset_checks or []),
        *(n for job in definitions.jobs or [] if isinstance(job, dg.JobDefinition) for n in job.graph.node_defs),
    ]
    functions: list[Callable[..., object]] = []
    for node in nodes:
        assert isinstance(node, dg.OpDefinition)
        assert isinstance(node.compute_fn, DecoratedOpFunction)
        functions.append(inspect.unwrap(node.compute_fn.decorated_fn, stop=_is_what_tells))
    assert len(functions) > 50
    assert {inspect.getmodule(function.__code__) for function in functions} == {inspect.getmodule(tell_failures)}
