"""API and SLO: does the service answer, how fast, and is the promise of the month kept?"""

from __future__ import annotations

from credit_platform.monitoring.metrics import service
from scripts.monitoring.objectives import AVAILABILITY, FAST, FAST_SECONDS, MONTH, SLOW, UNAVAILABLE
from scripts.monitoring.panels import Dashboard, Panel, Query, defined, read, read_other, recorded
from scripts.monitoring.recording import faults, slow
from scripts.monitoring.selectors import FAULT, SCORING, SINGLE

RATE = "[$__rate_interval]"
REQUESTS = read(service.REQUESTS, SCORING)
FAULTS = read(service.REQUESTS, SCORING, FAULT)
TIMED = read(service.REQUEST_SECONDS, SINGLE, part="count")
QUICK = read(service.REQUEST_SECONDS, SINGLE, f'le="{FAST_SECONDS}"', part="bucket")
BY = "sum by (portfolio)"
UP = read_other("up", 'portfolio=~"$portfolio"', 'portfolio!=""')


def _quantile(share: str) -> Query:
    buckets = read(service.REQUEST_SECONDS, SINGLE, part="bucket")
    return Query(
        expression=defined(f"histogram_quantile({share}, sum by (portfolio, le) (rate({buckets}{RATE})))"),
        legend=f"{{{{portfolio}}}} p{share.removeprefix('0.'):0<2}",
    )


_NOW = (
    Panel(
        title="Up",
        description="Instances of the service that Prometheus reaches.",
        unit="short",
        kind="stat",
        width=4,
        height=5,
        queries=(Query(expression=f"{BY} ({UP})"),),
        steps=((None, "red"), (1, "green")),
    ),
    Panel(
        title="Requests",
        description="Requests for decisions and explanations, of the last minutes.",
        unit="reqps",
        kind="stat",
        width=4,
        height=5,
        queries=(Query(expression=f"{BY} (rate({REQUESTS}{RATE}))"),),
        whole_range=True,
    ),
    Panel(
        title="Failing",
        description="Share of them that is answered 5xx over five minutes; 5 % for five minutes pages.",
        unit="percentunit",
        kind="stat",
        width=4,
        height=5,
        queries=(Query(expression=defined(recorded(faults("5m")))),),
        steps=((None, "green"), (0.001, "orange"), (0.05, "red")),
        whole_range=True,
    ),
    Panel(
        title="p95",
        description="95 % of requests for one applicant take at most so long, over five minutes; 1 s is a ticket.",
        unit="s",
        kind="stat",
        width=4,
        height=5,
        queries=(_quantile("0.95"),),
        steps=((None, "green"), (0.25, "orange"), (1, "red")),
        whole_range=True,
    ),
    Panel(
        title="Availability left",
        description=f"Of the failures that an objective of {AVAILABILITY} allows over {MONTH}; below zero: broken.",
        unit="percentunit",
        kind="stat",
        width=4,
        height=5,
        queries=(
            Query(
                expression=f"""
                    1 - ({BY} (increase({FAULTS}[{MONTH}])) or 0 * {BY} (increase({REQUESTS}[{MONTH}])))
                      / {BY} (increase({REQUESTS}[{MONTH}])) / {UNAVAILABLE}
                """
            ),
        ),
        steps=((None, "red"), (0, "orange"), (0.25, "green")),
    ),
    Panel(
        title="Latency left",
        description=f"Of the answers over {FAST_SECONDS} s that an objective of {FAST} allows over {MONTH}.",
        unit="percentunit",
        kind="stat",
        width=4,
        height=5,
        queries=(
            Query(
                expression=f"""
                    1 - (1 - {BY} (increase({QUICK}[{MONTH}])) / {BY} (increase({TIMED}[{MONTH}]))) / {SLOW}
                """
            ),
        ),
        steps=((None, "red"), (0, "orange"), (0.25, "green")),
    ),
)
_TRAFFIC = (
    Panel(
        title="Requests by route",
        description="Requests a second, by route; probes of /health and the scraping of /metrics among them.",
        unit="reqps",
        kind="stacked",
        queries=(Query(expression=f"sum by (route) (rate({read(service.REQUESTS)}{RATE}))", legend="{{route}}"),),
    ),
    Panel(
        title="Answers by status",
        description="Answers a second, by HTTP status. 4xx are the client's errors, 5xx ours; 499: the client left.",
        unit="reqps",
        kind="stacked",
        queries=(Query(expression=f"sum by (status) (rate({read(service.REQUESTS)}{RATE}))", legend="{{status}}"),),
    ),
    Panel(
        title="Errors by code",
        description="Requests that were not answered, by the code that clients were told. Without any, may be empty.",
        unit="reqps",
        queries=(Query(expression=f"sum by (code) (rate({read(service.ERRORS)}{RATE}))", legend="{{code}}"),),
    ),
    Panel(
        title="Latency",
        description="Quantiles of the time of requests for one applicant, from the request's head to the answer's end.",
        unit="s",
        queries=(_quantile("0.5"), _quantile("0.95"), _quantile("0.99")),
        least=0,
    ),
    Panel(
        title="Failing share",
        description="Share of scoring requests answered 5xx, over five minutes and an hour.",
        unit="percentunit",
        queries=(
            Query(expression=defined(recorded(faults("5m"))), legend="{{portfolio}} 5 min"),
            Query(expression=defined(recorded(faults("1h"))), legend="{{portfolio}} 1 h"),
        ),
        least=0,
    ),
    Panel(
        title="Uptime",
        description="Share of the time in which an instance was up, over an hour.",
        unit="percentunit",
        queries=(Query(expression=f"max by (portfolio) (avg_over_time({UP}[1h]))"),),
        least=0,
        most=1,
    ),
)
_INSIDE = (
    Panel(
        title="Burn rate: availability",
        description="1 spends a month's budget in a month. 14.4 over an hour pages, 1 over three days is a ticket.",
        unit="short",
        queries=tuple(
            Query(
                expression=defined(f"{recorded(faults(window))} / {UNAVAILABLE}"), legend=f"{{{{portfolio}}}} {window}"
            )
            for window in ("1h", "6h", "1d")
        ),
        least=0,
    ),
    Panel(
        title="Burn rate: latency",
        description="As beside, of the answers that take too long.",
        unit="short",
        queries=tuple(
            Query(expression=defined(f"{recorded(slow(window))} / {SLOW}"), legend=f"{{{{portfolio}}}} {window}")
            for window in ("1h", "6h", "1d")
        ),
        least=0,
    ),
    Panel(
        title="Time of the model alone",
        description="95 % of the calls of the model take at most so long: feature values to margins.",
        unit="s",
        queries=(
            Query(
                expression=defined(f"""
                    histogram_quantile(
                      0.95,
                      sum by (portfolio, le) (rate({read(service.MODEL_SECONDS, part="bucket")}{RATE}))
                    )
                """)
            ),
        ),
        least=0,
    ),
    Panel(
        title="Commit of the decision log",
        description="95 % of the commits of decisions take at most so long; nobody is answered before.",
        unit="s",
        queries=(
            Query(
                expression=defined(f"""
                    histogram_quantile(
                      0.95,
                      sum by (portfolio, le) (rate({read(service.COMMIT_SECONDS, part="bucket")}{RATE}))
                    )
                """)
            ),
        ),
        least=0,
    ),
    Panel(
        title="In progress and waiting",
        description="Requests not answered yet, and decisions that wait for the log: a moment, short peaks are missed.",
        unit="short",
        queries=(
            Query(expression=f"{BY} ({read(service.IN_PROGRESS)})", legend="{{portfolio}} in progress"),
            Query(expression=f"{BY} ({read(service.LOG_QUEUE)})", legend="{{portfolio}} waiting for the log"),
        ),
        least=0,
    ),
    Panel(
        title="Ready and log available",
        description="1 when every worker has a scorer, and when the decision log takes decisions.",
        unit="short",
        queries=(
            Query(expression=f"min by (portfolio) ({read(service.READY)})", legend="{{portfolio}} ready"),
            Query(expression=f"min by (portfolio) ({read(service.LOG_AVAILABLE)})", legend="{{portfolio}} log"),
        ),
        least=0,
        most=1,
        decimals=0,
    ),
    Panel(
        title="Active alerts",
        description="What Prometheus holds to be wrong now, pending or firing. The Watchdog is always among them.",
        unit="short",
        kind="table",
        width=24,
        height=6,
        queries=(
            Query(expression="sum by (alertname, alertstate, severity, owner, portfolio) (ALERTS)", legend="__auto"),
        ),
        hidden=("Value",),
    ),
)
DASHBOARD = Dashboard(
    uid="credit-api",
    title="API and SLO",
    description="Whether the scoring services answer, how fast, and whether the promise of the month is kept.",
    sections=(("Now", _NOW), ("Traffic", _TRAFFIC), ("Promises, and what is inside", _INSIDE)),
    job="credit-platform-service",
    portfolios_of=service.READY.name,
)
