"""Log lines of runs, in `<home>/logs/runs.log`: each names run, job, step and table, whoever started the run.

What is here: `log_steps`, which puts every function of a step (of assets, checks and jobs) into its lines, once over
all of a portfolio; `lines_of_output` and `lines_of_run`, for what happens outside of such a function.
What to add here: another fact that every step knows of itself.
What must not be here: what one step has to tell (`tables`), Dagster's own record of events.

Dagster could hand its events to a handler named in `dagster.yaml`; that file is its user's, and reading it so resets
Python's logging in the middle of a run.
"""

from __future__ import annotations

import inspect
import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final

import dagster as dg
from dagster._core.definitions.decorators.op_decorator import DecoratedOpFunction
from dagster._core.execution.context.compute import current_execution_context

from credit_platform.logs.lines import FIELDS, bound, places_of
from credit_platform.logs.programs import log_to_home
from credit_platform.orchestration.policies import ops_of, table_key

RUNS: Final = "runs"
"""Name of the file."""
_WORKERS: Final = frozenset({"execute_run", "execute_step"})
"""Commands of `dagster api`."""
_LOGGER = logging.getLogger("credit_platform.runs")


def log_steps(
    definitions: Iterable[dg.AssetsDefinition | dg.AssetChecksDefinition | dg.JobDefinition], home: Path
) -> None:
    """Put the functions of all steps of `definitions` into lines that say when they began and how they ended."""
    for op in ops_of(definitions):
        # Dagster has no public way to wrap what an asset does; a test pins this one.
        given = op._compute_fn
        if not isinstance(given, DecoratedOpFunction):
            raise TypeError(f"The step {op.name} has no function of its own.")
        op._compute_fn = type(given)(decorated_fn=_logged(given.decorated_fn, home))


@contextmanager
def lines_of_run(home: Path, run_id: str, job: str) -> Iterator[None]:
    """Log the begin and the end of a run of this process; lines inside carry its id."""
    with log_to_home(RUNS, home), bound(run_id=run_id, job=job), _told("run", "ended"):
        yield


@contextmanager
def lines_of_step(home: Path, *, run_id: str, job: str, step: str, table: str | None = None) -> Iterator[None]:
    """Lines inside carry run, job, step and table."""
    asset = {} if table is None else {"asset": table}
    with log_to_home(RUNS, home, printed=_is_worker()), bound(run_id=run_id, job=job, step=step, **asset):
        yield


@contextmanager
def lines_of_output(context: dg.OutputContext, home: Path | None) -> Iterator[None]:
    """Lines while an output is stored: of its step, as far as that is known; without a home in no file."""
    table = table_key(context.asset_key)
    try:
        job, step = context.job_name, context.step_key
    except dg.DagsterInvariantViolationError:  # of a value that no run made
        home, job, step = None, "", ""
    if home is None:
        yield
        return
    with lines_of_step(home, run_id=context.run_id, job=job, step=step, table=table):
        yield


def told_of_run(message: str, **fields: object) -> None:
    """Log an event of the step at work."""
    _LOGGER.info("%s", message, extra={FIELDS: fields})


@contextmanager
def _told(what: str, at_the_end: str = "done") -> Iterator[None]:
    started = time.perf_counter()
    _LOGGER.info("%s began", what)
    try:
        yield
    except GeneratorExit:  # Dagster lets go of a step whose output was refused, or that was cut short
        _LOGGER.warning("%s stopped", what, extra={FIELDS: _seconds(started)})
        raise
    except BaseException as error:
        cause = error.__cause__ or error
        fields = {**_seconds(started), "failure": type(cause).__name__, "traceback": places_of(cause)}
        _LOGGER.error("%s failed", what, extra={FIELDS: fields})  # noqa: TRY400  # a trace with texts quotes values
        raise
    _LOGGER.info("%s %s", what, at_the_end, extra={FIELDS: _seconds(started)})


def _is_worker() -> bool:
    """Whether this process was started by Dagster for one run: what it prints is the log of its container."""
    return not _WORKERS.isdisjoint(sys.argv)


def _seconds(started: float) -> dict[str, object]:
    return {"seconds": round(time.perf_counter() - started, 3)}


def _logged(function: Callable[..., Any], home: Path) -> Callable[..., Any]:
    if inspect.isgeneratorfunction(function):

        @wraps(function)
        def steps(*args: Any, **inputs: Any) -> Iterator[Any]:
            with _lines_here(home):
                for event in function(*args, **inputs):
                    _tell_of_check(event)
                    yield event

        return steps

    @wraps(function)
    def step(*args: Any, **inputs: Any) -> Any:
        with _lines_here(home):
            result = function(*args, **inputs)
            _tell_of_check(result)
            return result

    return step


@contextmanager
def _lines_here(home: Path) -> Iterator[None]:
    """Lines of the step that Dagster executes now; nothing where a test calls its function."""
    current = current_execution_context.get()
    if current is None:
        yield
        return
    context = current.op_execution_context
    step = context.get_step_execution_context().step.key
    keys = [table_key(key) for key in context.selected_asset_keys] if context.has_assets_def else []
    table = keys[0] if len(keys) == 1 else None
    with lines_of_step(home, run_id=context.run_id, job=context.job_name, step=step, table=table), _told("step"):
        yield


def _tell_of_check(result: object) -> None:
    if not isinstance(result, dg.AssetCheckResult):
        return
    severity = None if result.passed else result.severity.value.lower()
    fields = {"check": result.check_name, "passed": bool(result.passed), "severity": severity}
    _LOGGER.log(logging.INFO if result.passed else logging.WARNING, "check", extra={FIELDS: fields})
