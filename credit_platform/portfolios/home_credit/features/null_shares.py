"""Largest shares of nulls of the features, from the shares that are usual.

What is here: `bounded`, which gives features their `max_null_share`, and how the usual shares are measured.
What to add here: nothing for a new feature but its line in `null_shares.json`:
`python -m scripts.measure_null_shares` writes the file anew.
What must not be here: holding tables against the shares (`features/checks.py`).

Usual shares are those over generated files at scale 0.05: they have the coverage of the histories and the nulls of the
columns of the real files. What hangs on a rare kind of loan is rarer or commoner in another extract, so the bound asks
for a third of the values that are usual: 30 % of nulls may become 77 %, 90 % may become 97 %, never 100 %.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from credit_platform.portfolios.feature_group import Feature

LEAST_OF_USUAL = 1 / 3
"""Share of the values that are usual which a sound table has at least."""
FILE = Path(__file__).with_name("null_shares.json")


def bounded(features: tuple[Feature, ...]) -> tuple[Feature, ...]:
    """Features with their largest share of nulls; one that was never measured keeps none."""
    usual = usual_shares()
    return tuple(replace(f, max_null_share=_bound(usual[f.name])) if f.name in usual else f for f in features)


@cache
def usual_shares() -> Mapping[str, float]:
    """Feature -> share of nulls over generated files."""
    shares: dict[str, float] = json.loads(FILE.read_text(encoding="utf-8"))
    return shares


def _bound(usual: float) -> float:
    return round(1.0 - (1.0 - usual) * LEAST_OF_USUAL, 4)
