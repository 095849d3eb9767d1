"""A third engine for feature definitions: one applicant's values, without data frames.

A data frame engine needs some 15 microseconds for each expression, however few the rows: 700 features are 20 ms. Here
the same Narwhals expressions become a list of plain operations, each computed once, on Python values (one row) or
NumPy arrays (the rows of a history): a tenth of the time.

What is here: `graph` (operations, each once), `expressions` (from Narwhals to operations), `scalar` and `columns` (what
each operation does), `program` (stages as a list of operations), `groups` (a feature group by such a program).
What to add here: an operation that a portfolio uses, in `expressions` and in both of `scalar` and `columns`.
What must not be here: a feature, a rule of its own. What an operation gives is what Polars gives, and tests compare the
two; an operation that is not known here raises `Unsupported`, and `choice.py` takes Polars. Why it is here at all:
docs/adr/0012.
"""

from credit_platform.features.engines.direct.columns import Column
from credit_platform.features.engines.direct.graph import Unsupported
from credit_platform.features.engines.direct.program import HistoryProgram, RowProgram

__all__ = ["Column", "HistoryProgram", "RowProgram", "Unsupported"]
