"""What pods answered, by their own count: requests for decisions, and those that they failed.

What is here: `Answered`, and `answered`, which asks a pod for its metrics.
What must not be here: what follows from too many failures (`deployer.py`); Prometheus, which need not be there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import httpx
from prometheus_client.parser import text_string_to_metric_families

from credit_platform.monitoring.metrics.service import REQUESTS
from credit_platform.serving.deployer import LEAST_REQUESTS
from credit_platform.serving.kubernetes.pods import Pod

_DECIDING = frozenset({"/predict", "/predict_batch"})
_SECONDS = 5.0
_SERVER_ERROR = 500
_MOST_ERRORS = 0.01
"""By how much a pod's share of errors may be above that of others at the same time."""
_LEAST_ERRORS = 3
"""So few may be chance."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Requests for decisions."""

    requests: int = 0
    errors: int = 0
    """Those answered with a status of 500 or more: the service's own fault."""

    @property
    def share(self) -> float:
        """Share of errors; 0 where nothing was asked."""
        return self.errors / self.requests if self.requests else 0.0

    def __add__(self, other: Answered) -> Answered:
        """Both together."""
        return Answered(requests=self.requests + other.requests, errors=self.errors + other.errors)

    def errs_more_than(self, others: Answered) -> bool:
        """Whether it fails more of them than others at the same time, beyond chance."""
        enough = self.requests >= LEAST_REQUESTS and self.errors >= _LEAST_ERRORS
        return enough and self.share > others.share + _MOST_ERRORS

    def since(self, before: Answered) -> Answered:
        """What came after `before`; from 0 on where the process began anew."""
        if before.requests > self.requests:
            return self
        return Answered(requests=self.requests - before.requests, errors=self.errors - before.errors)


def answered(pods: Iterable[Pod]) -> dict[str, Answered]:
    """What each pod answered since it began, by its name; pods that cannot be asked are left out."""
    found = {}
    with httpx.Client(trust_env=False, timeout=_SECONDS) as http:
        for pod in pods:
            if not pod.metrics:
                continue
            try:
                page = http.get(f"http://{pod.metrics}/metrics").raise_for_status().text
            except httpx.HTTPError:
                continue
            found[pod.name] = _counted(page)
    return found


def _counted(page: str) -> Answered:
    total = Answered()
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            if sample.name == REQUESTS.name and sample.labels.get("route") in _DECIDING:
                failed = int(sample.labels["status"]) >= _SERVER_ERROR
                total += Answered(requests=int(sample.value), errors=int(sample.value) if failed else 0)
    return total
