"""Small Home Credit tables for tests: a portfolio assembled from the declarations, rows by hand and random rows."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import polars as pl

from credit_platform.features import build_group
from credit_platform.portfolios.economics import CostMatrix
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.home_credit.features import AUDIT_FEATURES, CROSS_FEATURES, FEATURE_GROUPS
from credit_platform.portfolios.home_credit.reasons import REASONS
from credit_platform.portfolios.home_credit.tables import TABLES
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column, SourceTable
from credit_platform.values import POLARS_TYPES

Row = Mapping[str, Any]
Tables = dict[str, pl.LazyFrame]
HISTORIES = tuple(table.name for table in TABLES if not table.name.startswith("application"))


@cache
def home_credit() -> Portfolio:
    """The portfolio as its declarations make it, with costs that play no part here."""
    return Portfolio(
        name="home_credit",
        title="Home Credit",
        description="Loans to people with little credit history.",
        source="Made for tests.",
        tables=TABLES,
        training_table="application_train",
        scoring_table="application_test",
        applicant_key="SK_ID_CURR",
        target="TARGET",
        feature_groups=FEATURE_GROUPS,
        cross_features=CROSS_FEATURES,
        audit_features=AUDIT_FEATURES,
        reasons=REASONS,
        costs=CostMatrix(false_negative=10, false_positive=1, source="test"),
    )


def group(name: str) -> FeatureGroup:
    """Feature group by name."""
    return next(g for g in FEATURE_GROUPS if g.name == name)


def _default(column: Column) -> Any:
    if column.nullable:
        return None
    if column.allowed is not None:
        return column.allowed[0]
    if not column.type.is_numeric:
        return "?"
    low = -1e9 if column.minimum is None else column.minimum
    high = 1e9 if column.maximum is None else column.maximum
    return int(min(max(0.0, low), high))


def table_of(name: str, rows: Sequence[Row]) -> pl.LazyFrame:
    """Typed table of rows that name only what matters; other columns are null or take a plain valid value."""
    table = home_credit().table(name)
    known = set(table.column_names)
    for row in rows:
        assert set(row) <= known, f"{name} has no column {set(row) - known}"
    complete = [{c.name: row.get(c.name, _default(c)) for c in table.columns} for row in rows]
    return pl.LazyFrame(complete, schema={c.name: POLARS_TYPES[c.type] for c in table.columns})


def features_of(name: str, rows: Sequence[Row], **others: Sequence[Row]) -> dict[int, dict[str, Any]]:
    """Features of one group by applicant; `others` are further tables."""
    wanted = group(name)
    tables = {table: table_of(table, table_rows) for table, table_rows in others.items()}
    if wanted.table == "application_train":
        tables.setdefault("application_test", table_of("application_test", []))
    tables[wanted.table] = table_of(wanted.table, rows)
    frame = build_group(wanted, tables, home_credit()).collect()
    return {row["SK_ID_CURR"]: row for row in frame.iter_rows(named=True)}


def one(name: str, rows: Sequence[Row], **others: Sequence[Row]) -> dict[str, Any]:
    """Features of the only applicant, whose key is filled in where it is missing."""
    has_key = "SK_ID_CURR" in home_credit().table(group(name).table).column_names
    filled = [{"SK_ID_CURR": 1, **row} for row in rows] if has_key else rows
    (features,) = features_of(name, filled, **others).values()
    return features


def _random_value(column: Column, draw: random.Random) -> Any:
    if column.nullable and draw.random() < 0.2:
        return None
    if column.sentinel is not None and draw.random() < 0.2:
        return column.sentinel
    if column.allowed is not None:
        return draw.choice(column.allowed)
    if not column.type.is_numeric:
        return draw.choice(["a", "b"])
    return _random_number(column, draw)


def _random_number(column: Column, draw: random.Random) -> float:
    if column.name.startswith("AMT_") and "REQ" not in column.name:
        floor = 20_000 if column.minimum is not None and column.minimum > 0 else 0
        return round(draw.choice([0.0, 1.0, 1.0, 1.0]) * draw.uniform(0, 600_000) / 0.045) * 0.045 // 1 + floor
    if column.name.startswith("DAYS_") and column.name != "DAYS_BIRTH":
        return draw.randint(-1500, 0 if column.maximum == 0 else 300)
    if column.name == "MONTHS_BALANCE":
        return draw.randint(-40, 0)
    if column.name.startswith("SK_DPD") or column.name == "CREDIT_DAY_OVERDUE":
        return draw.choice([0, 0, 0, draw.randint(1, 90)])
    low = -100.0 if column.minimum is None else column.minimum
    high = min(100.0, 1.0 if column.maximum is None else column.maximum)
    return (
        draw.uniform(low, high)
        if column.type.value.startswith("float") and high <= 1
        else draw.randint(int(low), max(int(low), int(high)))
    )


def random_tables(applicants: int, seed: int) -> dict[str, list[dict[str, Any]]]:
    """Rows of all eight tables with valid values, most applicants with histories, one in five without."""
    draw = random.Random(seed)
    loans = iter(range(1, 10**9))

    def rows(table: SourceTable, **fixed: Any) -> dict[str, Any]:
        return {c.name: fixed[c.name] if c.name in fixed else _random_value(c, draw) for c in table.columns}

    tables: dict[str, list[dict[str, Any]]] = {table.name: [] for table in TABLES}
    contract = {table.name: table for table in TABLES}
    for key in range(1, applicants + 1):
        name = "application_test" if key % 4 == 0 else "application_train"
        tables[name].append(rows(contract[name], SK_ID_CURR=key))
        if key % 5 == 0:
            continue
        for _ in range(draw.randint(1, 5)):
            credit = next(loans)
            tables["bureau"].append(rows(contract["bureau"], SK_ID_CURR=key, SK_ID_BUREAU=credit))
            for month in range(draw.randint(0, 8)):
                tables["bureau_balance"].append(
                    rows(contract["bureau_balance"], SK_ID_BUREAU=credit, MONTHS_BALANCE=-month)
                )
        for _ in range(draw.randint(1, 5)):
            for name, row in _loan(key, next(loans), draw):
                tables[name].append(rows(contract[name], **row))
    return tables


def _loan(applicant: int, loan: int, draw: random.Random) -> Iterator[tuple[str, dict[str, int]]]:
    """Tables and keys of the rows of one loan."""
    keys = {"SK_ID_CURR": applicant, "SK_ID_PREV": loan}
    yield "previous_application", keys
    kind = draw.choice(["pos_cash_balance", "pos_cash_balance", "credit_card_balance"])
    for month in range(draw.randint(0, 30)):
        yield kind, {**keys, "MONTHS_BALANCE": -month}
    for number in range(draw.randint(0, 8)):
        yield "installments_payments", {**keys, "NUM_INSTALMENT_NUMBER": number}


def frames(tables: Mapping[str, Sequence[Row]]) -> Tables:
    """Typed lazy frames of rows by table."""
    return {name: table_of(name, rows) for name, rows in tables.items()}
