"""What is stored of an ingestion: files of before a figure was measured are read, damaged records are named."""

from __future__ import annotations

from typing import Any

import pytest

from credit_platform.errors import RecordError
from credit_platform.quality import Finding, IngestRecord, Severity

SUMMARY: dict[str, Any] = {
    "source": {"file": "a.csv", "sha256": "0", "bytes": 10, "rows": 3},
    "counts": {"rows_in": 3, "kept": 2, "rejected": 1, "by_rule": {"type:a": 1}},
    "findings": [{"severity": "warning", "rule": "r", "column": None, "rows": 1, "share": 0.5, "message": "m"}],
    "profile": {
        "table": "a",
        "rows": 2,
        "columns": [
            {
                "name": "a",
                "type": "float",
                "description": "",
                "unit": None,
                "nulls": 0,
                "null_share": 0.0,
                "distinct": 2,
                "bins": [["low", 0.5]],
                "measured_once": 1,
            }
        ],
        "sampled_rows": 2,
        "duplicated_rows": None,
    },
}


def test_a_record_of_an_older_ingestion_is_read() -> None:
    record = IngestRecord.from_summary(SUMMARY, "p/raw/a")
    assert record.counts.rejected_share == pytest.approx(1 / 3)
    finding = Finding(severity=Severity.WARNING, rule="r", column=None, rows=1, share=0.5, message="m")
    assert record.findings == (finding,)
    assert record.profile.columns[0].bins == (("low", 0.5),)
    assert (record.profile.columns[0].psi, record.profile.exchanged) == (None, ())


def test_a_damaged_record_names_the_place() -> None:
    damaged = {**SUMMARY, "counts": {**SUMMARY["counts"], "rows_in": "3"}}
    with pytest.raises(RecordError, match=r"p/raw/a does not fit: counts.rows_in cannot be read"):
        IngestRecord.from_summary(damaged, "p/raw/a")
