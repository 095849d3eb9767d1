"""A small portfolio with histories, and data for it, for the tests of the feature engine."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import narwhals as nw
import polars as pl

from credit_platform.portfolios.economics import CostMatrix
from credit_platform.portfolios.feature_group import Feature, FeatureGroup, FeatureKind, Reduction
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.reason import Reason
from credit_platform.portfolios.source_table import Column, ColumnType, ForeignKey, SourceTable

KEY = Column(name="person", type=ColumnType.INT32, description="Applicant.")
ASKED = SourceTable(
    name="asked",
    file_name="asked.csv",
    description="Applications.",
    primary_key=("person",),
    columns=(
        KEY,
        Column(name="income", type=ColumnType.FLOAT32, description="Income.", nullable=True, minimum=0),
        Column(
            name="days_worked", type=ColumnType.INT32, description="Days.", nullable=True, maximum=0, sentinel=365243
        ),
        Column(name="children", type=ColumnType.INT8, description="Children.", minimum=0, maximum=20),
        Column(name="city", type=ColumnType.STRING, description="City.", allowed=("A", "B"), sentinel="XNA"),
        Column(name="sex", type=ColumnType.STRING, description="Sex.", allowed=("F", "M"), protected="sex"),
        Column(name="bad", type=ColumnType.INT8, description="Outcome.", allowed=(0, 1)),
    ),
)
SCORED = SourceTable(
    name="scored",
    file_name="scored.csv",
    description="Applications without outcome.",
    primary_key=("person",),
    columns=ASKED.columns[:-1],
)
LOANS = SourceTable(
    name="loans",
    file_name="loans.csv",
    description="Earlier loans.",
    primary_key=("loan",),
    foreign_keys=(ForeignKey(column="person", parent="asked", parent_column="person"),),
    columns=(
        KEY,
        Column(name="loan", type=ColumnType.INT64, description="Loan."),
        Column(name="day", type=ColumnType.INT16, description="Day, 0 = application.", unit="days", nullable=True),
        Column(name="debt", type=ColumnType.FLOAT64, description="Debt.", nullable=True),
        Column(name="kind", type=ColumnType.STRING, description="Kind.", nullable=True),
    ),
)
PAYMENTS = SourceTable(
    name="payments",
    file_name="payments.csv",
    description="Payments on earlier loans.",
    foreign_keys=(ForeignKey(column="loan", parent="loans", parent_column="loan"),),
    columns=(
        Column(name="loan", type=ColumnType.INT64, description="Loan."),
        Column(name="day", type=ColumnType.INT16, description="Day.", unit="days"),
        Column(name="due", type=ColumnType.FLOAT64, description="Due."),
        Column(name="paid", type=ColumnType.FLOAT64, description="Paid.", nullable=True),
    ),
)


def feature(name: str, expression: nw.Expr, *, kind: FeatureKind = FeatureKind.NUMERIC, **more: Any) -> Feature:
    """A feature of the family "r"."""
    return Feature(name=name, expression=expression, description=f"{name}.", reason="r", kind=kind, **more)


def column(name: str) -> nw.Expr:
    """Shorthand."""
    return nw.col(name)


APPLICATION = FeatureGroup(
    name="application",
    table="asked",
    description="Application.",
    steps=({"per_child": column("income") / column("children")},),
    features=(
        feature("income", column("income"), minimum=0, maximum=1e6),
        feature("per_child", column("per_child")),
        feature("worked", column("days_worked")),
        feature("is_a", column("city") == "A"),
        feature("city", column("city"), kind=FeatureKind.CATEGORICAL),
        feature("log_children", column("children").log()),
    ),
    derived=(feature("income_per_day", column("income") / column("worked")),),
)
HISTORY = FeatureGroup(
    name="loans",
    table="loans",
    description="Earlier loans.",
    history=True,
    known_at=column("day") <= 0,
    steps=({"recent": column("day") >= -100, "rate": column("debt") / column("day")},),
    features=(
        feature("loans__count", nw.len()),
        feature("loans__debt__sum", column("debt").sum()),
        feature("loans__debt__mean", column("debt").mean()),
        feature("loans__recent__debt__max", nw.when(column("recent")).then(column("debt")).max()),
        feature("loans__rate__mean", column("rate").mean()),
        feature("loans__kinds", column("kind").n_unique()),
    ),
    derived=(feature("loans__debt__share", column("loans__debt__mean") / column("loans__debt__sum")),),
)
REPAYMENT = FeatureGroup(
    name="payments",
    table="payments",
    description="Payments, by loan, then by applicant.",
    history=True,
    known_at=column("day") <= 0,
    steps=({"short": column("due") - column("paid").fill_null(0)},),
    reduction=Reduction(
        key=("loan",),
        aggregates={"short": column("short").sum(), "last": column("day").max(), "due": column("due").sum()},
        parent="loans",
        parent_columns=("debt",),
    ),
    reduced_steps=({"short_share": column("short") / column("due")},),
    features=(
        feature("payments__short_share__max", column("short_share").max()),
        feature("payments__debt__sum", column("debt").sum()),
        feature("payments__last__max", column("last").max()),
    ),
)
REASON = Reason(code="r", adverse_fr="a", adverse_en="b", favourable_fr="c", favourable_en="d")
TOY = Portfolio(
    name="toy",
    title="Toy",
    description="Toy.",
    source="Made up.",
    tables=(ASKED, SCORED, LOANS, PAYMENTS),
    training_table="asked",
    scoring_table="scored",
    applicant_key="person",
    target="bad",
    feature_groups=(APPLICATION, HISTORY, REPAYMENT),
    cross_features=(
        feature("debt_to_income", column("loans__debt__sum") / column("income")),
        feature("city_known", (column("city") == "B").cast(nw.Int8)),
    ),
    audit_features=(feature("is_female", column("sex") == "F"),),
    reasons=(REASON,),
    costs=CostMatrix(false_negative=5, false_positive=1, source="made up"),
)


def raw_frame(table: SourceTable, rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows typed as the contract says."""
    schema = {c.name: getattr(pl, c.type.name.capitalize().replace("Int", "Int")) for c in table.columns}
    return pl.DataFrame(rows, schema=schema)


def make_tables(people: int = 30, seed: int = 0) -> dict[str, pl.DataFrame]:
    """Random raw tables; the last third of the people are to be scored, one in four has no history."""
    draw = random.Random(seed)
    asked: list[dict[str, object]] = []
    loans: list[dict[str, object]] = []
    payments: list[dict[str, object]] = []
    for person in range(people):
        asked.append(_application(person, draw))
        for number in range(0 if person % 4 == 0 else draw.randint(1, 5)):
            loan = person * 10 + number
            loans.append(_loan(person, loan, draw))
            payments += [_payment(loan, draw) for _ in range(draw.randint(0, 6))]
    cut = people * 2 // 3
    scored = [{name: value for name, value in row.items() if name != "bad"} for row in asked[cut:]]
    return {
        "asked": raw_frame(ASKED, asked[:cut]),
        "scored": raw_frame(SCORED, scored),
        "loans": raw_frame(LOANS, loans),
        "payments": raw_frame(PAYMENTS, payments),
    }


def lazy(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.LazyFrame]:
    """The tables as lazy frames."""
    return {name: frame.lazy() for name, frame in tables.items()}


def _application(person: int, draw: random.Random) -> dict[str, object]:
    return {
        "person": person,
        "income": draw.choice([None, 0.1 + draw.random() * 1000]),
        "days_worked": draw.choice([365243, 0, -draw.randint(1, 9000), None]),
        "children": draw.randint(0, 3),
        "city": draw.choice(["A", "B", "XNA"]),
        "sex": draw.choice(["F", "M"]),
        "bad": draw.randint(0, 1),
    }


def _loan(person: int, loan: int, draw: random.Random) -> dict[str, object]:
    return {
        "person": person,
        "loan": loan,
        "day": draw.choice([None, 0, -draw.randint(1, 300), draw.randint(1, 30)]),
        "debt": draw.choice([None, 0.0, draw.random() * 100]),
        "kind": draw.choice([None, "car", "cash"]),
    }


def _payment(loan: int, draw: random.Random) -> dict[str, object]:
    due = draw.choice([0.0, draw.random() * 50])
    return {"loan": loan, "day": draw.randint(-300, 10), "due": due, "paid": draw.choice([None, due, due / 2])}
