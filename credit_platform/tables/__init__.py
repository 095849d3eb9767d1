"""The stored tables: what each is called and has to satisfy, and its way from a computed frame to a version in force.

What is here:
    a table     `table.py` (the value of an asset: rows and a summary), `contracts.py`,
                `column_descriptions.py` and `column_rules.py` (what its page says of columns).
    its checks  `checks/` (which ones a table has, by layer), `before_writing.py` (those that are asked before a version
                is written, by key), `judging.py` (the verdict and what becomes of a refused table), `acceptance.py` (a
                person puts it in force all the same).
    its making  `ingestion.py` (a raw file to both its tables), `outcomes.py` and `performance.py` (what became of the
                loans, and how the model did), `retraining.py` (whether to train again, and on whom), `incidents.py`
                (what went wrong),
                `derived.py` (what is computed of stored tables), `quality_page.py` and `unread.py`
                (the page over the raw tables, and what it must not hide).
What to add here: a check of a stored table, the description of a column, what turns stored tables into another one.
What must not be here: Dagster (`orchestration/`), how values are judged (the judges of `quality`, `features`,
`modelling`, `governance`: pure functions of rows), how a version is written (`lakehouse/`).

It is a room of its own, above those with the judges, because it is the one place that knows for a key which of them are
asked; `lakehouse/verdicts.py` only knows what a verdict is.
"""
