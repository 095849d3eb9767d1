"""Outcomes and performance: what became of the loans, and does the champion still hold?"""

from __future__ import annotations

from credit_platform.monitoring.metrics import model
from scripts.monitoring.panels import Dashboard, Panel, Query, read

_VERDICTS = (("-1", "not known yet", "text"), ("0", "holds", "green"), ("1", "does not hold", "red"))


def _verdict(question: str, description: str) -> Panel:
    asked = read(model.VERDICT, f'question="{question}"')
    return Panel(
        title=question.capitalize(),
        description=description,
        unit="short",
        kind="stat",
        width=8,
        height=5,
        queries=(Query(expression=f"max by (portfolio) ({asked})"),),
        texts=_VERDICTS,
    )


def _figure(figure: str, title: str, description: str, unit: str) -> Panel:
    told = read(model.PERFORMANCE, f'figure="{figure}"')
    return Panel(
        title=title,
        description=f"{description} A basis that is not known yet has no line; without any it may be empty.",
        unit=unit,
        width=8,
        height=7,
        queries=(
            Query(
                expression=f"max by (portfolio, basis) ({told})",
                legend="{{portfolio}} {{basis}}",
            ),
        ),
    )


_ANSWERS = (
    _verdict("calibration", "Are probabilities high enough in every band of points?"),
    _verdict("discrimination", "Does the champion separate as well as on the holdout that it accepts?"),
    _verdict("concept", "Do AUC and default rate lie where the probabilities said?"),
)
_FIGURES = (
    _figure(
        "auc", "AUC", "From mature outcomes, expected from probabilities, and on the holdout (yardstick).", "short"
    ),
    _figure("default_rate", "Default rate", "Of the accepted: outcomes, expected, yardstick.", "percentunit"),
    _figure("cost_per_applicant", "Cost for each applicant", "In the portfolio's units of cost.", "short"),
    _figure("brier", "Brier score", "Mean square of probability less outcome; lower is better.", "short"),
    _figure("ks", "KS", "Largest distance between the scores of those who default and those who do not.", "short"),
    _figure("acceptance_rate", "Acceptance", "Share accepted by the champion, of its decisions.", "percentunit"),
)
_OUTCOMES = (
    Panel(
        title="Outcomes",
        description="Decisions with an outcome, and those that are mature: only they count. May be empty at first.",
        unit="short",
        width=12,
        queries=(
            Query(expression=f"max by (portfolio) ({read(model.OUTCOME_LOANS)})", legend="{{portfolio}} with outcome"),
            Query(expression=f"max by (portfolio) ({read(model.MATURE)})", legend="{{portfolio}} mature"),
            Query(expression=f"max by (portfolio) ({read(model.MATURE_DEFAULTS)})", legend="{{portfolio}} defaults"),
        ),
        least=0,
    ),
    Panel(
        title="Lag of outcomes",
        description="Since the newest observation that counts; below 0 if it was simulated. May be empty at first.",
        unit="s",
        kind="stat",
        width=12,
        queries=(Query(expression=f"time() - max by (portfolio) ({read(model.OUTCOMES_NEWEST)})"),),
        steps=((None, "green"), (3888000, "orange"), (7776000, "red")),
    ),
)
DASHBOARD = Dashboard(
    uid="credit-performance",
    title="Outcomes and performance",
    description="What became of the loans, and whether the champion still holds; figures by basis.",
    sections=(("Questions", _ANSWERS), ("Figures", _FIGURES), ("Outcomes", _OUTCOMES)),
    since="now-90d",
    job="credit-platform-exporter",
)
