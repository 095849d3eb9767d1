"""Evidently's page of the same question, for people who know it. It raises no alarm.

What is here: `write_evidently_page`.
What to add here: another section of Evidently that such a reader looks for.
What must not be here: verdicts; ours are in `verdicts.py`, and Evidently's differ by design.

Evidently takes 6 to 20 s to import and a third of a second per column, so it is given the most important features and a
sample, in a step of its own. Its telemetry is switched off before it is imported.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from credit_platform.errors import ModellingError
from credit_platform.monitoring.drift.reference import DECISION, SCORE, TARGET, Reference

MOST_FEATURES = 50
MOST_ROWS = 5_000
"""Of either side: Evidently's time grows with rows, its verdicts hardly change."""
_SEED = 11
_SILENT = {"DO_NOT_TRACK": "true", "ITERATIVE_DO_NOT_TRACK": "true"}
"""As all programs have it (`environment.py`): some libraries compare with that word."""


_SYNTHETIC = (
    '<p style="background:#5b3fa0;color:#fff;font:600 14px sans-serif;margin:0;padding:8px 16px">'
    "Synthetic data: generated, not collected</p>"
)


@dataclass(frozen=True, kw_only=True)
class EvidentlyPage:
    """What was written."""

    path: Path
    features: tuple[str, ...]
    rows: tuple[int, int]
    """Of training, and of now."""
    drifted: int
    """Features that Evidently calls drifted, by its own rules."""
    with_target: bool


def most_important(reference: Reference, most: int = MOST_FEATURES) -> list[str]:
    """Names of the features that carry most of the model, the first one most."""
    order = sorted(reference.features.tolist(), key=lambda number: (-reference.importance[number], number))
    return [reference.cells[number].name for number in order[:most]]


def write_evidently_page(
    path: Path, before: pl.DataFrame, now: pl.DataFrame, features: Sequence[str], *, synthetic: bool = False
) -> EvidentlyPage:
    """Write data drift of `features`, drift of the model's answers, and of the target where both sides know it.

    Args:
        path: HTML file to write.
        before: rows of training: features, `probability`, `decision` and, where known, `target`.
        now: the same of those who are compared.
        features: columns of both; those that one side knows no value of are left out, Evidently cannot compare them.
        synthetic: whether anything of it is made up, which is said above everything else.

    Raises:
        ModellingError: there is nobody on one of the sides, or no feature that both know.
    """
    first, second = (_sample(side) for side in (before, now))
    both = [name for name in features if _known(first, name) and _known(second, name)]
    if first.is_empty() or second.is_empty() or not both:
        raise ModellingError(
            "There is nothing that Evidently could compare.", "Give rows of both sides with a feature in common."
        )
    answers = [name for name in (SCORE, DECISION, TARGET) if _known(first, name) and _known(second, name)]
    path.parent.mkdir(parents=True, exist_ok=True)
    drifted = _write(path, first.select(*both, *answers), second.select(*both, *answers), both, answers)
    if synthetic:
        page = path.read_text(encoding="utf-8")
        path.write_text(page.replace("<body>", f"<body>{_SYNTHETIC}", 1), encoding="utf-8")
    return EvidentlyPage(
        path=path,
        features=tuple(both),
        rows=(first.height, second.height),
        drifted=drifted,
        with_target=TARGET in answers,
    )


def _sample(rows: pl.DataFrame) -> pl.DataFrame:
    numbers = pl.selectors.numeric()
    sampled = rows.sample(MOST_ROWS, seed=_SEED) if rows.height > MOST_ROWS else rows
    return sampled.with_columns(
        pl.when(numbers.cast(pl.Float64).is_finite()).then(numbers.cast(pl.Float64)).name.keep()
    )


def _known(rows: pl.DataFrame, name: str) -> bool:
    return name in rows.columns and rows[name].null_count() < rows.height


def _write(path: Path, before: pl.DataFrame, now: pl.DataFrame, features: Sequence[str], answers: Sequence[str]) -> int:
    os.environ.update(_SILENT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Evidently and what it brings announce changes of their libraries
        from evidently import DataDefinition, Dataset, Report
        from evidently.metrics import ValueDrift
        from evidently.presets import DataDriftPreset

        columns = before.schema
        definition = DataDefinition(
            numerical_columns=[name for name in columns if columns[name].is_numeric()],
            categorical_columns=[name for name in columns if not columns[name].is_numeric()],
        )
        sides = [Dataset.from_pandas(side.to_pandas(), data_definition=definition) for side in (now, before)]
        metrics = [DataDriftPreset(columns=list(features)), *(ValueDrift(column=name) for name in answers)]
        done = Report(metrics).run(*sides)
        done.save_html(str(path))
        return int(done.dict()["metrics"][0]["value"]["count"])
