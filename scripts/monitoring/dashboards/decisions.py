"""Model and decisions: which model answers, what it decides, and what the challenger would have decided."""

from __future__ import annotations

from credit_platform.monitoring.metrics import model, service
from scripts.monitoring.panels import Dashboard, Panel, Query, defined, read

RATE = "[$__rate_interval]"
DECIDED = read(service.DECIDED)
ACCEPTED = read(service.DECIDED, 'decision="accepted"')

_NOW = (
    Panel(
        title="Model that answers",
        description="Of each service, as it says itself.",
        unit="short",
        kind="table",
        height=6,
        width=12,
        queries=(
            Query(
                expression=f"max by (portfolio, name, version, feature_version) ({read(service.MODEL_INFO)})",
                legend="__auto",
            ),
        ),
        hidden=("Value",),
    ),
    Panel(
        title="Champion",
        description="As the promotion history says; a service that answers with another one has not been switched yet.",
        unit="short",
        kind="table",
        height=6,
        width=12,
        queries=(
            Query(
                expression=f"max by (portfolio, candidate, version, digest) ({read(model.CHAMPION_INFO)})",
                legend="__auto",
            ),
        ),
        hidden=("Value",),
    ),
    Panel(
        title="Age of the champion",
        description="Since its promotion.",
        unit="s",
        kind="stat",
        width=6,
        height=5,
        queries=(Query(expression=f"time() - max by (portfolio) ({read(model.PROMOTED)})"),),
    ),
    Panel(
        title="AUC at promotion",
        description="On the holdout, when it was promoted; how it does now is on another dashboard.",
        unit="short",
        kind="stat",
        width=6,
        height=5,
        decimals=3,
        queries=(Query(expression=f"max by (portfolio) ({read(model.CHAMPION_AUC)})"),),
    ),
    Panel(
        title="Threshold",
        description="Probability of default from which on the champion refuses.",
        unit="percentunit",
        kind="stat",
        width=6,
        height=5,
        decimals=1,
        queries=(Query(expression=f"max by (portfolio) ({read(model.CHAMPION_THRESHOLD)})"),),
    ),
    Panel(
        title="Acceptance",
        description="Share of the applicants of the time shown that were accepted.",
        unit="percentunit",
        kind="stat",
        width=6,
        height=5,
        decimals=1,
        queries=(
            Query(
                expression=defined(f"""
                    sum by (portfolio) (increase({ACCEPTED}[$__range]))
                      / sum by (portfolio) (increase({DECIDED}[$__range]))
                """)
            ),
        ),
    ),
)
_DECISIONS = (
    Panel(
        title="Decisions",
        description="Applicants a second, by decision. Explanations and repeated requests are no decisions.",
        unit="cps",
        kind="stacked",
        queries=(Query(expression=f"sum by (decision) (rate({DECIDED}{RATE}))", legend="{{decision}}"),),
    ),
    Panel(
        title="Acceptance over time",
        description="Share accepted, over a quarter of an hour.",
        unit="percentunit",
        least=0,
        most=1,
        queries=(
            Query(
                expression=defined(f"""
                    sum by (portfolio) (rate({ACCEPTED}[15m])) / sum by (portfolio) (rate({DECIDED}[15m]))
                """)
            ),
        ),
    ),
    Panel(
        title="Mean probability of default",
        description="Of the applicants who were scored.",
        unit="percentunit",
        queries=(
            Query(
                expression=defined(f"""
                    sum by (portfolio) (rate({read(service.PROBABILITY, part="sum")}{RATE}))
                      / sum by (portfolio) (rate({read(service.PROBABILITY, part="count")}{RATE}))
                """)
            ),
        ),
        least=0,
    ),
    Panel(
        title="Distribution of scores",
        description="Applicants by probability of default, in bins of 0.05, over time.",
        unit="short",
        kind="heatmap",
        width=12,
        height=8,
        queries=(
            Query(
                expression=f"sum by (le) (increase({read(service.PROBABILITY, part='bucket')}{RATE}))",
                legend="{{le}}",
            ),
        ),
    ),
    Panel(
        title="Scores of the time shown",
        description="Share of the applicants whose probability of default is at most so high.",
        unit="percentunit",
        kind="bars",
        width=12,
        height=8,
        least=0,
        most=1,
        queries=tuple(
            Query(
                expression=defined(f"""
                    sum (increase({read(service.PROBABILITY, f'le="{bound}"', part="bucket")}[$__range]))
                      / sum (increase({read(service.PROBABILITY, part="count")}[$__range]))
                """),
                legend=f"up to {bound}",
            )
            for bound in ("0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.8", "1.0")
        ),
    ),
    Panel(
        title="Reasons of refusal",
        description="The ten families of reasons given most to refused applicants in the time shown.",
        unit="short",
        kind="bars",
        width=12,
        height=8,
        queries=(
            Query(
                expression=f"""
                    topk(10, sum by (reason) (increase({read(service.REASONS, 'decision="refused"')}[$__range])))
                """,
                legend="{{reason}}",
            ),
        ),
    ),
    Panel(
        title="Applicants for each call of the model",
        description="How many share one call: above 1 requests are so many that they are put together.",
        unit="short",
        width=12,
        height=8,
        least=0,
        queries=(
            Query(
                expression=defined(f"""
                    sum by (portfolio) (rate({read(service.MODEL_APPLICANTS)}{RATE}))
                      / sum by (portfolio) (rate({read(service.MODEL_SECONDS, part="count")}{RATE}))
                """)
            ),
        ),
    ),
)
_SHADOW = (
    Panel(
        title="Challenger",
        description="The model that scores along and answers nobody. Where there is none, may be empty.",
        unit="short",
        kind="table",
        height=7,
        queries=(
            Query(expression=f"max by (portfolio, name, version) ({read(service.SHADOW_INFO)})", legend="__auto"),
        ),
        hidden=("Value",),
    ),
    Panel(
        title="Champion and challenger differ",
        description="Share of the decisions on which they differ, by both. May be empty where none scores along.",
        unit="percentunit",
        queries=(
            Query(
                expression=defined(f"""
                    sum by (champion, challenger) (rate({read(service.SHADOW_DISAGREEMENTS)}[15m]))
                      / on () group_left () sum (rate({read(service.SHADOW_SCORED)}[15m]))
                """),
                legend="{{champion}}, challenger {{challenger}}",
            ),
        ),
        least=0,
    ),
    Panel(
        title="Not scored along",
        description="Decisions that the challenger did not score: queue full, or failed. Without one, may be empty.",
        unit="cps",
        queries=(
            Query(expression=f"sum by (portfolio) (rate({read(service.SHADOW_DROPPED)}{RATE}))", legend="dropped"),
            Query(expression=f"sum by (cause) (rate({read(service.SHADOW_ERRORS)}{RATE}))", legend="failed: {{cause}}"),
            Query(expression=f"sum by (portfolio) ({read(service.SHADOW_QUEUE)})", legend="waiting (number)"),
        ),
        least=0,
    ),
)
DASHBOARD = Dashboard(
    uid="credit-model",
    title="Model and decisions",
    description="Which model answers, what it decides and why, and what the challenger would have decided.",
    sections=(("Model", _NOW), ("Decisions", _DECISIONS), ("Challenger", _SHADOW)),
    portfolios_of=service.READY.name,
)
