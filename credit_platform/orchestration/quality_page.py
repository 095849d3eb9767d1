"""The quality report's HTML file follows every run of a raw table, also one of a single table from the UI.

What is here: `quality_page_hooks`.
What to add here: nothing that the page says (`tables/quality_page.py`).
"""

# No `from __future__ import annotations`: Dagster reads the types of the hooks.
import dagster as dg

from credit_platform.orchestration.policies import raw_step
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.quality_page import rewrite_quality_page
from credit_platform.tables.unread import note_read, note_unread


def quality_page_hooks(portfolio: Portfolio, settings: Settings) -> set[dg.HookDefinition]:
    """Write the page when a raw file cannot be read or is refused by a check, and when it is read after that.

    `quality/report` does not run after a damaged file, nor when one table is materialised alone: the page would go on
    showing the last good state, or damage that was mended. The hooks belong to the assets and not to jobs, so they fire
    whatever a run is made of: the first when the step of a raw table has failed for good, the second when it succeeds
    and something was noted against the table before. They stop there: a page is written at most once per step.
    """
    names = {raw_step(portfolio.name, table.name): table.name for table in portfolio.tables}

    @dg.failure_hook(name=f"{portfolio.name}_quality_page", required_resource_keys={"lakehouse"})
    def not_read(context: dg.HookContext) -> None:
        lakehouse = context.resources.lakehouse.open()
        note_unread(portfolio, settings, lakehouse, names[context.op.name], _message(context.op_exception))
        rewrite_quality_page(portfolio, settings, lakehouse)

    @dg.success_hook(name=f"{portfolio.name}_quality_page_mended", required_resource_keys={"lakehouse"})
    def read_again(context: dg.HookContext) -> None:
        if note_read(portfolio, settings, names[context.op.name]):
            rewrite_quality_page(portfolio, settings, context.resources.lakehouse.open())

    return {not_read, read_again}


def _message(error: BaseException | None) -> str:
    stated = error.description if isinstance(error, dg.Failure) else str(error or "").strip()
    return stated or "It failed without a message."
