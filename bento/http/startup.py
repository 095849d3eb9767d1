"""What a service needs before it answers: API keys and the decision log.

What is here: `require_keys`, `require_log` and `open_log`, made from settings; `require_source`.
What to add here: another thing without which the service must not start.
What must not be here: the scorer (`engine.py`).
"""

from __future__ import annotations

import logging
from pathlib import Path

from bento.http.access import Gatekeeper
from bento.runtime.metrics import ServiceMetrics
from bento.runtime.settings import BUNDLED_SCORER, PlatformSettings, ServiceSettings
from credit_platform.api_keys import KeyFile, KeyRing, owner_key
from credit_platform.errors import ApiKeyError, DecisionLogError, DecisionLogLostError
from credit_platform.monitoring.decision_log import DecisionStore, DecisionWriter, default_url
from credit_platform.scoring.served_source import check_source

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


def require_log(platform: PlatformSettings) -> None:
    """Refuse a decision log that is known and turns up empty or shorter; one that cannot be reached is no reason.

    Raises:
        DecisionLogLostError: it lacks what its checkpoints vouch for.
    """
    try:
        DecisionStore(log_url(platform), platform.decision_checkpoints).require_whole()
    except DecisionLogLostError:
        raise
    except DecisionLogError as error:
        LOGGER.warning("the decision log was not compared with its checkpoints: %s", error)


def require_source(source: Path = BUNDLED_SCORER.parent) -> None:
    """See that a Bento serves with the code it was promoted with; a checkout, which is none, serves with what it has.

    Raises:
        ScorerError: a file of it was altered, added or removed.
    """
    if not (source / "scorer").is_dir() or not (source.parent / "bento.yaml").is_file():
        return
    if not check_source(source):
        LOGGER.warning("made before the digest of its code was recorded: it serves so until the next promotion")


def log_url(platform: PlatformSettings) -> str:
    """Database of the decision log: its own, else that of the whole platform, else a file of the home."""
    return platform.decision_log_url or platform.database_url or default_url(platform.home)


def open_log(platform: PlatformSettings, settings: ServiceSettings, metrics: ServiceMetrics) -> DecisionWriter:
    """The decision log, opened if it can be reached; otherwise it is tried again while the service runs.

    Raises:
        DecisionLogError: its URL cannot be used.
    """
    store = DecisionStore(log_url(platform), platform.decision_checkpoints)
    writer = DecisionWriter(
        store,
        capacity=settings.decision_log_queue,
        seconds=settings.decision_log_seconds,
        observer=metrics,
        coming=lambda: metrics.in_progress,
    )
    writer.start()
    return writer
