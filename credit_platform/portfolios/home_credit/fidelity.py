"""How close generated files come to the statistics of the real ones, column by column.

What is here: `compare`, the tolerances it holds the files to, and its rendering as Markdown and HTML.
What to add here: a further statistic of a column or of the relation between files.
What must not be here: drawing (see `generator`); statistics of real rows (see `generator/facts.json`).

Distances: null share, absolute difference; categories, total variation distance (half the sum of absolute differences
of the shares); numbers, the largest distance between a level (1, 25, 50, 75, 99 %) and the share of generated values up
to the real quantile of that level, ties counted in favour; relations between files, relative difference.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import pi
from pathlib import Path

import polars as pl

from credit_platform.files import literal
from credit_platform.portfolios.home_credit.generator.facts import LEVELS, ColumnFacts, join_facts, source, table_facts
from credit_platform.portfolios.home_credit.tables import TABLES
from credit_platform.portfolios.source_table import ColumnType, SourceTable

TOLERANCES = {
    "application_train": {"null share": 0.02, "categories": 0.03, "quantiles": 0.04},
    "application_test": {"null share": 0.02, "categories": 0.04, "quantiles": 0.05},
    "histories": {"null share": 0.05, "categories": 0.08, "quantiles": 0.12},
    "relations": {"relation": 0.25},
}
"""Largest distance that counts as within tolerance, at a scale of 0.02 or more; for categories chance is added."""

_TYPES = {
    ColumnType.STRING: pl.String,
    ColumnType.FLOAT32: pl.Float64,
    ColumnType.FLOAT64: pl.Float64,
}
_SLACK = 1e-5
"""Relative slack around a quantile: the statistics are kept with six digits."""
_APPLICANT, _EARLIER, _BUREAU_LOAN = "SK_ID_CURR", "SK_ID_PREV", "SK_ID_BUREAU"


@dataclass(frozen=True)
class _Row:
    table: str
    column: str
    statistic: str
    real: str
    generated: str
    distance: float
    chance: float = 0.0
    """Distance to be expected from sampling alone; added to the tolerance."""


def compare(folder: Path) -> pl.DataFrame:
    """Compare the eight files in `folder` with the statistics of the real ones.

    Returns:
        One row per column and statistic: table, column, statistic, real, generated (both as text), distance,
        tolerance, within (whether distance <= tolerance).
    """
    scans = {table.name: _scan(folder, table) for table in TABLES}
    rows = [row for table in TABLES for row in _columns(table, scans[table.name])]
    rows.extend(_relations(scans))
    frame = pl.DataFrame(
        [
            (row.table, row.column, row.statistic, row.real, row.generated, row.distance, _tolerance(row))
            for row in rows
        ],
        schema={
            "table": pl.String,
            "column": pl.String,
            "statistic": pl.String,
            "real": pl.String,
            "generated": pl.String,
            "distance": pl.Float64,
            "tolerance": pl.Float64,
        },
        orient="row",
    )
    return frame.with_columns((pl.col("distance") <= pl.col("tolerance")).alias("within"))


def summary(comparison: pl.DataFrame) -> pl.DataFrame:
    """Per table and statistic: how many comparisons, how many within tolerance, mean and largest distance."""
    return (
        comparison.group_by("table", "statistic", maintain_order=True)
        .agg(
            pl.len().alias("compared"),
            pl.col("within").sum().alias("within"),
            pl.col("distance").mean().round(4).alias("mean_distance"),
            pl.col("distance").max().round(4).alias("largest_distance"),
            pl.col("tolerance").min().round(4),
        )
        .sort("statistic", "table", maintain_order=True)
    )


def to_html(comparison: pl.DataFrame) -> str:
    """Every comparison, as one HTML page; rows outside tolerance are marked."""
    head = "".join(f"<th>{name}</th>" for name in comparison.columns)
    body = "".join(
        f'<tr class="{"within" if row["within"] else "outside"}">'
        + "".join(f"<td>{html.escape(_shown(value))}</td>" for value in row.values())
        + "</tr>"
        for row in comparison.iter_rows(named=True)
    )
    share = float(comparison.select(pl.col("within").mean()).item())
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Fidelity of synthetic Home Credit files</title>'
        "<style>body{font-family:sans-serif}td,th{padding:2px 8px;text-align:left}.outside{background:#fde2e2}</style>"
        f"<h1>Fidelity of the synthetic Home Credit files</h1><p>{html.escape(source())}</p>"
        f"<p>{share:.1%} of {len(comparison)} comparisons are within tolerance.</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></html>\n"
    )


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _tolerance(row: _Row) -> float:
    if row.statistic == "relation":
        return TOLERANCES["relations"]["relation"]
    return TOLERANCES.get(row.table, TOLERANCES["histories"])[row.statistic] + row.chance


def _scan(folder: Path, table: SourceTable) -> pl.LazyFrame:
    schema = {column.name: _TYPES.get(column.type, pl.Int64) for column in table.columns}
    return literal.scan_csv(folder / table.file_name, schema=pl.Schema(schema))


def _columns(table: SourceTable, scan: pl.LazyFrame) -> Iterator[_Row]:
    facts = table_facts(table.name)
    numbers = [c.name for c in table.columns if c.name in facts and c.type is not ColumnType.STRING]
    texts = [c.name for c in table.columns if c.name in facts and c.type is ColumnType.STRING]
    found = scan.select(
        pl.len().alias("rows"),
        *(pl.col(name).null_count().alias(f"{name} null") for name in (*numbers, *texts)),
        *(shared for name in numbers for shared in _shares_up_to(name, facts[name])),
    ).collect(engine="streaming")
    values = dict(zip(found.columns, found.row(0), strict=True))
    for name in (*numbers, *texts):
        real, generated = facts[name].null, values[f"{name} null"] / max(values["rows"], 1)
        yield _Row(table.name, name, "null share", f"{real:.4f}", f"{generated:.4f}", abs(real - generated))
    for name in numbers:
        pairs = [(values[f"{name} {level} below"] or 0.0, values[f"{name} {level} upto"] or 0.0) for level in LEVELS]
        gaps = [max(below - level, level - upto, 0.0) for level, (below, upto) in zip(LEVELS, pairs, strict=True)]
        reached = " ".join(f"{upto:.2f}" for _, upto in pairs)
        real_text = " ".join(f"{value:g}" for value in facts[name].quantiles[1:-1])
        yield _Row(table.name, name, "quantiles", real_text, reached, max(gaps))
    counted = scan.select(pl.col(name).drop_nulls().value_counts().implode() for name in texts)
    found_words = counted.collect(engine="streaming") if texts else pl.DataFrame()
    for name in texts:
        counts = {row[name]: row["count"] for row in found_words[name].item()}
        yield _categories(table.name, name, facts[name], counts)


def _shares_up_to(name: str, facts: ColumnFacts) -> Iterator[pl.Expr]:
    for level, quantile in zip(LEVELS, facts.quantiles[1:-1], strict=True):
        slack = abs(quantile) * _SLACK
        yield (pl.col(name) < quantile - slack).mean().alias(f"{name} {level} below")
        yield (pl.col(name) <= quantile + slack).mean().alias(f"{name} {level} upto")


def _categories(table: str, name: str, facts: ColumnFacts, counts: Mapping[str, int]) -> _Row:
    total = max(sum(counts.values()), 1)
    generated = {value: count / total for value, count in counts.items()}
    real = facts.shares
    distance = 0.5 * sum(abs(real.get(key, 0.0) - generated.get(key, 0.0)) for key in {*real, *generated})
    top = sorted(real, key=lambda key: -real[key])[:3]
    return _Row(
        table,
        name,
        "categories",
        ", ".join(f"{key} {real[key]:.3f}" for key in top),
        ", ".join(f"{key} {generated.get(key, 0.0):.3f}" for key in top),
        distance,
        # Draws from the real shares themselves would be this far from them on average.
        chance=sum((share * (1.0 - share) / (2.0 * pi * total)) ** 0.5 for share in real.values()),
    )


def _relations(scans: dict[str, pl.LazyFrame]) -> Iterator[_Row]:
    """Rows per applicant and loan, applicants with a history, and rows without a parent, against the real files."""
    applicants = pl.concat([scans[name].select(_APPLICANT) for name in ("application_train", "application_test")])
    people = int(applicants.select(pl.len()).collect().item())
    facts = join_facts()
    for table, key in facts.per_key:
        counts = scans[table].group_by(key).len().select(pl.col("len").mean().alias("mean"), pl.len().alias("keys"))
        mean, keys = counts.collect(engine="streaming").row(0)
        yield _relation(table, key, "rows each", facts.per_key[table, key], float(mean or 0.0))
        if key == _APPLICANT:
            yield _relation(table, key, "share of applicants", facts.applicant_share[table], keys / max(people, 1))
    parents = {_EARLIER: "previous_application", _BUREAU_LOAN: "bureau"}
    for (table, key), real in facts.orphan_share.items():
        orphans = scans[table].join(scans[parents[key]].select(key), on=key, how="anti").select(pl.len())
        rows = scans[table].select(pl.len()).collect().item()
        yield _relation(
            table, key, "rows without parent", real, orphans.collect(engine="streaming").item() / max(rows, 1)
        )


def _relation(table: str, key: str, what: str, real: float, generated: float) -> _Row:
    distance = abs(generated - real) / real
    return _Row(table, key, "relation", f"{what}: {real:.3f}", f"{what}: {generated:.3f}", distance)
