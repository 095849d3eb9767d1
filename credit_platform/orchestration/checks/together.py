"""Several checks of one table in one step, which reads the table once.

What is here: `TableCheck` and `check_together`.
What must not be here: any particular check.

A step per check would cost a tenth of a second of Dagster's bookkeeping each, and the table would be read for each. In
the UI every check still stands by itself, with its own history, and can be executed alone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import dagster as dg

from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.tables import StoredTable

Judge = Callable[[StoredTable, Lakehouse], dg.AssetCheckResult]
"""Given the stored table and the lakehouse it lies in. The result names its check."""


@dataclass(frozen=True, kw_only=True)
class TableCheck:
    """What Dagster shows of a check, and how it judges."""

    name: str
    description: str
    judge: Judge
    blocking: bool = True
    """Whether what comes after the table waits for it and does not run when it fails."""


def check_together(
    asset: dg.AssetKey,
    checks: Sequence[TableCheck],
    *,
    in_memory: bool,
    additional_deps: Sequence[dg.AssetKey] = (),
) -> dg.AssetChecksDefinition:
    """Check `asset` in one step.

    All results are recorded before the step fails for the blocking ones among those that did not pass.

    Args:
        asset: The table judged.
        checks: Their names are unique.
        in_memory: Read the whole table once, for checks that all look at its rows.
        additional_deps: Tables that have to be there as well.
    """
    specs = [
        dg.AssetCheckSpec(
            check.name,
            asset=asset,
            description=check.description,
            blocking=check.blocking,
            additional_deps=additional_deps,
        )
        for check in checks
    ]

    @dg.multi_asset_check(
        name="__".join([*asset.path, "checks"]),
        description=f"The checks of this table: {', '.join(check.name for check in checks)}.",
        specs=specs,
        ins={"table": dg.AssetIn(key=asset)},
        required_resource_keys={"lakehouse"},
        can_subset=True,
    )
    def judge_all(context: dg.AssetCheckExecutionContext, table: StoredTable) -> Iterator[dg.AssetCheckResult]:
        chosen = {key.name for key in context.selected_asset_check_keys}
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        judged = replace(table, frame=table.frame.collect().lazy()) if in_memory else table
        for check in checks:
            if check.name in chosen:
                yield check.judge(judged, lakehouse)

    return judge_all
