"""Drift: do other people apply than those whom the champion learnt from, and does it matter?"""

from __future__ import annotations

from credit_platform.monitoring.metrics import model
from scripts.monitoring.panels import Dashboard, Panel, Query, read

BY = "max by (portfolio)"
_LEVELS = (
    ("-1", "too few to say", "text"),
    ("0", "stable", "green"),
    ("1", "watch", "orange"),
    ("2", "retrain", "red"),
)
_ALERT = ((None, "green"), (0.25, "orange"), (0.5, "red"))

_NOW = (
    Panel(
        title="Drift score",
        description="Share of the champion's importance that drifted, certainly and materially; over 0.5 alerts.",
        unit="percentunit",
        kind="stat",
        width=6,
        height=5,
        queries=(Query(expression=f"{BY} ({read(model.DRIFT_SCORE)})"),),
        steps=_ALERT,
        whole_range=True,
    ),
    Panel(
        title="Level",
        description="stable, watch (one or two features), retrain (three or more), or too few decisions to say.",
        unit="short",
        kind="stat",
        width=6,
        height=5,
        queries=(Query(expression=f"{BY} ({read(model.DRIFT_LEVEL)})"),),
        texts=_LEVELS,
    ),
    Panel(
        title="Day judged",
        description="Since the beginning of the newest day that was judged.",
        unit="s",
        kind="stat",
        width=6,
        height=5,
        queries=(Query(expression=f"time() - {BY} ({read(model.DRIFT_DAY)})"),),
        steps=((None, "green"), (172800, "orange"), (345600, "red")),
    ),
    Panel(
        title="Broken feeds",
        description="Features that have lost their source: a data incident, no reason to train.",
        unit="short",
        kind="stat",
        width=6,
        height=5,
        queries=(Query(expression=f"{BY} ({read(model.INCIDENTS)})"),),
        steps=((None, "green"), (1, "red")),
    ),
)
_COURSE = (
    Panel(
        title="Score over time",
        description="Share of importance that drifted.",
        unit="percentunit",
        queries=(Query(expression=f"{BY} ({read(model.DRIFT_SCORE)})"),),
        least=0,
        most=1,
    ),
    Panel(
        title="Features",
        description="That drifted, certainly and materially; beside, what a plain test would name, many by chance.",
        unit="short",
        queries=(
            Query(expression=f"{BY} ({read(model.DRIFTED)})", legend="{{portfolio}} drifted"),
            Query(expression=f"{BY} ({read(model.PLAIN_KS)})", legend="{{portfolio}} p < 0.05, unadjusted"),
        ),
        least=0,
        decimals=0,
    ),
    Panel(
        title="Stability of the score",
        description="PSI of the probabilities of default. With too few decisions it is not computed: may be empty.",
        unit="short",
        queries=(Query(expression=f"{BY} ({read(model.SCORE_PSI)})"),),
        least=0,
        decimals=3,
        reach=0.1,
    ),
)
_FEATURES = (
    Panel(
        title="Most important features",
        description="PSI of the features most important to the champion; with few decisions it is high by chance.",
        unit="short",
        kind="bars",
        width=12,
        height=12,
        decimals=3,
        queries=(
            Query(
                expression=f"sort_desc(max by (portfolio, feature) ({read(model.FEATURE_PSI)}))",
                legend="{{feature}}",
            ),
        ),
        steps=((None, "green"), (0.1, "orange"), (0.25, "red")),
    ),
    Panel(
        title="Expected acceptance",
        description="Share that the champion accepts: of the population of its training, and of those who apply now.",
        unit="percentunit",
        width=12,
        height=12,
        queries=(
            Query(
                expression=f"max by (portfolio, population) ({read(model.ACCEPTANCE)})",
                legend="{{portfolio}} {{population}}",
            ),
        ),
        least=0,
        most=1,
    ),
)
DASHBOARD = Dashboard(
    uid="credit-drift",
    title="Drift",
    description="Whether other people apply than those whom the champion learnt from, and whether it matters.",
    sections=(("Now", _NOW), ("Over time", _COURSE), ("Features", _FEATURES)),
    since="now-30d",
    job="credit-platform-exporter",
)
