"""Recording rules: ratios that alerts and dashboards share, by portfolio.

What is here: `GROUPS`.
What to add here: a ratio or quantile that is used twice, or looked at over a day and more.
What must not be here: an alert's threshold.

A ratio without traffic is 0/0: no number, which no comparison holds for. Instances come and go with each model, so
everything is summed over them.
"""

from __future__ import annotations

from credit_platform.monitoring.metrics import service
from scripts.monitoring.objectives import FAST_SECONDS, WINDOWS
from scripts.monitoring.rules import Recording, group
from scripts.monitoring.selectors import FAULT, SCORING, SINGLE, series

BY = "sum by (portfolio)"


def faults(window: str) -> str:
    """Name of the share of scoring requests that failed by our fault."""
    return f"portfolio:credit_platform_faults:ratio_rate{window}"


def slow(window: str) -> str:
    """Name of the share of requests for one applicant that took longer than promised."""
    return f"portfolio:credit_platform_slow:ratio_rate{window}"


def requests(window: str) -> str:
    """Name of the scoring requests of a window, a number."""
    return f"portfolio:credit_platform_scoring_requests:increase{window}"


P95 = "portfolio:credit_platform_request_seconds:p95_rate5m"
CPU = "portfolio:credit_platform_cpu:ratio_rate5m"
DECISIONS_DAY = "portfolio:credit_platform_decisions:increase1d"
ACCEPTANCE_DAY = "portfolio:credit_platform_acceptance:ratio_increase1d"


def _faults(window: str) -> Recording:
    # A status that was never answered may have no series: then none of them failed.
    of_all = f"{BY} (rate({series(service.REQUESTS, SCORING)}[{window}]))"
    return Recording(
        record=faults(window),
        expression=f"""
            ({BY} (rate({series(service.REQUESTS, SCORING, FAULT)}[{window}])) or 0 * {of_all})
              / {of_all}
        """,
    )


def _slow(window: str) -> Recording:
    fast = series(service.REQUEST_SECONDS, SINGLE, f'le="{FAST_SECONDS}"', part="bucket")
    return Recording(
        record=slow(window),
        expression=f"""
            1 - {BY} (rate({fast}[{window}]))
              / {BY} (rate({series(service.REQUEST_SECONDS, SINGLE, part="count")}[{window}]))
        """,
    )


def _requests(window: str) -> Recording:
    return Recording(
        record=requests(window), expression=f"{BY} (increase({series(service.REQUESTS, SCORING)}[{window}]))"
    )


_P95 = Recording(
    record=P95,
    expression=f"""
        histogram_quantile(
          0.95, sum by (portfolio, le) (rate({series(service.REQUEST_SECONDS, SINGLE, part="bucket")}[5m]))
        )
    """,
)
_CPU = Recording(
    record=CPU,
    expression=f"""
        {BY} (rate({service.PROCESS_CPU.name}[5m])) / {BY} ({service.PROCESS_CORES.name})
    """,
)

_DECIDED = f"{BY} (increase({service.DECIDED.name}[1d]))"
_DECISIONS = Recording(record=DECISIONS_DAY, expression=_DECIDED)
_ACCEPTANCE = Recording(
    record=ACCEPTANCE_DAY,
    expression=f"""
        ({BY} (increase({series(service.DECIDED, 'decision="accepted"')}[1d])) or 0 * {_DECIDED}) / {_DECIDED}
    """,
)

_SHORT = ("5m", "30m", "1h")
_LONG = tuple(window for window in WINDOWS if window not in _SHORT)
GROUPS = [
    group(
        "credit_platform_short",
        [*(_faults(w) for w in _SHORT), *(_slow(w) for w in _SHORT), _requests("5m"), _requests("1h"), _P95, _CPU],
    ),
    group(
        "credit_platform_long",
        [*(_faults(w) for w in _LONG), *(_slow(w) for w in _LONG), _requests("1d"), _DECISIONS, _ACCEPTANCE],
        interval="1m",
    ),
]
"""Long windows are computed once a minute: they cost more and change less."""
