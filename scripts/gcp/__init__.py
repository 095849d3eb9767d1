"""Google Cloud as a place to run: what is particular to it, and nothing else.

What is here: `bigquery.py` (SQL by which BigQuery reads decisions and features where they lie).
What to add here: another thing that only Google has.
What must not be here: a client of Google; whoever runs the SQL has one. Values for GKE are in `delivery/gcp`.
"""
