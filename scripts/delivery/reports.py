"""Telling people what came of a delivery, by the webhook, mail and pager that the settings name.

What is here: `tell`.
What must not be here: another way to tell (`credit_platform/monitoring/notices`).
"""

from __future__ import annotations

import time
from typing import Final

from credit_platform.cli.options import parse_settings
from credit_platform.errors import CreditPlatformError
from credit_platform.monitoring.notices.channels import Channel, FileChannel
from credit_platform.monitoring.notices.chosen import channels_of
from credit_platform.monitoring.notices.problems import Notice, Severity
from credit_platform.monitoring.notices.telling import OPERATIONS
from scripts.delivery.approvals import Record


def tell(record: Record) -> list[str]:
    """Tell everybody whom the settings name; a sentence for each way that works, and for each that does not.

    What came of a delivery does not depend on it.
    """
    try:
        channels = [channel for channel in channels_of(parse_settings()) if not isinstance(channel, FileChannel)]
    except CreditPlatformError as error:
        return [f"Nobody was told: {error}"]
    notice = _notice(record)
    return [_told(channel, notice) for channel in channels if notice.severity == "error" or channel.least == "warning"]


def _told(channel: Channel, notice: Notice) -> str:
    try:
        channel.send([notice])
    except CreditPlatformError as error:
        return f"{channel.where} was not told: {error}"
    return f"Told: {channel.where}."


_TITLES: Final = {"done": "serves in", "taken back": "was taken back in", "does not answer": "does not answer in"}
"""By verdict."""


def _notice(record: Record) -> Notice:
    well = record.verdict == "done"
    severity: Severity = "warning" if well else "error"
    now = time.time()
    return Notice(
        delivery=0,
        incident=0,
        kind="problem",
        key=f"delivery:{record.environment}",
        title=f"{record.tag} {_TITLES[record.verdict]} {record.environment}",
        message=record.message,
        severity=severity,
        link="docs/CICD.md",
        owner=OPERATIONS,
        opened=now,
        at=now,
        times=1,
        attempts=0,
    )
