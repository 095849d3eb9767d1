"""The drift page: what moved, reference against now, how much of the model it carries, what to do. One HTML file.

What is here: `Subject` (whom a page is about) and `render_drift_page`.
What to add here: what a reader asks for; the page is `templates/drift.html.j2`, its style that of the quality report.
What must not be here: figures of its own, pictures (`charts.py`), advice (`advice.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import jinja2
import polars as pl

from credit_platform.monitoring.decisions.schema import feature_of
from credit_platform.monitoring.drift.advice import recommendations
from credit_platform.monitoring.drift.cells import Kind
from credit_platform.monitoring.drift.charts import box_plot, category_bars, histogram
from credit_platform.monitoring.drift.drift import Drift, Level
from credit_platform.monitoring.drift.reference import DECISION, SCORE, Reference
from credit_platform.monitoring.drift.target import TargetDrift
from credit_platform.monitoring.drift.verdicts import FEATURE_COLUMNS
from credit_platform.portfolios.feature_group import Feature
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.quality.report_format import FILTERS

MOST_DRAWN = 30
"""Features drawn at most; all are in the table."""
_COLOURS = {Level.STABLE: "sound", Level.WATCH: "look", Level.RETRAIN: "stop", Level.TOO_FEW: "look"}
_HEADLINES = {
    Level.STABLE: "Stable",
    Level.WATCH: "Watch",
    Level.RETRAIN: "Retrain: three features or more have moved",
    Level.TOO_FEW: "No feature could be compared",
}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whom a page is about."""

    title: str
    """Heading of the page, without the portfolio."""
    before: str
    """Whom the others are compared with, as in "training applicants"."""
    now: str
    """Who is compared, as in "decisions"."""
    windows: bool = True
    """Whether there are windows of days, or only one set of people."""
    links: Mapping[str, str] | None = None
    """Text to file name of pages beside this one."""


DECISIONS = Subject(title="drift", before="training applicants", now="decisions")
POPULATIONS = Subject(
    title="population shift", before="training applicants", now="applicants to be scored", windows=False
)


def decisions_of(months: Sequence[str]) -> Subject:
    """Decisions against those of the newest months that a refit learnt loans of; no months: against training."""
    if not months:
        return DECISIONS
    span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    return replace(DECISIONS, before=f"applicants of {span}, who were decided about while its loans were granted")


def render_drift_page(
    portfolio: Portfolio,
    drift: Drift,
    reference: Reference,
    *,
    subject: Subject = DECISIONS,
    target: TargetDrift | None = None,
    synthetic: bool = False,
) -> str:
    """The page as HTML that loads nothing from elsewhere."""
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.PackageLoader("credit_platform.monitoring.drift"),
                jinja2.PackageLoader("credit_platform.quality"),
            ]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(FILTERS)
    declared = {feature.name: feature for feature in portfolio.features}
    rows = [_row(row, declared) for row in drift.features.to_dicts()]
    return environment.get_template("drift.html.j2").render(
        portfolio=portfolio,
        drift=drift,
        subject=subject,
        target=target,
        synthetic=synthetic,
        created=datetime.now(UTC),
        colour="stop" if drift.incidents else _COLOURS[drift.level],
        headline=_headline(drift),
        advice=recommendations(drift, target),
        rows=rows,
        drawn=[_drawn(row, drift, reference) for row in rows if row["drifted"] or row["incident"]][:MOST_DRAWN],
        left_out=max(sum(row["drifted"] or row["incident"] for row in rows) - MOST_DRAWN, 0),
        whole=[_drawn(row, drift, reference) for row in _whole(drift)],
        verdicts=_counts(rows),
    )


def nothing() -> pl.DataFrame:
    """The table of verdicts where there is nothing to compare."""
    return pl.DataFrame(schema=FEATURE_COLUMNS)


def _headline(drift: Drift) -> str:
    """A feed that broke comes first: green would be read as all is well."""
    if not drift.incidents:
        return _HEADLINES[drift.level]
    rest = "" if drift.level in (Level.STABLE, Level.TOO_FEW) else f" {_HEADLINES[drift.level]}"
    return f"A feed broke: a data incident.{rest}"


def _row(row: dict[str, Any], declared: Mapping[str, Feature]) -> dict[str, Any]:
    name = feature_of(row["feature"]) or row["feature"]
    feature = declared.get(name)
    return {
        **row,
        "name": name,
        "description": "" if feature is None else feature.description,
        "unit": None if feature is None else feature.unit,
    }


def _whole(drift: Drift) -> list[dict[str, Any]]:
    """The score and the decisions, as rows."""
    if drift.consequence is None:
        return []
    found = {row["feature"]: row for row in drift.judged.table.to_dicts()}
    told = {
        SCORE: "Probability of default, among the holdout and now.",
        DECISION: "What was decided; of the holdout, what the rule says.",
    }
    return [{**found[name], "name": name, "description": told[name], "unit": None} for name in (SCORE, DECISION)]


def _drawn(row: dict[str, Any], drift: Drift, reference: Reference) -> dict[str, Any]:
    """The row with its pictures."""
    name = row["feature"]
    cells = reference.cells[reference.numbers[name]]
    before, now = (reference.part(side, name) for side in (drift.judged.expected, drift.judged.counts))
    if cells.kind is Kind.CATEGORY:
        pictures = [category_bars(cells, before, now)]
    else:
        pictures = [histogram(cells, before, now), box_plot(cells, before, now)]
    return {**row, "pictures": pictures}


def _counts(rows: list[dict[str, Any]]) -> dict[str, int]:
    words = [row["verdict"] for row in rows]
    return {word: words.count(word) for word in dict.fromkeys(words)}
