"""The feature catalogue: what each feature means and how it is distributed."""

from __future__ import annotations

import polars as pl

from credit_platform.portfolios.feature_group import Feature, FeatureKind
from credit_platform.portfolios.portfolio import Portfolio

SAMPLE_ROWS = 50_000
QUANTILES = {"p01": 0.01, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p99": 0.99}
TOP_CATEGORIES = 5
CATALOGUE_SCHEMA: dict[str, type[pl.DataType]] = {
    "feature": pl.String,
    "description": pl.String,
    "unit": pl.String,
    "kind": pl.String,
    "source": pl.String,
    "reason": pl.String,
    "monotone": pl.Int8,
    "valid_minimum": pl.Float64,
    "valid_maximum": pl.Float64,
    "null_share": pl.Float64,
    "distinct": pl.Int64,
    "mean": pl.Float64,
    "minimum": pl.Float64,
    **dict.fromkeys(QUANTILES, pl.Float64),
    "maximum": pl.Float64,
    "top_categories": pl.String,
}


def catalogue(portfolio: Portfolio, frame: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Describe every feature of `portfolio` as it is in `frame`.

    Args:
        portfolio: the portfolio.
        frame: its feature table, as `build_features` gives it.

    Returns:
        One row per feature in the order of the table, columns `CATALOGUE_SCHEMA`. Null share, mean, minimum and
        maximum are over all rows; distinct values and quantiles over every n-th row of tables above 50,000 rows.
        `source` is the raw table, or "several" for a cross feature. Write it with `write_csv`.
    """
    lazy = frame.lazy()
    features = portfolio.features
    rows: int = lazy.select(pl.len()).collect().item()
    numeric = [f.name for f in features if f.kind is FeatureKind.NUMERIC]
    names = [f.name for f in features]
    whole = lazy.select(
        *(pl.col(n).null_count().alias(f"{n}|nulls") for n in names),
        *(getattr(pl.col(n), how)().alias(f"{n}|{how}") for n in numeric for how in ("mean", "min", "max")),
    )
    facts = whole.collect(engine="streaming").row(0, named=True)
    sample = lazy.select(names).gather_every(max(1, -(-rows // SAMPLE_ROWS))).collect()
    sources = _sources(portfolio)
    described = [_describe(feature, sources[feature.name], facts, sample[feature.name], rows) for feature in features]
    return pl.DataFrame(described, schema=CATALOGUE_SCHEMA)


def catalogue_markdown(table: pl.DataFrame, title: str) -> str:
    """Write a catalogue as Markdown: a heading, then one table per source."""
    lines = [f"# {title}", "", f"{table.height} features.", ""]
    for source in table["source"].unique(maintain_order=True):
        part = table.filter(pl.col("source") == source)
        lines += [f"## {source} ({part.height})", "", *_HEADER, *map(_line, part.iter_rows(named=True)), ""]
    return "\n".join(lines)


_HEADER = (
    "| feature | what it says | unit | reason | risk | nulls | typical values |",
    "|---|---|---|---|---|---|---|",
)
_ARROWS = {1: "rises", -1: "falls", 0: ""}


def _line(row: dict[str, object]) -> str:
    typical = row["top_categories"]
    if typical is None and row["p50"] is not None:
        typical = f"{row['p25']:.4g} / {row['p50']:.4g} / {row['p75']:.4g}"
    cells = (
        f"`{row['feature']}`",
        row["description"],
        row["unit"] or "",
        row["reason"],
        _ARROWS[int(str(row["monotone"]))],
        f"{row['null_share']:.1%}",
        typical or "",
    )
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _sources(portfolio: Portfolio) -> dict[str, str]:
    sources = dict.fromkeys((feature.name for feature in portfolio.cross_features), "several")
    for group in portfolio.feature_groups:
        sources.update((feature.name, group.table) for feature in group.all_features)
    return sources


def _describe(
    feature: Feature, source: str, facts: dict[str, float | None], sample: pl.Series, rows: int
) -> dict[str, object]:
    nulls = facts[f"{feature.name}|nulls"] or 0
    known = sample.drop_nulls()
    described: dict[str, object] = {
        "feature": feature.name,
        "description": feature.description,
        "unit": feature.unit,
        "kind": feature.kind.value,
        "source": source,
        "reason": feature.reason,
        "monotone": feature.monotone,
        "valid_minimum": feature.minimum,
        "valid_maximum": feature.maximum,
        "null_share": nulls / rows if rows else 0.0,
        "distinct": known.n_unique(),
    }
    if feature.kind is FeatureKind.CATEGORICAL:
        return {**described, "top_categories": _name_categories(known)}
    ordered = known.sort()
    quantiles = {name: ordered.quantile(at, "linear") for name, at in QUANTILES.items()}
    extremes = {"mean": "mean", "min": "minimum", "max": "maximum"}
    return {**described, **quantiles, **{new: facts[f"{feature.name}|{old}"] for old, new in extremes.items()}}


def top_categories(values: pl.Series) -> pl.DataFrame:
    """The commonest values of a column without nulls, with their `count`."""
    counts = values.alias("value").value_counts().sort(["count", "value"], descending=[True, False])
    return counts.head(TOP_CATEGORIES)


def _name_categories(values: pl.Series) -> str:
    top = top_categories(values)
    shares = (f"{value} ({count / values.len():.0%})" for value, count in top.iter_rows())
    rest = values.n_unique() - top.height
    return ", ".join(shares) + (f", {rest} more" if rest > 0 else "")
