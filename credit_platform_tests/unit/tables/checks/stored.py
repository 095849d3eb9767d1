"""A table of the finished run as its judges see it, and what they say of it and of one that is altered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from credit_platform.lakehouse import Verdict
from credit_platform.tables.before_writing import stored_checks, stored_submission, write_checks
from credit_platform.tables.judging import StoredCheck, WriteCheck
from credit_platform_tests.finished_run import FinishedRun


def verdicts(
    finished: FinishedRun, key: str, /, frame: pl.LazyFrame | None = None, **summary: Any
) -> dict[str, Verdict]:
    """Verdicts on `key` by check, on these rows or this part of the record in place of what was stored."""
    lakehouse = finished.lakehouse
    submission = stored_submission(lakehouse.read(key), lakehouse)
    submission = replace(
        submission,
        frame=submission.frame if frame is None else frame,
        staged=None,
        summary={**submission.summary, **summary},
    )
    checks: list[WriteCheck | StoredCheck] = [*write_checks(key), *stored_checks(key)]
    return {check.name: check.judge(submission, lakehouse) for check in checks}


def refused(found: dict[str, Verdict]) -> list[str]:
    """Names of the checks that did not pass."""
    return [name for name, verdict in found.items() if not verdict.passed]
