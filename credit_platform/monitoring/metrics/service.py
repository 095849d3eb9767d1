"""The metrics of a scoring service.

What is here: `SERVICE`. Prometheus adds the label `portfolio` of the target (`targets.json`).
What to add here: a metric of the service, whose labels have a small set of values that is known when it starts.
What must not be here: a label that a client chooses (a raw path, an applicant, a key): a series for ever each, and
perhaps personal data.
"""

from __future__ import annotations

from credit_platform.monitoring.metrics.metric import Label, counter, gauge, histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_MODEL_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5)
_COMMIT_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_GROUP_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 10_000)
_PROBABILITIES = tuple(step / 20 for step in range(1, 21))

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ROUTES = ("/predict", "/predict_batch", "/explain", "/health", "/model-info", "/metrics", "/openapi.json", "/docs")
DECISIONS = ("accepted", "refused", "review")
_METHOD = Label(name="method", values=(*METHODS, "other"))
_ROUTE = Label(name="route", values=(*ROUTES, "other"))
_STATUS = Label(name="status", source="HTTP statuses; those that OpenAPI declares are there from the start, with 500")
_DECISION = Label(name="decision", values=DECISIONS)
_VERSION = Label(name="version", source="of the one model that answers; a new one takes the place of the process")
_NAME = Label(name="name", source="as above")

REQUESTS = counter(
    "requests_total",
    "Requests answered.",
    "requests",
    _METHOD,
    _ROUTE,
    _STATUS,
    blind="Connections refused before a request was read, and what a proxy answered itself. 499: the client left.",
)
REQUEST_SECONDS = histogram(
    "request_seconds",
    "Time from the request's head to the end of its answer.",
    "seconds",
    _SECONDS,
    _ROUTE,
    blind="Time before the service read the head: network, proxy, a full accept queue. All statuses together.",
)
IN_PROGRESS = gauge(
    "requests_in_progress",
    "Requests not answered yet.",
    "requests",
    blind="A moment: short peaks between scrapes are missed. The request for metrics may count itself.",
    workers="livesum",
)
ERRORS = counter(
    "errors_total",
    "Requests not answered, by the code of the error.",
    "requests",
    Label(name="code", source="bento/errors.py, ErrorCode"),
    blind="Clients that went away (status 499 of requests).",
)
DECIDED = counter(
    "decisions_total",
    "Applicants scored, by decision.",
    "applicants",
    _DECISION,
    blind="Explanations and repeated requests: neither is a decision. Starts at 0 with each process.",
)
REASONS = counter(
    "reasons_total",
    "Reasons given, by family and decision.",
    "reasons",
    Label(name="reason", source="families of reasons that the portfolio declares"),
    _DECISION,
    blind="Which wording was chosen. A decision counts once for each of its reasons.",
)
REPEATED = counter(
    "repeated_requests_total",
    "Requests that came again and got the stored answer.",
    "applicants",
    blind="The same applicant under another request id.",
)
PROBABILITY = histogram(
    "probability_of_default",
    "Probabilities of default answered.",
    "ratio",
    _PROBABILITIES,
    blind="Bins of 0.05: for a bank whose scores lie below 0.05 they say little; drift has 256 cells.",
)
MODEL_SECONDS = histogram(
    "model_seconds",
    "Time of one call of the model alone: feature values to margins, of all applicants scored together.",
    "seconds",
    _MODEL_SECONDS,
    blind="Reading, checking, features, reasons and the log. One call may score up to 100 applicants.",
)
MODEL_APPLICANTS = counter(
    "model_applicants_total",
    "Applicants that calls of the model scored; beside the count of calls it says how many share one.",
    "applicants",
    blind="The challenger's calls.",
)
COMMIT_SECONDS = histogram(
    "log_commit_seconds",
    "Time to commit a group of decisions to the decision log.",
    "seconds",
    _COMMIT_SECONDS,
    blind="Time in the queue before; groups that failed.",
)
GROUP_SIZE = histogram(
    "log_group_size", "Decisions committed together.", "decisions", _GROUP_SIZES, blind="Groups that failed."
)
LOG_FAILURES = counter(
    "log_failures_total",
    "Groups of decisions that the log did not take.",
    "groups",
    blind="How many applicants waited: see errors_total, code log_unavailable.",
)
LOG_QUEUE = gauge(
    "log_queue_depth",
    "Decisions that wait for the decision log.",
    "decisions",
    blind="A moment, as it was at the last change.",
    workers="livesum",
)
LOG_AVAILABLE = gauge(
    "log_available",
    "1 when the decision log takes decisions, else 0.",
    "1/0",
    blind="Known from the last attempt: without requests a lost database is found by the retry only.",
    workers="livemin",
)
READY = gauge(
    "ready", "1 when a scorer is loaded, else 0.", "1/0", blind="The log: see log_available.", workers="livemin"
)
MODEL_INFO = gauge(
    "model_info",
    "1 for the model that answers.",
    "1/0",
    Label(name="portfolio", source="of the scorer"),
    _NAME,
    _VERSION,
    Label(name="feature_version", source="as above"),
    blind="The digest: see /model-info.",
    workers="livemax",
)
SERVICE_INFO = gauge(
    "service_info",
    "1 for the version of the API.",
    "1/0",
    Label(name="api_version", source="of the package"),
    blind="The digest of the code: see /model-info.",
    workers="livemax",
)
PROCESS_CPU = counter(
    "process_cpu_seconds_total",
    "Processor time of the service's processes, user and system, summed over workers.",
    "seconds",
    blind="Programs beside it, the proxy before it. Updated every 5 s.",
)
PROCESS_MEMORY = gauge(
    "process_resident_memory_bytes",
    "Resident memory of the service's processes, summed over workers.",
    "bytes",
    blind="Pages that workers share count once for each. Updated every 5 s.",
    workers="livesum",
)
PROCESS_CORES = gauge(
    "process_cpu_cores",
    "Processors that the service may use: its container's limit, else those of the machine.",
    "cores",
    blind="What others take of them.",
    workers="livemax",
)
PROCESS_START = gauge(
    "process_start_timestamp_seconds",
    "When the youngest worker started.",
    "timestamp",
    blind="A process that was exchanged has another target in targets.json.",
    workers="livemax",
)
SHADOW_SCORED = counter(
    "shadow_scored_total",
    "Decisions that the challenger scored along, by what it would have decided.",
    "applicants",
    _DECISION,
    blind="Those that were dropped or failed.",
)
SHADOW_DISAGREEMENTS = counter(
    "shadow_disagreements_total",
    "Decisions on which champion and challenger differ, by both.",
    "applicants",
    Label(name="champion", values=DECISIONS),
    Label(name="challenger", values=DECISIONS),
    blind="How far the probabilities are apart: the decision log has both.",
)
SHADOW_DROPPED = counter(
    "shadow_dropped_total",
    "Decisions not scored along: too many waited.",
    "applicants",
    blind="What waited in a process that was killed.",
)
SHADOW_ERRORS = counter(
    "shadow_errors_total",
    "Decisions not scored along, by what failed.",
    "applicants",
    Label(name="cause", values=("scoring", "log")),
    blind="What waited in a process that was killed.",
)
SHADOW_QUEUE = gauge(
    "shadow_queue_depth", "Decisions that wait for the challenger.", "decisions", blind="A moment.", workers="livesum"
)
SHADOW_INFO = gauge(
    "shadow_info",
    "1 for the model that scores along; absent where none does.",
    "1/0",
    _NAME,
    _VERSION,
    blind="The digest.",
    workers="livemax",
)

SERVICE = (
    *(REQUESTS, REQUEST_SECONDS, IN_PROGRESS, ERRORS, DECIDED, REASONS, REPEATED, PROBABILITY, MODEL_SECONDS),
    *(MODEL_APPLICANTS, COMMIT_SECONDS, GROUP_SIZE, LOG_FAILURES, LOG_QUEUE, LOG_AVAILABLE, READY, MODEL_INFO),
    *(SERVICE_INFO, PROCESS_CPU, PROCESS_MEMORY, PROCESS_CORES, PROCESS_START, SHADOW_SCORED, SHADOW_DISAGREEMENTS),
    *(SHADOW_DROPPED, SHADOW_ERRORS, SHADOW_QUEUE, SHADOW_INFO),
)
"""All of them, in the order of the page."""
