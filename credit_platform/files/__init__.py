"""The files that people hand in: found by name, unpacked, and judged byte by byte before any value is read.

What is here: `literal.py` (a path means the file of that name), `names.py` (under which names a file may lie, and what
is in its place), `packed.py` (gzip and zip, with a bound), `kinds.py` (what a file is when it is no CSV),
`csv_bytes.py` (one pass over the bytes), `csv_text.py` (header and shape of a CSV, in a file or in a request),
`parquet.py` (a Parquet file of plain values); and the files that people get: `spreadsheet.py` (a CSV in which nothing
runs), `scratch.py` (where a result is prepared beside its place); `durable.py` (files of our own that survive a power
cut), `process_logs.py` (logs of processes).
What to add here: another way in which a file as a whole can be wrong, with its cure; every door uses it.
What must not be here: contracts, types and values; what only the platform has (the scoring service carries this room).
"""
