"""Stories of the service: down, failing, slow, busy, full, its challenger, and the error budget."""

from __future__ import annotations

from credit_platform_tests.unit.alerts.stories import CALM, HOUR, turns, wait_of
from credit_platform_tests.unit.alerts.timelines import Case, Line

DAY = 24 * HOUR


def gauge(name: str, **labels: str) -> Line:
    return Line.of(f"credit_platform_{name}", **labels)


def answers(status: str) -> Line:
    return gauge("requests_total", method="POST", route="/predict", status=status)


def service_up() -> Line:
    return Line.of("up", job="credit-platform-service")


def failing(alert: str, told: str, good: float, bad: float, *, minutes: int, minute: int, firing: int) -> Case:
    """`good` and `bad` answers a minute from the tenth on; before that only good ones."""
    lines = [
        answers("200").at(0, 1).grow(good + bad, CALM).grow(good, minutes),
        answers("503").at(0, 1 + CALM).grow(bad, minutes),
    ]
    return Case(alert=alert, told=told, lines=lines, minute=minute, firing=firing)


def error_rate() -> list[Case]:
    alert = "ApiErrorRateHigh"
    wait = wait_of(alert)
    return [
        # The ratio of five minutes passes 5 % of 8 % after 3.2 minutes.
        failing(alert, "fires at 8 %", 92, 8, minutes=60, minute=CALM + 4 + wait + 1, firing=1),
        failing(alert, "silent before its time", 92, 8, minutes=60, minute=CALM + 3 + wait - 1, firing=0),
        failing(alert, "silent at 3 %", 97, 3, minutes=60, minute=60, firing=0),
        failing(alert, "fires with three a minute", 1.5, 1.5, minutes=60, minute=60, firing=1),
        failing(alert, "silent with too few to say", 0, 1.5, minutes=60, minute=60, firing=0),
        failing(alert, "silent without traffic", 0, 0, minutes=60, minute=60, firing=0),
        Case(
            alert=alert,
            told="silent when clients err",
            lines=[gauge("requests_total", status="404").at(0, 1).grow(100, 60), answers("200").at(0, 1).grow(1, 60)],
            minute=59,
            firing=0,
        ),
    ]


def bucket(le: str) -> Line:
    return gauge("request_seconds_bucket", route="/predict", le=le)


def timed(alert: str, told: str, fast: float, slow: float, *, minute: int, firing: int, calm: int = 20) -> Case:
    """Answers a minute: `fast` ones within 0.1 s, `slow` ones between 1 and 2.5 s."""
    minutes = minute + 1
    lines = [
        *(bucket(le).at(0, 1).grow(fast + slow, calm).grow(fast, minutes) for le in ("0.1", "0.25", "0.5", "1.0")),
        *(bucket(le).at(0, 1).grow(fast + slow, calm + minutes) for le in ("2.5", "5.0", "+Inf")),
        gauge("request_seconds_count", route="/predict").at(0, 1).grow(fast + slow, calm + minutes),
    ]
    return Case(alert=alert, told=told, lines=lines, minute=minute, firing=firing)


def latency() -> list[Case]:
    alert = "ApiLatencyHigh"
    wait = wait_of(alert)
    between = [
        bucket("0.5").at(0, 1).grow(90, 120),
        bucket("1.0").at(0, 1).grow(100, 120),
        bucket("+Inf").at(0, 1).grow(100, 120),
    ]
    # Of 92 fast and 8 slow ones p95 lies 0.375 into the bucket from 1 to 2.5: 1.56 s.
    return [
        timed(alert, "fires at 1.6 s", 92, 8, minute=20 + 5 + wait + 1, firing=1),
        timed(alert, "silent before its time", 92, 8, minute=20 + wait - 1, firing=0),
        timed(alert, "silent when 4 % are slow", 96, 4, minute=60, firing=0),
        timed(alert, "silent without traffic", 0, 0, minute=60, firing=0),
        Case(alert=alert, told="silent at 0.75 s", lines=between, minute=60, firing=0),
    ]


def busy() -> list[Case]:
    alert = "CpuHigh"
    wait = wait_of(alert)

    def case(told: str, share: float, minute: int, firing: int) -> Case:
        # Two processors for a minute are 120 seconds.
        seconds = gauge("process_cpu_seconds_total").at(0, 1).grow(12, 20).grow(120 * share, 200)
        cores = gauge("process_cpu_cores").at(2, 221)
        return Case(alert=alert, told=told, lines=[seconds, cores], minute=minute, firing=firing)

    return [
        # Five minutes' average passes 80 % of 90 % within the fifth minute.
        case("fires at 90 %", 0.9, 20 + 5 + wait + 1, 1),
        case("silent before its time", 0.9, 20 + 4 + wait - 1, 0),
        case("silent at 60 %", 0.6, 200, 0),
    ]


def disk() -> list[Case]:
    size = gauge("home_disk_size_bytes").at(100e9, 400)
    cases = turns("DiskFull", lambda: gauge("home_disk_used_bytes"), good=40e9, bad=90e9, almost=80e9)
    for case in cases:
        case.lines.append(size)
    return cases


def shadow() -> list[Case]:
    alert = "ChallengerShadowDropping"
    wait = wait_of(alert)

    def case(told: str, scored: float, dropped: float, minute: int, firing: int) -> Case:
        lines = [
            gauge("shadow_scored_total", decision="accepted").at(0, 1).grow(100, 30).grow(scored, 200),
            gauge("shadow_dropped_total").at(0, 31).grow(dropped, 200),
        ]
        return Case(alert=alert, told=told, lines=lines, minute=minute, firing=firing)

    return [
        # The share of fifteen minutes passes 5 % of 8 % in the tenth.
        case("fires at 8 %", 92, 8, 30 + 10 + wait + 1, 1),
        case("silent before its time", 92, 8, 30 + 9 + wait - 1, 0),
        case("silent at 3 %", 97, 3, 200, 0),
        case("silent without traffic", 0, 0, 200, 0),
    ]


def burning(alert: str, told: str, share: float, minute: int, firing: int, *, rate: float = 1000) -> Case:
    """A share of the requests fails from the start on, or is slow; samples every five minutes for the long windows."""
    steps = minute // 5 + 2
    good, bad = rate * 5 * (1 - share), rate * 5 * share
    if alert.startswith("Availability"):
        lines = [answers("200").at(0, 1).grow(good, steps), answers("503").at(0, 1).grow(bad, steps)]
    else:
        whole = gauge("request_seconds_count", route="/predict")
        lines = [bucket("0.25").at(0, 1).grow(good, steps), whole.at(0, 1).grow(good + bad, steps)]
    return Case(alert=alert, told=told, lines=lines, minute=minute, firing=firing, step="5m")


def bursts(alert: str, told: str, share: float, *, calm: int, bad: int, minute: int, firing: int) -> Case:
    """Calm minutes, then a share of failures for some, then calm again; a sample each minute."""
    rest = minute - calm - bad + 2
    wrong = 1000 * share
    if alert.startswith("Availability"):
        lines = [
            answers("200").at(0, 1).grow(1000, calm).grow(1000 - wrong, bad).grow(1000, max(rest, 1)),
            answers("503").at(0, 1).grow(0, calm).grow(wrong, bad).grow(0, max(rest, 1)),
        ]
    else:
        quick = bucket("0.25").at(0, 1).grow(1000, calm).grow(1000 - wrong, bad).grow(1000, max(rest, 1))
        whole = gauge("request_seconds_count", route="/predict").at(0, 1).grow(1000, calm + bad + max(rest, 1))
        lines = [quick, whole]
    # The counts of requests stand for "enough": they are told beside, of the route that is timed.
    lines += [] if alert.startswith("Availability") else [answers("200").at(0, 1).grow(1000, calm + bad + max(rest, 1))]
    return Case(alert=alert, told=told, lines=lines, minute=minute, firing=firing)


def budget(kind: str, allowed: float) -> list[Case]:
    """Both alerts of an objective whose budget is `allowed`."""
    fast, slowly = f"{kind}BudgetBurnsFast", f"{kind}BudgetBurnsSlowly"
    cases = [
        # 14.4 over an hour: twenty times the budget for an hour, when six hours are not there yet.
        bursts(
            fast, "fires at 18 times for an hour", 18 * allowed, calm=5 * HOUR, bad=56, minute=5 * HOUR + 56, firing=1
        ),
        bursts(fast, "silent at 10 times for an hour", 10 * allowed, calm=5 * HOUR, bad=60, minute=6 * HOUR, firing=0),
        bursts(
            fast, "silent soon after it has ended", 40 * allowed, calm=6 * HOUR, bad=30, minute=6 * HOUR + 40, firing=0
        ),
        burning(fast, "fires at 8 times for six hours", 8 * allowed, 7 * HOUR, 1),
        burning(fast, "silent at 4 times for six hours", 4 * allowed, 7 * HOUR, 0),
        burning(fast, "fires with 150 requests an hour", 0.5, 3 * HOUR, 1, rate=2.5),
        burning(fast, "silent with 80 requests an hour", 0.5, 3 * HOUR, 0, rate=1.3),
        burning(slowly, "fires at 4 times for a day", 4 * allowed, DAY + HOUR, 1),
        burning(slowly, "fires at 1.5 times for three days", 1.5 * allowed, 3 * DAY + HOUR, 1),
        burning(slowly, "silent at 0.7 times for three days", 0.7 * allowed, 3 * DAY + HOUR, 0),
        burning(slowly, "fires with 150 requests a day", 0.5, DAY + HOUR, 1, rate=150 / DAY),
        burning(slowly, "silent with 70 requests a day", 0.5, DAY + HOUR, 0, rate=70 / DAY),
    ]
    if kind == "Latency":
        for case in cases:
            if case.step == "5m":
                told = next(line for line in case.lines if "count" in line.series)
                beside = answers("200")
                beside.values = list(told.values)
                case.lines.append(beside)
    return cases


CASES = [
    *turns("ApiDown", service_up, good=1, bad=0, label="up"),
    *turns("ApiDown", lambda: gauge("ready"), good=1, bad=0, label="ready"),
    *error_rate(),
    *turns("DatabaseLost", lambda: gauge("log_available"), good=1, bad=0),
    *turns("DatabaseUnreachable", lambda: gauge("decision_log_reachable", log="home"), good=1, bad=0),
    *turns("MlflowUnreachable", lambda: gauge("mlflow_reachable"), good=1, bad=0),
    *latency(),
    *busy(),
    *disk(),
    *shadow(),
    *budget("Availability", 0.001),
    *budget("Latency", 0.01),
]
