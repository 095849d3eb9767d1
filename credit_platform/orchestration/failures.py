"""How a step fails: in one sentence with its cure, and again only where trying again can help.

What is here: `telling`, a context for what a step does, and `tell_failures`, which puts every function of a step (of
assets, checks and jobs) into it. It is applied once, to all of a portfolio (`portfolio_graph.py`), so that no asset can
forget it. `step_sentence`, what a failed step says afterwards.
What to add here: nothing for a single asset.
What must not be here: what went wrong (`errors.py`), what libraries say when they fail (`outside_errors.py`).

Retried, by the policy of its asset, is what goes away by itself: a store that does not answer, a locked database,
somebody else who commits first, and every fault that nobody knows here. Not retried is what stays until a person mends
it: a damaged file, a broken contract, a refused promotion, a full disk, an experiment that was deleted in MLflow.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.definitions.decorators.op_decorator import DecoratedOpFunction

from credit_platform.errors import CreditPlatformError
from credit_platform.orchestration.policies import ops_of
from credit_platform.outside_errors import explained, explained_text


@contextmanager
def telling(home: Path) -> Iterator[None]:
    """Run what a step does.

    Args:
        home: of the platform; named where a message of a library names no file.

    Raises:
        dagster.Failure: in place of an error that a person can mend, with its sentence; the error is its cause.
    """
    try:
        yield
    except dg.Failure:
        raise
    except CreditPlatformError as error:
        raise dg.Failure(str(error), allow_retries=goes_away(error, home)) from error
    except Exception as error:  # of others, which have no class in common; what is not known is raised again
        outside = explained(error, home)
        if outside is None:  # a fault of our own keeps its trace
            raise
        raise dg.Failure(str(outside), allow_retries=outside.passing) from error


def goes_away(error: CreditPlatformError, home: Path) -> bool:
    """Whether trying again may help: the error says so, or what it was raised from does."""
    if error.passing or error.__cause__ is None:
        return error.passing
    cause = error.__cause__
    if isinstance(cause, CreditPlatformError):
        return goes_away(cause, home)
    outside = explained(cause, home)
    return outside is not None and outside.known and outside.passing


_CHECK_FAILED = "DagsterAssetCheckFailedError"


def step_sentence(event: dg.DagsterEvent, home: Path) -> str | None:
    """What a failed step says, ending in its cure; None of one that only a blocking check failed, which says it itself.

    Args:
        event: a failure of a step.
        home: of the platform; named where a message of a library names no file.
    """
    data = event.step_failure_data
    failure, error = data.user_failure_data, data.error
    if error and error.cls_name == _CHECK_FAILED:
        return None
    if failure and failure.description:
        return failure.description
    innermost = error.cause if error and error.cause else error
    return _in_words(innermost.message, home) if innermost else "The step failed without a message."


def _in_words(message: str, home: Path) -> str:
    """What an error says; of ours the class is not for whoever runs a portfolio, of others the cure is."""
    outside = explained_text(message, home)
    if outside is not None:
        return str(outside)
    return re.sub(rf"^{re.escape(CreditPlatformError.__module__)}\.\w+: ", "", message.strip())


def tell_failures(
    definitions: Iterable[dg.AssetsDefinition | dg.AssetChecksDefinition | dg.JobDefinition], home: Path
) -> None:
    """Put the functions of all steps of `definitions` into `telling`."""
    for op in ops_of(definitions):
        _tell(op, home)


def _tell(op: dg.OpDefinition, home: Path) -> None:
    # Dagster has no public way to wrap what an asset does; a test pins this one.
    given = op._compute_fn
    if not isinstance(given, DecoratedOpFunction):
        raise TypeError(f"The step {op.name} has no function of its own.")
    op._compute_fn = type(given)(decorated_fn=_told(given.decorated_fn, home))


def _told(function: Callable[..., Any], home: Path) -> Callable[..., Any]:
    if inspect.isgeneratorfunction(function):

        @wraps(function)
        def steps(*args: Any, **inputs: Any) -> Iterator[Any]:
            with telling(home):
                yield from function(*args, **inputs)

        return steps

    @wraps(function)
    def step(*args: Any, **inputs: Any) -> Any:
        with telling(home):
            return function(*args, **inputs)

    return step
