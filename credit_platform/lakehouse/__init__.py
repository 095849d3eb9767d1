"""Where data live: versioned Delta tables, their content hashes, and the reading of raw CSV files.

What is here: `Lakehouse` in `lakehouse.py` (write, scan, read, list, vacuum), `content_hash.py`, `versions.py` (what is
known of a version), `records.py` (what stands beside its rows, typed), `verdicts.py` (what judges said of it),
`writing.py` (rows become files), `partitions.py` and `replacing.py` (some of them in place of others), `staging.py` (a
place to prepare), `commits.py` (files become one version) with `log.py` (commits as they lie there) and `packing.py`,
`reading.py` (which version is meant), `storage.py` and `object_store.py` (a folder or an object store) with
`store_errors.py` (how they fail, in a sentence), `csv_files.py` (inspect and scan a CSV under its contract),
`raw_files.py` (where a portfolio's raw files are), `raw_mirror.py` (copies of those in an object store),
`generated_files.py` (those a generator made), `steady_file.py` (no change meanwhile), `lookup.py` (what a person asks
of versions), `engines/` (Polars or Spark computes).
    proof       `seals.py` (what a commit says of its files and itself), `whole_files.py` (compared at each reading),
                `verification.py` (compared when asked), `repair.py` (a broken newest commit aside), `vacuum.py`.
    no tables   `artefacts.py` with `artefact_manifest.py` (files and folders by key) and `artefact_changes.py` (several
                processes change one), `shelf.py` (those of a home, also from before keys), `reports.py` (files for
                people).
What to add here: another way to store or read tables (an engine, a file format, an object store).
What must not be here: what makes a value right or wrong (that is `quality`), and the name of a table or column.
"""

from credit_platform.lakehouse.commits import ANYTHING, Anything
from credit_platform.lakehouse.content_hash import content_hash
from credit_platform.lakehouse.lakehouse import Lakehouse
from credit_platform.lakehouse.partitions import Replacement
from credit_platform.lakehouse.records import Record
from credit_platform.lakehouse.staging import StagedTable
from credit_platform.lakehouse.verdicts import Judged, Verdict, is_refused, refused_key
from credit_platform.lakehouse.versions import CommitInfo, StoredTable, TableVersion, VacuumResult

__all__ = [
    "ANYTHING",
    "Anything",
    "CommitInfo",
    "Judged",
    "Lakehouse",
    "Record",
    "Replacement",
    "StagedTable",
    "StoredTable",
    "TableVersion",
    "VacuumResult",
    "Verdict",
    "content_hash",
    "is_refused",
    "refused_key",
]
