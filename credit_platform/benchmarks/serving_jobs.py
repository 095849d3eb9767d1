"""Who is scored when serving is measured, and scoring one applicant at a time without HTTP.

What is here: `requests_of`, bodies of requests made from raw files, and `score_alone`, a job for `processes.measure`.
What to add here: another way to score one applicant that a user would choose.
What must not be here: servers and their clients (`serving.py`, `load.py`), the name of a column.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from credit_platform.files import literal
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.scoring import Request, Scorer
from credit_platform.values import POLARS_TYPES

_WARM_UP = 20
_ROUNDS = 5
"""Times that each applicant is scored."""
Body = dict[str, Any]


def requests_of(portfolio: Portfolio, folder: Path, count: int) -> list[Body]:
    """Bodies of `POST /predict` with all raw rows of some applicants, taken evenly from the training table.

    Args:
        portfolio: whose contracts the files follow.
        folder: the raw files.
        count: number of applicants, fewer where there are fewer.
    """
    key = portfolio.applicant_key
    training = _read(portfolio.table(portfolio.training_table), folder).collect()
    training = training.gather_every(max(1, training.height // count)).head(count)
    own = {portfolio.training_table: training}
    for table in _histories(portfolio):
        own[table.name] = _rows_of(table, own, folder, key)
    by_applicant = {name: _grouped(frame, key) for name, frame in own.items()}
    bodies = []
    for applicant in training[key].to_list():
        (application,) = by_applicant[portfolio.training_table][applicant]
        histories = {t.name: by_applicant[t.name].get(applicant, []) for t in _histories(portfolio)}
        body: Body = {"application": _accepted(application, portfolio.table(portfolio.training_table), portfolio)}
        if histories:
            body["histories"] = {
                name: [_accepted(row, portfolio.table(name), portfolio) for row in rows]
                for name, rows in histories.items()
            }
        bodies.append(body)
    return bodies


def score_alone(scorer: str, applicants: str) -> Mapping[str, Any]:
    """Score applicants one after another, features and reasons included; times in milliseconds.

    Args:
        scorer: folder of the scorer.
        applicants: file with a body of `requests_of` in each line.
    """
    loaded = Scorer.load(Path(scorer))
    bodies = [json.loads(line) for line in Path(applicants).read_text(encoding="utf-8").splitlines()]
    ways: dict[str, list[Request]] = {"application only": [Request(application=b["application"]) for b in bodies]}
    if any("histories" in body for body in bodies):
        ways["full histories"] = [Request(application=b["application"], histories=b["histories"]) for b in bodies]
    answered: dict[str, Any] = {name: _times(loaded, requests) for name, requests in ways.items()}
    rows = [sum(map(len, body.get("histories", {}).values())) for body in bodies]
    return {"times": answered, "rows": {"mean": sum(rows) / len(rows), "most": max(rows)}}


def _times(scorer: Scorer, requests: Sequence[Request]) -> dict[str, float]:
    for request in requests[:_WARM_UP]:
        scorer.score(request)
    times = []
    for request in [*requests] * _ROUNDS:
        started = time.perf_counter()
        scorer.score(request)
        times.append(1000 * (time.perf_counter() - started))
    times.sort()
    return {f"p{share}": times[min(len(times) - 1, len(times) * share // 100)] for share in (50, 95, 99)}


def _histories(portfolio: Portfolio) -> list[SourceTable]:
    """Tables that feed features of histories, parents first, as the portfolio lists them."""
    named = {group.table for group in portfolio.feature_groups if group.history}
    return [table for table in portfolio.tables if table.name in named]


def _read(table: SourceTable, folder: Path) -> pl.LazyFrame:
    types = {column.name: POLARS_TYPES[column.type] for column in table.columns}
    return literal.scan_csv(folder / table.file_name, schema_overrides=types)


def _rows_of(table: SourceTable, own: Mapping[str, pl.DataFrame], folder: Path, key: str) -> pl.DataFrame:
    """Rows of `table` that belong to the applicants, with the applicant's key."""
    rows = _read(table, folder)
    if key in table.column_names:
        applicants = next(iter(own.values()))[key]
        return rows.filter(pl.col(key).is_in(applicants.implode())).collect()
    link = next(link for link in table.foreign_keys if link.parent in own)
    parents = own[link.parent].select(key, pl.col(link.parent_column).alias(link.column)).unique()
    return rows.join(parents.lazy(), on=link.column).collect()


def _grouped(frame: pl.DataFrame, key: str) -> dict[Any, list[Body]]:
    return {part[0]: rows.to_dicts() for part, rows in frame.partition_by(key, as_dict=True).items()}


def _accepted(row: Body, table: SourceTable, portfolio: Portfolio) -> Body:
    """What the service takes of a row: no keys of the applicant, no target, nothing protected, no nulls."""
    refused = {portfolio.applicant_key, portfolio.target, *(c.name for c in table.columns if c.protected is not None)}
    return {name: value for name, value in row.items() if name not in refused and value is not None}
