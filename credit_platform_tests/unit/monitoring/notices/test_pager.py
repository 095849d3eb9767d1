"""A pager gets events of PagerDuty's API, v2."""

from __future__ import annotations

from credit_platform.monitoring.notices.pager import PagerChannel
from credit_platform.monitoring.notices.telling import trial_notices
from credit_platform_tests.listeners import webhook


def test_an_incident_is_triggered_and_resolved_by_the_same_key() -> None:
    with webhook() as hook:
        channel = PagerChannel(hook.url, "r0uting", source="credit_platform@host")
        channel.send(trial_notices())
        trigger, resolve = hook.bodies
    assert (trigger["event_action"], resolve["event_action"]) == ("trigger", "resolve")
    assert trigger["dedup_key"] == resolve["dedup_key"]
    assert trigger["routing_key"] == "r0uting"
    assert trigger["payload"]["summary"] == "Trial of notices"
    assert trigger["payload"]["severity"] == "error"
    assert "payload" not in resolve
    assert "r0uting" not in repr(channel)
