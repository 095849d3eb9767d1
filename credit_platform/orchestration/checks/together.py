"""Several checks of one table in one step, which reads the table once.

What is here: `build_table_checks` (what the registry has for each table), `check_together`, `TableCheck`, and how a
verdict is shown.
What must not be here: any particular check.

A step per check would cost a tenth of a second of Dagster's bookkeeping each, and the table would be read for each. In
the UI every check still stands by itself, with its own history, and can be executed alone.

A `WriteCheck` was asked before the table was written, or there would be no such version: what it said then is shown.
A version without that record, or from the time of other rules, is judged where it lies.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import dagster as dg
import polars as pl

from credit_platform.lakehouse import Judged, Lakehouse, StoredTable, Verdict
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import table_key
from credit_platform.portfolios.keys import split_key
from credit_platform.tables.before_writing import stored_checks, stored_submission, write_checks
from credit_platform.tables.judging import StoredCheck, Submission, WriteCheck, rules_version

Judge = Callable[[StoredTable, Lakehouse], dg.AssetCheckResult]
"""Given the stored table and the lakehouse it lies in. The result names its check."""


@dataclass(frozen=True, kw_only=True)
class TableCheck:
    """A check whose table is written whatever it says: what Dagster shows of it, and how it judges the stored table."""

    name: str
    description: str
    judge: Judge
    blocking: bool = True
    """Whether what comes after the table waits for it and does not run when it fails."""


Check = TableCheck | WriteCheck | StoredCheck


def build_table_checks(keys: Iterable[dg.AssetKey]) -> list[dg.AssetChecksDefinition]:
    """The checks that the registry (`tables/before_writing.py`) has for the tables `keys`; one step for each table."""
    found: dict[dg.AssetKey, list[Check]] = {
        key: [*write_checks(table_key(key)), *stored_checks(table_key(key))] for key in keys
    }
    return [check_together(key, checks, in_memory=False) for key, checks in found.items() if checks]


def check_together(asset: dg.AssetKey, checks: Sequence[Check], *, in_memory: bool) -> dg.AssetChecksDefinition:
    """Check `asset` in one step.

    All results are recorded before the step fails for the blocking ones among those that did not pass.

    Args:
        asset: The table judged.
        checks: Their names are unique.
        in_memory: Read the whole table once, for checks that all look at its rows.
    """

    @dg.multi_asset_check(
        name="__".join([*asset.path, "checks"]),
        description=f"The checks of this table: {', '.join(check.name for check in checks)}.",
        specs=[_spec(asset, check) for check in checks],
        ins={"table": dg.AssetIn(key=asset)},
        required_resource_keys={"lakehouse", "clock"},
        can_subset=True,
    )
    def judge_all(context: dg.AssetCheckExecutionContext, table: StoredTable) -> Iterator[dg.AssetCheckResult]:
        chosen = {key.name for key in context.selected_asset_check_keys}
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        judged = replace(table, frame=table.frame.collect().lazy()) if in_memory else table
        submission: Submission | None = None
        for check in checks:
            if check.name not in chosen:
                continue
            if isinstance(check, TableCheck):
                yield check.judge(judged, lakehouse)
                continue
            verdict = recorded_verdict(table, check) if isinstance(check, WriteCheck) else None
            if verdict is None:
                submission = submission or replace(stored_submission(table, lakehouse), clock=context.resources.clock)
                verdict = check.judge(submission, lakehouse)
            yield shown(verdict, table.version.exception)

    return judge_all


def recorded_verdict(table: StoredTable, check: WriteCheck) -> Verdict | None:
    """What `check` said of this version before it was written; None when it was not asked, or by other rules."""
    judged = None if check.looks_elsewhere else Judged.from_summary(table.summary)
    current = judged is not None and judged.rules == rules_version(table.version.key)
    return judged.verdict(check.name) if judged and current else None


def shown(verdict: Verdict, exception: str | None = None) -> dg.AssetCheckResult:
    """A verdict as Dagster shows it; one that only warns, or that a person answered for, stops nothing.

    Args:
        verdict: What was found.
        exception: Who put the version in force all the same, when and why; None when nobody did.
    """
    answered = verdict.refuses and not verdict.final and exception is not None
    listed = pl.DataFrame([dict(row) for row in verdict.listed]) if verdict.listed else None
    return dg.AssetCheckResult(
        check_name=verdict.check,
        passed=verdict.passed,
        severity=dg.AssetCheckSeverity.WARN if answered or verdict.warns else dg.AssetCheckSeverity.ERROR,
        metadata={**verdict.numbers, **({} if listed is None else {"list": markdown_table(listed)})},
        description=f"{exception} {verdict.message}" if answered else verdict.message,
    )


def _spec(asset: dg.AssetKey, check: Check) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        check.name,
        asset=asset,
        description=check.description,
        blocking=isinstance(check, WriteCheck) or (isinstance(check, TableCheck) and check.blocking),
        additional_deps=()
        if isinstance(check, TableCheck)
        else [dg.AssetKey([*split_key(key)]) for key in check.needs],
    )
