"""Tell a pager that speaks PagerDuty's Events API v2 (https://developer.pagerduty.com/docs/events-api-v2/overview/)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from credit_platform.monitoring.notices.channels import host_of, post, text_of
from credit_platform.monitoring.notices.problems import Notice, Severity

_LONGEST_SUMMARY = 1024


@dataclass(frozen=True)
class PagerChannel:
    """Trigger and resolve incidents; only errors wake somebody up."""

    url: str
    routing_key: str = field(repr=False)
    source: str
    name: str = "pager"
    together: bool = False
    least: Severity = "error"

    @property
    def where(self) -> str:
        """Its host."""
        return f"pager at {host_of(self.url)}"

    def send(self, notices: Sequence[Notice]) -> None:
        """Trigger or resolve each; the same incident has the same key, so that a repetition changes nothing.

        Raises:
            NoticeError: it did not accept one.
        """
        for notice in notices:
            post(self.url, self._event(notice), "CREDIT_PLATFORM_NOTIFY_PAGER_URL and CREDIT_PLATFORM_NOTIFY_PAGER_KEY")

    def _event(self, notice: Notice) -> dict[str, object]:
        event: dict[str, object] = {
            "routing_key": self.routing_key,
            "event_action": "resolve" if notice.kind == "resolved" else "trigger",
            "dedup_key": f"{self.source}/{notice.key}/{notice.incident}",
        }
        if notice.kind == "problem":
            event["payload"] = {
                "summary": notice.title[:_LONGEST_SUMMARY],
                "source": self.source,
                "severity": notice.severity,
                "timestamp": datetime.fromtimestamp(notice.at, UTC).isoformat(),
                "component": notice.key.partition(":")[0],
                "custom_details": {"message": text_of(notice), "key": notice.key, "owner": notice.owner},
            }
            if notice.link.startswith("http"):
                event["links"] = [{"href": notice.link, "text": "Where to look"}]
        return event
