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


def unserved() -> list[Case]:
    """A portfolio has a champion and no service among the targets."""
    alert = "ApiDown"
    wait = wait_of(alert)

    def case(told: str, minute: int, firing: int, *lines: Line) -> Case:
        champion = gauge("champion_info").gone(CALM).at(1, 90)
        return Case(alert=alert, told=told, lines=[champion, *lines], minute=minute, firing=firing)

    return [
        case("a champion without a service fires", CALM + wait + 1, 1),
        case("a champion without a service: silent before its time", CALM + wait - 1, 0),
        case("a champion with a service: silent", 60, 0, service_up().at(1, 90)),
    ]


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
            lines=[
                gauge("requests_total", route="/predict", status="422").at(0, 1).grow(100, 60),
                answers("200").at(0, 1).grow(1, 60),
            ],
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


def phases(
    alert: str,
    told: str,
    *shares: tuple[int, float],
    minute: int,
    firing: int,
    rate: float = 1000,
    step: int = 1,
) -> Case:
    """Phases of so many minutes in which a share of the requests fails, or is slow; the last one goes on."""
    rest = max(minute - sum(minutes for minutes, _ in shares), 0) + 2 * step
    good, bad, whole = answers("200").at(0, 1), answers("503").at(0, 1), answers("200").at(0, 1)
    quick, timed_all = bucket("0.25").at(0, 1), gauge("request_seconds_count", route="/predict").at(0, 1)
    for minutes, share in (*shares, (rest, shares[-1][1])):
        steps, each = minutes // step, rate * step
        for line, growth in (
            (good, each * (1 - share)),
            (bad, each * share),
            (whole, each),
            (quick, each * (1 - share)),
            (timed_all, each),
        ):
            line.grow(growth, steps)
    lines = [good, bad] if alert.startswith("Availability") else [whole, quick, timed_all]
    return Case(alert=alert, told=told, lines=lines, minute=minute, firing=firing, step=f"{step}m")


def budget(kind: str, allowed: float) -> list[Case]:
    """Both alerts of an objective whose budget is `allowed`; shares are told in multiples of it."""
    page, ticket = f"{kind}BudgetBurnsFast", f"{kind}BudgetBurnsSlowly"

    def fast(told: str, *shares: tuple[int, float], minute: int, firing: int, rate: float = 1000) -> Case:
        scaled = [(minutes, times * allowed) for minutes, times in shares]
        return phases(page, told, *scaled, minute=minute, firing=firing, rate=rate)

    def slowly(told: str, *shares: tuple[int, float], minute: int, firing: int, rate: float = 1000) -> Case:
        scaled = [(minutes, times * allowed) for minutes, times in shares]
        return phases(ticket, told, *scaled, minute=minute, firing=firing, rate=rate, step=5)

    calm = 6 * HOUR
    half = 0.5 / allowed
    return [
        # An hour at 17.5 times passes 14.4 in its fiftieth minute; two minutes later it fires.
        fast("fires at 17 times for an hour", (calm, 0), (60, 17.5), minute=calm + 53, firing=1),
        fast("silent before its time", (calm, 0), (60, 17.5), minute=calm + 51, firing=0),
        fast("silent after half an hour at 20 times", (calm, 0), (60, 20), minute=calm + 30, firing=0),
        fast("silent when it gets better", (calm, 0), (40, 40), (60, 10), minute=calm + 50, firing=0),
        fast("silent when it is over", (calm, 0), (30, 40), (60, 0), minute=calm + 40, firing=0),
        fast("fires at 8 times for six hours", (calm, 8), minute=7 * HOUR, firing=1),
        fast("silent at 10 times for two hours", (4 * HOUR, 0), (HOUR, 10), minute=6 * HOUR + 30, firing=0),
        fast("silent when six hours get better", (HOUR, 0), (5 * HOUR, 10), (HOUR, 4), minute=6 * HOUR + 40, firing=0),
        fast("fires with 150 requests an hour", (HOUR, half), minute=3 * HOUR, firing=1, rate=2.5),
        fast("silent with 80 requests an hour", (HOUR, half), minute=3 * HOUR, firing=0, rate=1.3),
        slowly("fires at 1.5 times for three days", (DAY, 1.5), minute=3 * DAY + HOUR, firing=1),
        slowly("silent at 0.7 times for three days", (DAY, 0.7), minute=3 * DAY + HOUR, firing=0),
        slowly("silent at twice for a day", (2 * DAY, 0), (DAY, 2), minute=3 * DAY, firing=0),
        slowly("silent when it gets better", (DAY, 2), (DAY, 2), (8 * HOUR, 0.7), minute=2 * DAY + 8 * HOUR, firing=0),
        slowly("fires in its time", (HOUR, 4), minute=25, firing=1),
        slowly("silent before its time", (HOUR, 4), minute=15, firing=0),
        slowly("fires with 150 requests a day", (DAY, half), minute=DAY + HOUR, firing=1, rate=150 / DAY),
        slowly("silent with 70 requests a day", (DAY, half), minute=DAY + HOUR, firing=0, rate=70 / DAY),
    ]


CASES = [
    *turns("ApiDown", service_up, good=1, bad=0, label="up"),
    *turns("ApiDown", lambda: gauge("ready"), good=1, bad=0, label="ready"),
    *unserved(),
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
