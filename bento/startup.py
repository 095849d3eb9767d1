"""What a service needs before it answers: API keys and the decision log.

What is here: `require_keys` and `open_log`, made from settings.
What to add here: another thing without which the service must not start.
What must not be here: the scorer (`engine.py`).
"""

from __future__ import annotations

import logging

from bento.access import Gatekeeper
from bento.metrics import ServiceMetrics
from bento.settings import PlatformSettings, ServiceSettings
from credit_platform.api_keys import KeyFile, KeyRing, owner_key
from credit_platform.errors import ApiKeyError
from credit_platform.monitoring.decision_log import DecisionStore, DecisionWriter, default_url

LOGGER = logging.getLogger("credit_platform.service")


def require_keys(platform: PlatformSettings, settings: ServiceSettings) -> Gatekeeper:
    """The gatekeeper for the keys that there are.

    Raises:
        ApiKeyError: there are none, or they cannot be read, and authentication is not disabled.
    """
    if platform.authentication == "disabled":
        LOGGER.warning("authentication is disabled: everyone who reaches this service may use it")
        return Gatekeeper(None)
    file = KeyFile(platform.api_keys or platform.home / "api_keys.json")
    keys = KeyRing(file, [] if platform.owner_key is None else [owner_key(platform.owner_key)])
    if not keys.has_active:
        raise ApiKeyError(
            f"The service has no API key: {file.path} holds none that is active.",
            "Make one: credit-platform keys create NAME --scope score. Or let everyone in on a machine of your own: "
            "CREDIT_PLATFORM_AUTHENTICATION=disabled.",
        )
    return Gatekeeper(keys, settings.rate_per_second)


def open_log(platform: PlatformSettings, settings: ServiceSettings, metrics: ServiceMetrics) -> DecisionWriter:
    """The decision log, opened if it can be reached; otherwise it is tried again while the service runs.

    Raises:
        DecisionLogError: its URL cannot be used.
    """
    store = DecisionStore(platform.decision_log_url or platform.database_url or default_url(platform.home))
    writer = DecisionWriter(
        store,
        capacity=settings.decision_log_queue,
        seconds=settings.decision_log_seconds,
        observer=metrics,
        coming=lambda: metrics.in_progress,
    )
    writer.start()
    return writer
