"""Figures of tables, read from the lakehouse's log."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import CreditPlatformError, RecordError
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.monitoring.exporter.background import Sample
from credit_platform.monitoring.exporter.tables import TablesCollector, Unchanged, each
from credit_platform.monitoring.metrics.model import BYTES, DISK_SIZE, ROWS
from credit_platform.portfolios import get_portfolio


@pytest.fixture
def lakehouse(tmp_path: Path) -> Lakehouse:
    return Lakehouse(str(tmp_path / "lake house é"))


def write(lakehouse: Lakehouse, key: str, rows: int) -> None:
    frame = pl.LazyFrame({"x": range(rows)})
    lakehouse.write(key, frame, summary={}, info=CommitInfo(portfolio="german_credit"))


def test_data_tables_are_told_and_evidence_is_not(lakehouse: Lakehouse) -> None:
    for key in ("features/applicants", "models/threshold", "monitoring/decisions", "monitoring/drift"):
        write(lakehouse, f"german_credit/{key}", 3)
    write(lakehouse, "unknown/features/applicants", 3)
    samples = list(TablesCollector(lakehouse, [get_portfolio("german_credit")]).collect())
    assert {(s.metric.name, *s.labels) for s in samples} == {
        (metric.name, "german_credit", table)
        for metric in (ROWS, BYTES)
        for table in ("features/applicants", "monitoring/decisions")
    }
    assert all(sample.value == 3 for sample in samples if sample.metric is ROWS)


def test_a_new_version_is_told_and_an_old_one_is_not_read_again(lakehouse: Lakehouse) -> None:
    reads: list[int] = []
    unchanged = Unchanged(lakehouse)

    def read() -> int:
        reads.append(1)
        return len(reads)

    def look() -> int | None:
        return unchanged.get("german_credit/features/applicants", "n", read)

    assert look() is None
    write(lakehouse, "german_credit/features/applicants", 1)
    assert (look(), look()) == (1, 1)
    write(lakehouse, "german_credit/features/applicants", 2)
    assert look() == 2


def test_a_damaged_table_does_not_hide_the_others(lakehouse: Lakehouse, tmp_path: Path) -> None:
    for name in ("applicants", "catalogue"):
        write(lakehouse, f"german_credit/features/{name}", 3)
    log = tmp_path / "lake house é" / "german_credit" / "features" / "applicants" / "_delta_log"
    max(log.glob("*.json")).write_text("{")
    found: list[Sample] = []
    with pytest.raises(CreditPlatformError, match="applicants"):
        found.extend(TablesCollector(lakehouse, [get_portfolio("german_credit")]).collect())
    assert {sample.labels for sample in found} == {("german_credit", "features/catalogue")}


def test_each_is_asked_and_the_first_failure_comes_last() -> None:
    def look(name: str) -> list[Sample]:
        if name != "b":
            raise RecordError(f"{name} is broken.", "Mend it.")
        return [Sample(DISK_SIZE, (), 1.0)]

    found: list[Sample] = []
    with pytest.raises(RecordError, match="a is broken"):
        found.extend(each(["a", "b", "c"], look))
    assert len(found) == 1
