"""Measure the usual share of nulls of each Home Credit feature over generated files, and write the shares down.

`python -m scripts.measure_null_shares` writes `null_shares.json` beside the features; run it after adding a feature.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import polars as pl

from credit_platform.features import build_features
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.home_credit.features.null_shares import FILE
from credit_platform.portfolios.home_credit.generator import generate
from credit_platform.quality import ingest

SCALE, SEED = 0.05, 7


def measure(scale: float, seed: int) -> dict[str, float]:
    """Feature -> share of nulls over generated training and scoring applicants."""
    portfolio = get_portfolio("home_credit")
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), scale=scale, seed=seed)
        tables = {t.name: ingest(t, Path(folder) / t.file_name, {}).kept.collect().lazy() for t in portfolio.tables}
    frame = build_features(portfolio, tables).select(f.name for f in portfolio.features).collect(engine="streaming")
    shares = frame.select(pl.all().null_count() / pl.len()).row(0, named=True)
    return {name: round(share, 4) for name, share in shares.items()}


if __name__ == "__main__":
    FILE.write_text(json.dumps(measure(SCALE, SEED), indent=1) + "\n", encoding="utf-8")
