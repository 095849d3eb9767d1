"""A year that is lived; a day of it in a process of its own, which is killed with -9 in the middle of a step.

Started as `python -m credit_platform_tests.year.killed PLAN HOME DAY SETTINGS`, with the settings as JSON.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import dagster as dg

from credit_platform.settings import Settings
from credit_platform_tests.finished_run import tool_environment
from credit_platform_tests.year.plan import PLANS
from credit_platform_tests.year.ticking import tick

SECONDS = 600
"""How long a process may take to come to the step, on a machine that has much else to do."""
_LOOK_SECONDS = 0.02


def live(settings: Settings, name: str) -> None:
    """Live all days of the plan called `name`, each begun anew, and again after it was killed."""
    plan = PLANS[name]
    for number in plan.days:
        if number in plan.kills:
            killed_in(settings, name, number, plan.kills[number])
        tick(settings, plan, number)


def killed_in(settings: Settings, plan: str, number: int, step: str) -> str:
    """Begin a day in another process, and kill that as soon as `step` has begun; the id of the run it was in.

    Raises:
        AssertionError: it ended before, or did not come so far in time.
    """
    chosen = settings.model_dump_json(exclude_unset=True)
    command = [sys.executable, "-W", "ignore", "-m", __name__, plan, str(settings.home), str(number), chosen]
    with tool_environment(settings), dg.DagsterInstance.get() as instance:
        before = {run.run_id for run in instance.get_runs()}
        process = subprocess.Popen(command)
        try:
            until = time.monotonic() + SECONDS
            while (found := _run_in(instance, before, step)) is None:
                assert process.poll() is None, f"It ended before {step} began."
                assert time.monotonic() < until, f"{step} did not begin in {SECONDS} s."
                time.sleep(_LOOK_SECONDS)
        finally:
            process.kill()
            process.wait()
    return found


def _run_in(instance: dg.DagsterInstance, before: set[str], step: str) -> str | None:
    for run in instance.get_runs(limit=5):
        if run.run_id not in before:
            started = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_START)
            if any(event.step_key == step for event in started):
                return run.run_id
    return None


if __name__ == "__main__":
    _, named, home, day, given = sys.argv
    tick(Settings.model_validate_json(given).model_copy(update={"home": Path(home)}), PLANS[named], int(day))
