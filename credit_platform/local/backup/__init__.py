"""Backups of a home: whole, dated, compared with their digests, made while things run.

What is here: `contents.py` (what goes in, what stays out, what lies elsewhere), `copying.py` (a file into a backup),
`databases.py` (SQLite and the decision log with its checkpoints), `tables.py` (Delta tables as of one moment),
`bentos.py` (whole Bentos only), `manifest.py` (what a backup says of itself), `making.py` (`make_backup`),
`finding.py` (the backup that is meant), `in_store.py` (backups in an object store), `erasure_lists.py` (who was erased
since), `restoring.py` (`restore_backup`), `swapping.py` (one home in the place of another).
What to add here: another kind of state that a home keeps, with the way in which it is copied whole.
What must not be here: words of the commands (`cli`), carrying out erasures again (`serving/erasures.py`).
"""
