"""Whether data can be trusted: contracts, quarantine, findings, profiles, and the report a person reads.

What is here: all of it is derived from `SourceTable` and `Column`.
    rows        `ingest.py` (a CSV file to kept and rejected rows), `rules.py`, `keys.py`, `quarantine.py` (the careful
                path, where a row is wrong), `spark_rows.py` (the same on Spark), `staging.py` (rows parsed once).
    tables      `contract.py` (Pandera), `profile.py`, `distributions.py`, `stability_index.py` (PSI), `findings.py`
                with `usual.py` (what is no warning), `examples.py`, `described.py` (a file that describes columns);
                `judges.py` (verdicts on a table as a whole), `records.py` (what is recorded beside a raw table).
    the report  `report.py`, `report_format.py`, `pages.py` (whether a written page can be kept); it is in `templates/`.
What to add here: a rule (`rules.py`, and both ingestion and contract have it) or a finding (`findings.py`).
What must not be here: the name of a table or column, reading or writing of Delta tables, Dagster.
"""

from credit_platform.quality.contract import contract, enforce
from credit_platform.quality.findings import Finding, Severity
from credit_platform.quality.ingest import Ingested, ingest
from credit_platform.quality.profile import ColumnProfile, TableProfile, profile_table
from credit_platform.quality.records import IngestCounts, IngestRecord
from credit_platform.quality.report import TableReport, Verdict, render_report
from credit_platform.quality.rules import Rule, row_rules
from credit_platform.quality.staging import CheckedTable

__all__ = [
    "CheckedTable",
    "ColumnProfile",
    "Finding",
    "IngestCounts",
    "IngestRecord",
    "Ingested",
    "Rule",
    "Severity",
    "TableProfile",
    "TableReport",
    "Verdict",
    "contract",
    "enforce",
    "ingest",
    "profile_table",
    "render_report",
    "row_rules",
]
