"""Whether data can be trusted: contracts, quarantine, findings, profiles, and the report a person reads.

What is here: `ingest` (a CSV file to kept and rejected rows), `contract` and `enforce` (Pandera), `profile_table`,
`Finding`, and `render_report`. All of it derives from `SourceTable` and `Column`.
What to add here: a rule (`rules.py`, and both ingestion and contract have it) or a finding (`findings.py`).
What must not be here: the name of a table or column, reading or writing of Delta tables, Dagster.
"""

from credit_platform.quality.contract import contract, enforce
from credit_platform.quality.findings import Finding, Severity
from credit_platform.quality.ingest import IngestCounts, Ingested, ingest
from credit_platform.quality.profile import ColumnProfile, TableProfile, profile_table
from credit_platform.quality.report import TableReport, Verdict, render_report
from credit_platform.quality.rules import Rule, row_rules
from credit_platform.quality.staging import CheckedTable

__all__ = [
    "CheckedTable",
    "ColumnProfile",
    "Finding",
    "IngestCounts",
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
