"""The IO manager: what an asset returns becomes one Delta version, and what an asset reads is one version."""

from __future__ import annotations

from dataclasses import replace

import dagster as dg
from pydantic import Field

from credit_platform.errors import CreditPlatformError
from credit_platform.lakehouse import CommitInfo, Lakehouse, StoredTable, TableVersion
from credit_platform.orchestration.column_descriptions import column_descriptions
from credit_platform.orchestration.contracts import enforce_on_write
from credit_platform.orchestration.metadata import columns_schema, preview, version_metadata
from credit_platform.orchestration.policies import table_key
from credit_platform.orchestration.tables import Table


class DeltaIOManager(dg.ConfigurableIOManager):
    """Store assets as Delta tables below `root`; contracts are enforced before the commit."""

    root: str = Field(description="Folder or object store URL of the lakehouse.")
    pins: dict[str, int] = Field(
        default_factory=dict,
        description='Versions to read instead of the newest: {"german_credit/raw/applications": 3}.',
    )

    def lakehouse(self) -> Lakehouse:
        """Open the lakehouse with the pins of this run."""
        return Lakehouse(self.root, pins=self.pins)

    def handle_output(self, context: dg.OutputContext, obj: Table) -> None:
        """Check the contract, commit one version, and show on the asset page what was stored."""
        key = table_key(context.asset_key)
        version = self._write(context, key, obj) if obj.unchanged is None else obj.unchanged
        stored = self.lakehouse().scan(key, version=version.version)
        context.add_output_metadata(
            {
                **version_metadata(version),
                "unchanged": obj.unchanged is not None,
                "dagster/column_schema": columns_schema(stored, column_descriptions(key)),
                "preview": preview(stored),
                **obj.metadata,
            }
        )

    def load_input(self, context: dg.InputContext) -> StoredTable:
        """Read the version a pin asks for, else the newest; the log of the run says which."""
        key = table_key(context.asset_key)
        try:
            stored = self.lakehouse().read(key)
        except CreditPlatformError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        # Input metadata would add an observation to the asset at every read; the log is the place for this.
        context.log.info(f"Read {key} version {stored.version.version}, content hash {stored.version.content_hash}.")
        return stored

    def _write(self, context: dg.OutputContext, key: str, table: Table) -> TableVersion:
        frame = table.frame.lazy()
        info = replace(table.info or CommitInfo(portfolio=context.asset_key.path[0]), run_id=context.run_id)
        try:
            enforce_on_write(key, frame, table.staged)
            return self.lakehouse().write(key, table.staged or frame, summary=table.summary, info=info)
        except CreditPlatformError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
