"""What Dagster loads.

`build_definitions` puts the graph of every portfolio together; tests call it with settings and resources of their own.
`defs` is what `workspace.yaml` points at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dagster as dg

from credit_platform.environment import prepare_environment
from credit_platform.orchestration.portfolio_graph import portfolio_definitions
from credit_platform.orchestration.resources import build_resources
from credit_platform.orchestration.sensors import notice_sensor
from credit_platform.portfolios import all_portfolios
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings


def build_definitions(
    settings: Settings | None = None,
    *,
    portfolios: Sequence[Portfolio] | None = None,
    resources: Mapping[str, object] | None = None,
) -> dg.Definitions:
    """Definitions of `portfolios` (all by default); `resources` override the real ones by key."""
    chosen = settings or Settings()
    graphs = [portfolio_definitions(p, chosen) for p in (portfolios if portfolios is not None else all_portfolios())]
    shared = dg.Definitions(
        resources={**build_resources(chosen), **(resources or {})},
        sensors=[notice_sensor(chosen)],
        # What is materialised in the UI runs as the jobs do: a process for each step would load everything anew.
        executor=dg.in_process_executor,
    )
    return dg.Definitions.merge(*graphs, shared)


def _load() -> dg.Definitions:
    settings = Settings()
    prepare_environment(settings)
    return build_definitions(settings)


defs = _load()
