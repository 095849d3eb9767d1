"""Business: how many are decided on, how many are accepted, why others are not, and what it is expected to cost."""

from __future__ import annotations

from credit_platform.monitoring.metrics import model, pipeline, service
from scripts.monitoring.panels import Dashboard, Panel, Query, defined, read, recorded
from scripts.monitoring.recording import ACCEPTANCE_DAY, DECISIONS_DAY

BY = "sum by (portfolio)"
DECIDED = read(service.DECIDED)

_TODAY = (
    Panel(
        title="Applicants of the last day",
        description="Decided on within 24 hours.",
        unit="short",
        kind="stat",
        width=6,
        height=5,
        decimals=0,
        queries=(Query(expression=f"{BY} (increase({DECIDED}[1d]))"),),
    ),
    Panel(
        title="Acceptance of the last day",
        description="Share accepted within 24 hours. Before the first decision, may be empty.",
        unit="percentunit",
        kind="stat",
        width=6,
        height=5,
        decimals=1,
        queries=(Query(expression=defined(recorded(ACCEPTANCE_DAY))),),
    ),
    Panel(
        title="Expected default rate",
        description="Of the accepted, by the calibrated probabilities of the newest month. May be empty at first.",
        unit="percentunit",
        kind="stat",
        width=6,
        height=5,
        decimals=1,
        queries=(
            Query(
                expression=f"""
                    max by (portfolio) (
                      {read(model.PERFORMANCE, 'figure="default_rate"', 'basis="expected"')}
                    )
                """
            ),
        ),
    ),
    Panel(
        title="Lender open",
        description="1 within the business hours of the portfolio, in its time zone; public holidays are not known.",
        unit="short",
        kind="stat",
        width=6,
        height=5,
        queries=(Query(expression=f"max by (portfolio) ({read(pipeline.OPEN_FOR_BUSINESS)})"),),
        texts=(("0", "closed", "text"), ("1", "open", "green")),
    ),
)
_COURSE = (
    Panel(
        title="Decisions an hour",
        description="Applicants decided on in each hour, by decision.",
        unit="short",
        kind="stacked",
        width=12,
        queries=(Query(expression=f"sum by (decision) (increase({DECIDED}[1h]))", legend="{{decision}}"),),
        least=0,
    ),
    Panel(
        title="Acceptance against a week before",
        description="Over a day, beside the same weekday (may be empty in the first week); ten points alert.",
        unit="percentunit",
        width=12,
        queries=(
            Query(expression=defined(recorded(ACCEPTANCE_DAY)), legend="{{portfolio}}"),
            Query(expression=defined(f"{recorded(ACCEPTANCE_DAY)} offset 7d"), legend="{{portfolio}} a week before"),
        ),
        least=0,
        most=1,
    ),
    Panel(
        title="Applicants a day",
        description="Decided on over a day, beside a week before, which may be empty in the first week.",
        unit="short",
        width=12,
        queries=(
            Query(expression=recorded(DECISIONS_DAY), legend="{{portfolio}}"),
            Query(expression=f"{recorded(DECISIONS_DAY)} offset 7d", legend="{{portfolio}} a week before"),
        ),
        least=0,
    ),
    Panel(
        title="Why applicants are refused",
        description="Families of reasons given to refused applicants, of the last day.",
        unit="short",
        kind="bars",
        width=12,
        queries=(
            Query(
                expression=f"""
                    topk(8, sum by (reason) (increase({read(service.REASONS, 'decision="refused"')}[1d])))
                """,
                legend="{{reason}}",
            ),
        ),
    ),
    Panel(
        title="Cost for each applicant",
        description="Expected, from outcomes, and on the holdout, in the portfolio's units. May be empty at first.",
        unit="short",
        width=12,
        queries=(
            Query(
                expression=f"""
                    max by (portfolio, basis) ({read(model.PERFORMANCE, 'figure="cost_per_applicant"')})
                """,
                legend="{{portfolio}} {{basis}}",
            ),
        ),
    ),
    Panel(
        title="Repeated requests",
        description="Applicants asked about again under the same request id, an hour: they got the stored answer.",
        unit="short",
        width=12,
        queries=(Query(expression=f"{BY} (increase({read(service.REPEATED)}[1h]))"),),
        least=0,
    ),
)
DASHBOARD = Dashboard(
    uid="credit-business",
    title="Business",
    description="How many are decided on and accepted, why others are not, and what it is expected to cost.",
    sections=(("Today", _TODAY), ("Over time", _COURSE)),
    since="now-7d",
)
