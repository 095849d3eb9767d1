"""Of what a feature is made: its expression with every intermediate column replaced by what it stands for.

What is here: `constructions`; two features of one construction are equal whatever the data are.
What to add here: another rewriting that keeps the meaning (an order of summands, say).
What must not be here: looking at data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import narwhals as nw

from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.portfolio import Portfolio

_COLUMN = re.compile(r"\bcol\((\w+)\)")
_RAW = "raw["


def constructions(portfolio: Portfolio) -> dict[str, str]:
    """Feature -> text of its construction out of columns of the tables."""
    made: dict[str, str] = {}
    for group in portfolio.feature_groups:
        made |= _of_group(group)
    finished = dict(made)
    return made | {f.name: _resolved(f.expression, finished, "") for f in portfolio.cross_features}


def reads_columns(construction: str) -> bool:
    """Whether any column of a table goes into a construction."""
    return _RAW in construction or "len()" in construction or "_horizontal(" in construction


def _of_group(group: FeatureGroup) -> dict[str, str]:
    where, columns = group.table, dict[str, str]()
    for step in group.steps:
        columns |= _step(step, columns, where)
    if group.reduction is not None:
        per_loan = _step(group.reduction.aggregates, columns, where)
        keys = ",".join(group.reduction.key)
        columns = {name: f"by {keys}: {text}" for name, text in per_loan.items()}
        where = f"{where} by {keys}"
        for step in group.reduced_steps:
            columns |= _step(step, columns, where)
    rows = f"rows of {where}: " if group.history else ""
    made = {f.name: rows + _resolved(f.expression, columns, where) for f in group.features}
    return made | {f.name: _resolved(f.expression, made, where) for f in group.derived}


def _step(step: Mapping[str, nw.Expr], columns: Mapping[str, str], where: str) -> dict[str, str]:
    return {name: _resolved(expression, columns, where) for name, expression in step.items()}


def _resolved(expression: nw.Expr, columns: Mapping[str, str], where: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        name = match[1]
        return f"({columns[name]})" if name in columns else f"{_RAW}{where}.{name}]"

    text = _COLUMN.sub(replaced, repr(expression))
    alone = re.fullmatch(r"\((.*)\)", text) if _COLUMN.fullmatch(repr(expression)) else None
    return alone[1] if alone else text
