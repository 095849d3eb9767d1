"""Rules that hold for every asset: names, owners, groups, kinds, retries.

When a policy fires, and when it stops, stands in its docstring.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import dagster as dg

from credit_platform.portfolios import keys
from credit_platform.settings import Settings

DATA_ENGINEERING = "team:data-engineering"
RISK_MODELLING = "team:risk-modelling"
OPERATIONS = "team:operations"
AUDIT = "team:audit"

LAYER_OWNERS = {
    "raw": DATA_ENGINEERING,
    "quality": DATA_ENGINEERING,
    "aggregates": DATA_ENGINEERING,
    "features": DATA_ENGINEERING,
    "models": RISK_MODELLING,
    "governance": RISK_MODELLING,
    "serving": OPERATIONS,
    "monitoring": RISK_MODELLING,
}
"""Who answers for the tables of a layer."""
AUDITED = frozenset(
    {
        "features/protected_attributes",
        "governance/fairness",
        "governance/reasons",
        "governance/validation_report",
    }
)
"""Tables that belong to those who challenge the models, not to those who make them."""

OUTSIDE_WORLD_RETRIES = dg.RetryPolicy(
    max_retries=2, delay=2, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
)
"""Every step meets the outside world: it reads tables of a store, and writes them.

Fires on an exception of the step, after 2 and 4 seconds; stops after the second retry. What a person has to mend (a
damaged file, a broken contract) is not retried, and neither is a step whose blocking check failed (`failures.py`).
"""

HEAVY_POOL = "memory_heavy"
"""Steps that hold a large table in memory share this pool, so that an operator can limit how many run at once."""

MAX_RUNTIME = "dagster/max_runtime"
"""Tag by which run monitoring ends a run that takes longer, in seconds; `dagster_yaml.py` says the same of runs without
it. How often a run whose Job was killed is run again stands there, too (`run_retries`); what a step gave up is not."""


def asset_key(portfolio: str, layer: str, name: str) -> dg.AssetKey:
    """Key of an asset: `<portfolio>/<layer>/<name>`."""
    return dg.AssetKey([*keys.split_key(keys.table_key(portfolio, layer, name))])


def table_key(key: dg.AssetKey) -> str:
    """Key of the Delta table in which the value of asset `key` is stored."""
    return keys.table_key(*key.path)


def table_address(settings: Settings, key: dg.AssetKey) -> dict[str, str]:
    """Where the Delta table of asset `key` lies, as Dagster's pages show and copy it.

    It belongs to the definition, which each process makes anew, and to no event: a copy of the home has its own.
    """
    root = settings.lakehouse_root
    base = root.rstrip("/") if "://" in root else Path(root).resolve().as_uri()
    return {"dagster/uri": f"{base}/{table_key(key)}"}


def group_name(portfolio: str, layer: str) -> str:
    """Asset group of a layer; one per portfolio, so that the UI lists them side by side."""
    return f"{portfolio}_{layer}"


def with_policies(spec: dg.AssetSpec) -> dg.AssetSpec:
    """`spec` with what follows from its key `<portfolio>/<layer>/<name>`: its owner and its group.

    Applied once, over the specs of all assets of a portfolio; what an asset is made with (`kinds`) it declares itself.
    """
    portfolio, layer, _ = spec.key.path
    if layer not in LAYER_OWNERS:
        raise KeyError(layer)
    return spec.replace_attributes(owners=[owner_of(spec.key.path)], group_name=group_name(portfolio, layer))


def owner_of(path: Sequence[str]) -> str:
    """Who answers for `<portfolio>, <layer>, <name>`; operations for what is no table."""
    _, layer, name = [*path, "", "", ""][:3]
    return AUDIT if f"{layer}/{name}" in AUDITED else LAYER_OWNERS.get(layer, OPERATIONS)


def retry_steps(
    definitions: Iterable[dg.AssetsDefinition | dg.AssetChecksDefinition | dg.JobDefinition],
) -> None:
    """Give every step of `definitions` that has no policy of its own the one for what goes away by itself.

    Applied once, over all of a portfolio, so that no asset, check or job can forget it.
    """
    for op in ops_of(definitions):
        if op.retry_policy is None:
            # Dagster has no public way to give a step that is declared another policy; a test pins this one.
            op._retry_policy = OUTSIDE_WORLD_RETRIES


def ops_of(
    definitions: Iterable[dg.AssetsDefinition | dg.AssetChecksDefinition | dg.JobDefinition],
) -> Iterator[dg.OpDefinition]:
    """The steps of assets, checks and jobs."""
    for definition in definitions:
        nodes = definition.graph.node_defs if isinstance(definition, dg.JobDefinition) else [definition.node_def]
        yield from (node for node in nodes if isinstance(node, dg.OpDefinition))


def raw_step(portfolio: str, table: str) -> str:
    """Name of the step that reads the raw file of `table`."""
    return f"{portfolio}__raw__{table}"
