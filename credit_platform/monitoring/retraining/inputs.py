"""Loans that a model can learn from: their outcome is mature, and the log keeps what was sent.

What is here: `mature_loans`, `count_trainable`, and `read_inputs`, which reads what a request was made of.
What to add here: another thing of a decision that training needs.
What must not be here: computing features (`admitting.py`), and anything that changes a log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl
from sqlalchemy import Row, select

from credit_platform.monitoring.decision_log.database import sqlite_file
from credit_platform.monitoring.decision_log.schema import DECISIONS
from credit_platform.monitoring.decisions.logs import HELD, PAGE, ROWS, NamedLog
from credit_platform.monitoring.performance.followed import MATURE, follow, granted, resolved, vintages
from credit_platform.monitoring.retraining.evidence import Trainable
from credit_platform.portfolios.monitoring_policy import MonitoringPolicy

LOANS: Final = pl.Schema({**HELD, "defaulted": pl.Boolean()})
"""Columns of `mature_loans`."""
_READ: Final = ("id", "decided_at", "applicant_id", "inputs", "features", "feature_version", "answer")


def mature_loans(decisions: pl.DataFrame, outcomes: pl.DataFrame, policy: MonitoringPolicy) -> pl.DataFrame:
    """Granted loans, of all models, that a month which counts was made of, with what became of them.

    A month counts as in `monitoring/performance`: of a younger one only defaults would be known.

    Returns:
        The columns of `LOANS`, by log and row; `defaulted` is whether it had at the months of maturity.
    """
    followed = follow(decisions, outcomes, policy)
    counting = vintages(followed, policy).filter(pl.col("state") == MATURE).select("model_digest", "month")
    loans = granted(followed).join(counting, on=["model_digest", "month"], how="semi")
    return resolved(loans, policy.maturity_months).select(LOANS.names()).cast(LOANS).sort("log", "row")


def count_trainable(logs: Sequence[NamedLog], loans: pl.DataFrame) -> Trainable:
    """How many of `loans` there are, and of how many the log keeps the inputs.

    Raises:
        DecisionLogError: a log cannot be read.
    """
    kept = pl.concat([pl.DataFrame(schema=HELD), *(_with_inputs(log, _rows_of(loans, log)) for log in logs)])
    known = loans.join(kept, on=HELD.names(), how="semi")
    return Trainable(
        outcomes=loans.height,
        defaults=int(loans["defaulted"].sum()),
        with_inputs=known.height,
        defaults_with_inputs=int(known["defaulted"].sum()),
    )


def read_inputs(log: NamedLog, loans: pl.DataFrame) -> Iterator[Sequence[Row[Any]]]:
    """What the decisions of `loans` were made of, in pieces; one that was removed meanwhile is left out.

    Raises:
        DecisionLogError: the log cannot be reached.
    """
    keys = _rows_of(loans, log)
    query = select(*(DECISIONS.c[name] for name in _READ))
    for some in (keys[i : i + ROWS] for i in range(0, len(keys), ROWS)):
        with log.store.session(reading=True) as connection:
            yield connection.execute(query.where(DECISIONS.c.id.in_(some)).order_by(DECISIONS.c.id)).all()


def applicants_of(log: NamedLog, loans: pl.DataFrame) -> list[tuple[int, str | None]]:
    """Number of each of these decisions that the log still holds, and whom it was about.

    Raises:
        DecisionLogError: the log cannot be reached.
    """
    found: list[tuple[int, str | None]] = []
    keys = _rows_of(loans, log)
    query = select(DECISIONS.c.id, DECISIONS.c.applicant_id)
    for some in (keys[i : i + PAGE] for i in range(0, len(keys), PAGE)):
        with log.store.session(reading=True) as connection:
            found += [(row.id, row.applicant_id) for row in connection.execute(query.where(DECISIONS.c.id.in_(some)))]
    return found


def _rows_of(loans: pl.DataFrame, log: NamedLog) -> list[int]:
    return loans.filter(pl.col("log") == log.name)["row"].to_list()


def _with_inputs(log: NamedLog, keys: Sequence[int]) -> pl.DataFrame:
    file = sqlite_file(log.store.engine)
    if not keys or (file is not None and not file.is_file()):
        return pl.DataFrame(schema=HELD)
    found: list[tuple[str, int, Any]] = []
    query = select(DECISIONS.c.id, DECISIONS.c.decided_at).where(DECISIONS.c.inputs.is_not(None))
    for some in (keys[i : i + PAGE] for i in range(0, len(keys), PAGE)):
        with log.store.session(reading=True) as connection:
            rows = connection.execute(query.where(DECISIONS.c.id.in_(some))).all()
        found += [(log.name, row.id, row.decided_at) for row in rows]
    return pl.DataFrame(found, schema=HELD, orient="row")
