"""The IO manager: what an asset returns is judged and becomes one Delta version; what an asset reads is one version.

What is here: `DeltaIOManager`.
What must not be here: which checks a table has (`tables/before_writing.py`), what follows from them (`judging.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import dagster as dg
import polars as pl
from pydantic import Field

from credit_platform.files import literal
from credit_platform.lakehouse import CommitInfo, Judged, Lakehouse, Replacement, StoredTable, TableVersion
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.orchestration.checks.together import shown
from credit_platform.orchestration.failures import telling
from credit_platform.orchestration.metadata import columns_schema, preview, version_metadata
from credit_platform.orchestration.policies import table_key
from credit_platform.orchestration.step_lines import lines_of_output, told_of_run
from credit_platform.tables.before_writing import write_checks
from credit_platform.tables.column_descriptions import column_descriptions
from credit_platform.tables.column_rules import column_rules
from credit_platform.tables.judging import (
    WriteCheck,
    accepted_before,
    judge,
    refusal,
    refuse,
    submitted,
)
from credit_platform.tables.table import Table


class DeltaIOManager(dg.ConfigurableIOManager):
    """Store assets as Delta tables below `root`; what a blocking check refuses never becomes a version of its key."""

    root: str = Field(description="Folder or object store URL of the lakehouse.")
    home: str = Field(default="", description="Home of the platform.")
    artefacts: str = Field(default="", description="Folder or object store URL of the artefacts.")
    cache: str = Field(default="", description="Folder for copies of artefacts.")
    pins: dict[str, int] = Field(
        default_factory=dict,
        description='Versions to read instead of the newest: {"german_credit/raw/applications": 3}.',
    )

    @property
    def _home(self) -> Path:
        return Path(self.home or self.root)

    def lakehouse(self) -> Lakehouse:
        """Open the lakehouse with the pins of this run."""
        shelf = Shelf(Path(self.home), self.artefacts, Path(self.cache))
        return Lakehouse(self.root, pins=self.pins, shelf=shelf)

    def handle_output(  # type: ignore[override]  # Dagster runs generators, too, and records the events they give
        self, context: dg.OutputContext, obj: Table
    ) -> Iterator[dg.DagsterEvent]:
        """Judge the table, commit one version, and show on the asset page what was stored.

        A refused table is committed beside the one in force. Its checks are recorded as failed, and the step fails: the
        asset was not materialised, and nothing downstream runs.
        """
        key = table_key(context.asset_key)
        step = lines_of_output(context, Path(self.home) if self.home else None)
        with step, telling(self._home), _in_hand(self.lakehouse(), key, obj) as (lakehouse, table):
            info = replace(table.info or CommitInfo(portfolio=context.asset_key.path[0]), run_id=context.run_id)
            judged = table.judged or _judged(lakehouse, key, table)
            standing = accepted_before(lakehouse, submitted(key, table), judged) if judged.failed else None
            if judged.failed and standing is None:
                refused = refuse(lakehouse, key, table, judged, info)
                yield from _evaluations(context, judged, refused)
                _tell_lines(obj, refused, new=True)
                told = refusal(lakehouse, key, judged, refused, [*table.beside])
                raise dg.Failure(told, allow_retries=False)
            version = standing or table.unchanged or _write(lakehouse, key, table, judged, info)
            _tell_lines(obj, version, new=version not in (standing, table.unchanged))
            if table.replacement and version not in (standing, table.unchanged):
                _tell_partitions(context, table.replacement)
        self._show(context, key, obj, version, unchanged=bool(standing or table.unchanged))

    def load_input(self, context: dg.InputContext) -> StoredTable:
        """Read the version a pin asks for, else the newest; the log of the run says which."""
        key = table_key(context.asset_key)
        with telling(self._home):
            stored = self.lakehouse().read(key)
        # Input metadata would add an observation to the asset at every read; the log is the place for this.
        context.log.info(f"Read {key} version {stored.version.version}, content hash {stored.version.content_hash}.")
        return stored

    def _show(
        self, context: dg.OutputContext, key: str, table: Table, version: TableVersion, *, unchanged: bool
    ) -> None:
        stored = self.lakehouse().scan(key, version=version.version)
        exception = {} if version.exception is None else {"accepted_exception": version.exception}
        context.add_output_metadata(
            {
                **version_metadata(version),
                "unchanged": unchanged,
                **exception,
                "dagster/column_schema": columns_schema(stored, column_descriptions(key), column_rules(key)),
                "preview": preview(stored),
                **table.metadata,
            }
        )


@contextmanager
def _in_hand(lakehouse: Lakehouse, key: str, table: Table) -> Iterator[tuple[Lakehouse, Table]]:
    """The table, computed once where it is lazy and will be judged, so that what is judged is what is stored."""
    ready = table.unchanged or table.staged or table.replacement or isinstance(table.frame, pl.DataFrame)
    if ready or not write_checks(key):
        yield lakehouse, table
        return
    with lakehouse.staging() as folder:
        staged = lakehouse.stage(table.frame.lazy(), folder)
        yield lakehouse, replace(table, frame=literal.scan_parquet(staged.path), staged=staged)


def _judged(lakehouse: Lakehouse, key: str, table: Table) -> Judged:
    checks: list[WriteCheck] = write_checks(key)
    if table.unchanged:
        # What was said of its rows is recorded with them; other tables may have changed since.
        checks = [check for check in checks if check.looks_elsewhere]
    return judge(submitted(key, table), checks, lakehouse)


def _write(lakehouse: Lakehouse, key: str, table: Table, judged: Judged, info: CommitInfo) -> TableVersion:
    record = judged.recorded() if judged.verdicts else {}
    summary = {**table.summary, **record}
    if table.replacement is not None:
        return lakehouse.replace(key, table.replacement, summary=summary, info=info)
    rows = table.staged or table.frame
    if table.partition_by is not None:
        version = lakehouse.write(key, rows, summary=summary, info=info, partition_by=table.partition_by)
    else:
        version = lakehouse.write(key, rows, summary=summary, info=info, after=table.after)
    if table.afterwards is not None:
        table.afterwards()
    return version


def _tell_lines(table: Table, version: TableVersion, *, new: bool) -> None:
    told_of_run("table", table=version.key, version=version.version, rows=version.rows, new=new)
    if table.told is not None:
        table.told(version)


def _tell_partitions(context: dg.OutputContext, replacement: Replacement) -> None:
    """Show the partitions that a run of all that is new made as made, as if each had been asked for.

    Nothing is told of an asset that has no partitions in Dagster, whatever its table lies in.
    """
    node = context.step_context.job_def.asset_layer.get(context.asset_key)
    if context.has_asset_partitions or node.partitions_def is None:
        return
    for value in replacement.frames:
        made = "Made by a run of all that is new."
        context.log_event(dg.AssetMaterialization(context.asset_key, partition=value, description=made))


def _evaluations(context: dg.OutputContext, judged: Judged, refused: TableVersion) -> Iterator[dg.DagsterEvent]:
    """The verdicts as results of the asset's checks in this run, whose own step will not run."""
    step = context.step_context
    for verdict in judged.verdicts:
        result = shown(verdict)
        yield dg.DagsterEvent.asset_check_evaluation(
            step,
            dg.AssetCheckEvaluation(
                asset_key=context.asset_key,
                check_name=verdict.check,
                passed=verdict.passed,
                severity=result.severity,
                description=result.description,
                metadata={**(result.metadata or {}), "judged": f"{refused.key} version {refused.version}"},
                target_materialization_data=None,
                blocking=True,
            ),
        )
