"""In which formats applicants may be sent.

What is here: the media types.
What to add here: another format.
What must not be here: reading them (`batch_body.py`, `validation.py`).
"""

from __future__ import annotations

from typing import Final

JSON: Final = "application/json"
CSV: Final = "text/csv"
PARQUET: Final = "application/vnd.apache.parquet"
MEDIA_TYPES: Final = (JSON, CSV, PARQUET)
