"""A person puts a refused table in force, and its asset page shows it.

What is here: `accept`.
What to add here: another act of a person on stored data that Dagster has to hear of.
What must not be here: who may accept what (`tables/acceptance.py`), the promotion of models (`promotion.py`).
"""

from __future__ import annotations

import dagster as dg

from credit_platform.lakehouse import Lakehouse, TableVersion
from credit_platform.orchestration.instance import open_instance
from credit_platform.orchestration.metadata import version_metadata
from credit_platform.portfolios.keys import split_key
from credit_platform.tables import acceptance


def accept(lakehouse: Lakehouse, key: str, *, by: str, reason: str) -> TableVersion:
    """Put the newest refused version of `key` in force (`tables.acceptance.accept`) and tell Dagster.

    Raises:
        AcceptanceError: there is nothing to accept, or nobody may answer for what failed.
    """
    version = acceptance.accept(lakehouse, key, by=by, reason=reason)
    _tell_dagster(version)
    return version


def _tell_dagster(version: TableVersion) -> None:
    """Let the asset page show the version that is in force now, and why."""
    event = dg.AssetMaterialization(
        asset_key=dg.AssetKey([*split_key(version.key)]),
        description=version.exception,
        metadata={**version_metadata(version), "accepted_exception": version.exception or ""},
    )
    with open_instance() as instance:
        instance.report_runless_asset_event(event)
