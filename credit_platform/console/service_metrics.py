"""The metrics of a portfolio's service, asked over HTTP.

What is here: `ask_metrics`.
What to add here: another place where a service tells its metrics.
What must not be here: what they mean (`monitoring/overview/service.py`).
"""

from __future__ import annotations

from credit_platform.monitoring.overview.service import ServiceFigures, service_figures
from credit_platform.monitoring.scrape_targets import SERVICE_JOB, scrape_address
from credit_platform.serving.running_services import ServiceAccess, running_services
from credit_platform.serving.service_client import ServiceClient
from credit_platform.serving.service_problems import NoAnswerError, Problem
from credit_platform.settings import Settings

_PATIENCE_SECONDS = 3.0
"""A page that refreshes itself does not wait longer for a part of it."""


def ask_metrics(settings: Settings, access: ServiceAccess) -> ServiceFigures:
    """What the service says of itself: at its port for metrics alone, where this home knows it, else at its own.

    Raises:
        NoAnswerError: there is no answer.
        ServiceError: what answers tells no metrics of a scoring service.
    """
    known = any(one.url == access.url for one in running_services(settings))
    address = scrape_address(settings, SERVICE_JOB, access.portfolio) if known else None
    if address is not None:
        try:
            return _asked(ServiceAccess(access.portfolio, f"http://{address}", None))
        except NoAnswerError as error:
            # A model was exchanged just now, and its process with it; the service itself stays where it is.
            if error.kind is not Problem.DOWN:
                raise
    return _asked(access)


def _asked(access: ServiceAccess) -> ServiceFigures:
    with ServiceClient(access, timeout=_PATIENCE_SECONDS) as client:
        return service_figures(client.metrics())
