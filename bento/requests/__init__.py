"""What clients send, read strictly and within bounds.

What is here: `bounds.py` (what a body may become, asked before it is unpacked), with `parquet_footer.py` and
`thrift_compact.py` (what a Parquet file says of itself); `json_text.py` (JSON without doubled names and NaN),
`validation.py` (a document as the scorer's request), `batch_body.py` and `table_rows.py` (rows of a batch as such
documents), `media_types.py`, `patience.py` (work stops when nobody waits).
What to add here: another format, another bound.
What must not be here: what a value is (`credit_platform.values`), which columns there are (the portfolio).
"""
