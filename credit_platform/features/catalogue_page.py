"""The feature catalogue as one HTML file: a table to search, with a small histogram of each feature.

What is here: `catalogue_page`, which needs no network, no server and no library in the browser.
What to add here: another thing to see of a feature.
What must not be here: figures that the catalogue itself lacks (they belong to `catalogue.py`), and jinja2: this package
travels with the service, which does without.
"""

from __future__ import annotations

from html import escape
from importlib import resources
from string import Template
from typing import Any

import numpy as np
import polars as pl

from credit_platform import presented
from credit_platform.features.catalogue import SAMPLE_ROWS, top_categories
from credit_platform.portfolios.feature_group import FeatureKind
from credit_platform.portfolios.portfolio import Portfolio

BINS = 24
WIDTH, HEIGHT = 144, 30
_LABEL_LETTERS = 20
_BAR_ROW = 12
_RISK = {1: "risk rises with it", -1: "risk falls with it", 0: "no fixed sign"}
_THOUSAND = 1000


def catalogue_page(
    portfolio: Portfolio, table: pl.DataFrame, frame: pl.DataFrame | pl.LazyFrame, *, synthetic: bool
) -> str:
    """Render the catalogue.

    Args:
        portfolio: the portfolio.
        table: its catalogue, as `catalogue` gives it.
        frame: its feature table, of which every n-th row is drawn into the histograms (at most 50,000 rows).
        synthetic: whether the data were generated; the page then says so where it cannot be missed.

    Returns:
        A whole HTML page in UTF-8, with its style, its script and its drawings.
    """
    lazy = frame.lazy()
    applicants: int = lazy.select(pl.len()).collect().item()
    names = [feature.name for feature in portfolio.features]
    sample = lazy.select(names).gather_every(max(1, -(-applicants // SAMPLE_ROWS))).collect()
    rows = "\n".join(_row(row, sample[row["feature"]]) for row in table.iter_rows(named=True))
    template = resources.files("credit_platform.features").joinpath("templates/catalogue.html")
    mark = '<span class="synthetic">Synthetic data: generated, not collected</span>' if synthetic else ""
    return Template(template.read_text(encoding="utf-8")).substitute(
        title=escape(portfolio.title),
        features=f"{table.height:,}",
        applicants=f"{applicants:,}",
        tables=table["source"].n_unique(),
        synthetic=mark,
        sources=_options(table["source"]),
        reasons=_options(table["reason"]),
        rows=rows,
    )


def _options(values: pl.Series) -> str:
    counts = values.alias("value").value_counts().sort("value")
    return "".join(
        f'<option value="{escape(value, quote=True)}">{escape(_words(value))} ({count})</option>'
        for value, count in counts.iter_rows()
    )


def _row(row: dict[str, Any], values: pl.Series) -> str:
    """One line of the table; the numbers that columns are sorted by stand in `data-v`."""
    categorical = row["kind"] == FeatureKind.CATEGORICAL.value
    searched = " ".join((row["feature"], row["description"], _words(row["reason"]), row["source"])).lower()
    unit = f'<span class="unit">{escape(row["unit"])}</span>' if row["unit"] else '<span class="soft">–</span>'
    cells = (
        f'<td class="what"><code>{escape(row["feature"])}</code><div>{escape(row["description"])}</div></td>',
        f"<td>{unit}</td>",
        f'<td><span class="tag">{escape(row["source"])}</span></td>',
        f'<td>{escape(_words(row["reason"]))}<div class="soft">{_RISK[row["monotone"]]}</div></td>',
        f'<td class="n" data-v="{row["null_share"]}">{_share(row["null_share"])}</td>',
        f"<td>{_bars(values) if categorical else _histogram(row['feature'], values)}</td>",
        f"<td>{_categories(row) if categorical else _figures(row)}</td>",
    )
    return (
        f'<tr data-s="{escape(searched, quote=True)}" data-source="{escape(row["source"], quote=True)}" '
        f'data-reason="{escape(row["reason"], quote=True)}" data-kind="{row["kind"]}">{"".join(cells)}</tr>'
    )


def _figures(row: dict[str, Any]) -> str:
    if row["p50"] is None:
        return '<span class="soft">no value</span>'
    heads = {
        "minimum": "min",
        "p01": "1 %",
        "p25": "25 %",
        "p50": "median",
        "p75": "75 %",
        "p99": "99 %",
        "maximum": "max",
    }
    shown = "".join(f"<span><i>{head}</i>{_number(row[name])}</span>" for name, head in heads.items())
    return f'<div class="q">{shown}</div><div class="soft">{_range(row)}</div>'


def _categories(row: dict[str, Any]) -> str:
    return f'{row["distinct"]} values<div class="soft">{_range(row)}</div>'


def _range(row: dict[str, Any]) -> str:
    low, high = row["valid_minimum"], row["valid_maximum"]
    if row["kind"] == FeatureKind.CATEGORICAL.value:
        return "the words of the contract are valid"
    if low is None and high is None:
        return "any number is valid"
    if high is None:
        return f"valid from {_number(low)}"
    return f"valid up to {_number(high)}" if low is None else f"valid {_number(low)} to {_number(high)}"


def _histogram(name: str, values: pl.Series) -> str:
    """Bars between the 1 % and 99 % quantiles; what lies beyond is counted in the outermost bars."""
    numbers = values.drop_nulls().to_numpy()
    if not len(numbers):
        return ""
    low, high = (float(edge) for edge in np.quantile(numbers, [0.01, 0.99]))
    if low == high:
        low, high = float(numbers.min()), float(numbers.max())
    counts, edges = np.histogram(np.clip(numbers, low, high), bins=BINS, range=(low, high if high > low else low + 1))
    step = WIDTH / BINS
    # One path for all bars: 700 histograms of single rectangles would make the page four times as large.
    tallest = int(counts.max())
    bars = "".join(
        f"M{index * step:.1f} {HEIGHT}v-{max(count / tallest * (HEIGHT - 2), 0.8):.1f}h{step - 0.8:.1f}V{HEIGHT}z"
        for index, count in enumerate(counts.tolist())
        if count
    )
    fullest = int(counts.argmax())
    says = (
        f"Distribution of {name}: 98 % of the values lie between {_number(low)} and {_number(high)}; the fullest bar, "
        f"{_number(float(edges[fullest]))} to {_number(float(edges[fullest + 1]))}, "
        f"holds {_share(tallest / len(numbers))}"
    )
    frame = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return (
        f'<svg role="img" {frame}><title>{escape(says)}</title><path d="{bars}"/></svg>'
        f'<div class="ends"><span>{_number(low)}</span><span>{_number(high)}</span></div>'
    )


def _bars(values: pl.Series) -> str:
    """A bar for each of the commonest words."""
    top = list(top_categories(values.drop_nulls()).iter_rows())
    known = len(values) - values.null_count()
    lines = []
    for position, (word, count) in enumerate(top):
        y, share = position * _BAR_ROW, count / known
        label = word if len(word) <= _LABEL_LETTERS else word[: _LABEL_LETTERS - 1] + "…"
        lines.append(
            f'<rect x="0" y="{y + 1}" width="{max(share * WIDTH, 1):.1f}" height="{_BAR_ROW - 2}">'
            f"<title>{escape(word)}: {_share(share)}</title></rect>"
            f'<text x="3" y="{y + 9.5}">{escape(label)}</text>'
            f'<text x="{WIDTH}" y="{y + 9.5}" text-anchor="end">{_share(share)}</text>'
        )
    height = _BAR_ROW * len(top)
    says = ", ".join(f"{word} {_share(count / known)}" for word, count in top)
    frame = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    return f'<svg role="img" {frame}><title>{escape(says)}</title>{"".join(lines)}</svg>'


def _words(code: str) -> str:
    return code.replace("_", " ")


def _share(value: float) -> str:
    return presented.share(value)


def _number(value: float) -> str:
    if abs(value) >= _THOUSAND:
        return f"{value:,.0f}"
    return f"{value:.3g}"
