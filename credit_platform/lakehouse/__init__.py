"""Where data live: versioned Delta tables, their content hashes, and the reading of raw CSV files.

What is here: `Lakehouse` in `lakehouse.py` (write, scan, read, list, vacuum), `content_hash.py`, `versions.py` (what is
known of a version), `commits.py` (files become one), `storage.py` (a folder or an object store), `csv_files.py`
(inspect and scan a CSV under its contract), `raw_files.py` (where a portfolio's raw files are), `engines/` (Polars or
Spark computes).
What to add here: another way to store or read tables (an engine, a file format, an object store).
What must not be here: what makes a value right or wrong (that is `quality`), and the name of a table or column.
"""

from credit_platform.lakehouse.content_hash import content_hash
from credit_platform.lakehouse.lakehouse import Lakehouse, StagedTable
from credit_platform.lakehouse.versions import CommitInfo, StoredTable, TableVersion, VacuumResult

__all__ = ["CommitInfo", "Lakehouse", "StagedTable", "StoredTable", "TableVersion", "VacuumResult", "content_hash"]
