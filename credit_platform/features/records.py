"""What the feature table says beside its rows: a typed record.

What is here: `FeatureTableRecord`.
What to add here: a field that a reader of a feature table needs.
What must not be here: how a record is written and read (`lakehouse/records.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from credit_platform.lakehouse.records import Record


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureTableRecord(Record):
    """Of features/applicants: by which definitions it was made."""

    feature_version: str
    """12 hex digits, see `version.feature_version`."""
