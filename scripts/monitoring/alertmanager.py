"""Configuration of Alertmanager: who is told of what, how often, and what is not told beside something worse.

What is here: `configuration`.
What to add here: a receiver, or an inhibition with the reason why the one explains the other.
What must not be here: a secret: those are read from files.
"""

from __future__ import annotations

from dataclasses import dataclass

from scripts.monitoring.rules import Owner, Severity

SLACK = "secrets/slack_url"
PAGERDUTY = "secrets/pagerduty_routing_key"
SMTP = "secrets/smtp_password"
TOKEN = "secrets/alerts_token"  # noqa: S105  # where it lies
"""Files, from the folder in which Alertmanager is started; nobody else may read them."""

_OF_THE_SERVICE = (
    "ApiErrorRateHigh|ApiLatencyHigh|AvailabilityBudgetBurnsFast|AvailabilityBudgetBurnsSlowly|"
    "LatencyBudgetBurnsFast|LatencyBudgetBurnsSlowly|NoDecisions|AcceptanceJump"
)
_OF_FAILED_ANSWERS = (
    "ApiErrorRateHigh|AvailabilityBudgetBurnsFast|AvailabilityBudgetBurnsSlowly|NoDecisions|DatabaseUnreachable"
)
_OF_THE_DAEMON = "AssetStale|RunStuck|MonitoringOverdue|SensorLate|DaemonFailing|TickFailing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Addresses:
    """Where messages go. The defaults are examples that reach nobody: `example.org` is no one's."""

    incidents: str = "http://127.0.0.1:9095/alerts"
    """Receiver of the platform, which keeps the incidents of the home; it asks for the home's token."""
    watchdog: str = "http://127.0.0.1:9095/alerts"
    """Where the Watchdog is expected: the platform, and better still a place outside of this machine."""
    pagerduty: str = ""
    """Another address than PagerDuty's own."""
    smarthost: str = "localhost:25"
    domain: str = "example.org"
    starttls: bool = True
    folder: str = ""
    """Folder of the secrets and templates, with a slash, where Alertmanager starts elsewhere."""
    group_wait: str = "30s"
    group_interval: str = "5m"


def configuration(addresses: Addresses) -> dict[str, object]:
    """`alertmanager.yml`: by severity and owner; everything also to `monitoring/incidents`."""
    return {
        "global": {
            "resolve_timeout": "5m",
            "smtp_smarthost": addresses.smarthost,
            "smtp_from": f"credit-platform@{addresses.domain}",
            "smtp_auth_username": "credit-platform",
            "smtp_auth_password_file": addresses.folder + SMTP,
            "smtp_require_tls": addresses.starttls,
            "slack_api_url_file": addresses.folder + SLACK,
            **({"pagerduty_url": addresses.pagerduty} if addresses.pagerduty else {}),
        },
        "templates": [f"{addresses.folder}templates/*.tmpl"],
        "route": _route(addresses),
        "inhibit_rules": _inhibitions(),
        "receivers": [
            _webhook("watchdog", addresses.watchdog, addresses, resolved=False),
            _webhook("incidents", addresses.incidents, addresses, resolved=True),
            *(_ticket(owner, addresses) for owner in Owner),
            *(_page(owner, addresses) for owner in Owner),
        ],
    }


def _route(addresses: Addresses) -> dict[str, object]:
    """One message for an alert and a portfolio; a page is repeated after four hours, a ticket after a week."""
    pages = [_to(f"page-{owner}", f'owner="{owner}"', f'severity="{Severity.CRITICAL}"') for owner in Owner]
    tickets = [_to(f"ticket-{owner}", f'owner="{owner}"') for owner in Owner]
    for page in pages:
        page["repeat_interval"] = "4h"
    return {
        "receiver": f"ticket-{Owner.PLATFORM}",
        "group_by": ["alertname", "portfolio"],
        "group_wait": addresses.group_wait,
        "group_interval": addresses.group_interval,
        "repeat_interval": "7d",
        "routes": [
            {
                **_to("watchdog", 'alertname="Watchdog"'),
                "group_wait": "0s",
                "group_interval": "1m",
                "repeat_interval": "5m",
            },
            {**_to("incidents", 'severity=~".+"'), "continue": True},
            *pages,
            *tickets,
        ],
    }


def _to(receiver: str, *matchers: str) -> dict[str, object]:
    return {"receiver": receiver, "matchers": list(matchers)}


def _inhibitions() -> list[dict[str, object]]:
    """What is not told while its cause is."""
    return [
        # Nobody is answered: how many and how fast is no news.
        _inhibit("ApiDown", _OF_THE_SERVICE, "portfolio"),
        # Without its log the service answers 503 by design.
        _inhibit("DatabaseLost", _OF_FAILED_ANSWERS, "portfolio"),
        _inhibit("DatabaseLost", "DatabaseUnreachable"),
        # What pages is no ticket besides.
        _inhibit("AvailabilityBudgetBurnsFast", "AvailabilityBudgetBurnsSlowly|ApiErrorRateHigh", "portfolio"),
        _inhibit("LatencyBudgetBurnsFast", "LatencyBudgetBurnsSlowly|ApiLatencyHigh", "portfolio"),
        # Nothing starts without the daemon, and freshness is judged by it.
        _inhibit("DaemonDead", _OF_THE_DAEMON),
        _inhibit("CodeLocationBroken", _OF_THE_DAEMON),
        # The exporter's last words.
        _inhibit("ExporterDown", "ExporterFailing"),
    ]


def _inhibit(source: str, targets: str, *equal: str) -> dict[str, object]:
    return {
        "source_matchers": [f'alertname="{source}"'],
        "target_matchers": [f'alertname=~"{targets}"'],
        **({"equal": list(equal)} if equal else {}),
    }


def _webhook(name: str, url: str, addresses: Addresses, *, resolved: bool) -> dict[str, object]:
    shown = {"authorization": {"credentials_file": addresses.folder + TOKEN}}
    return {"name": name, "webhook_configs": [{"url": url, "send_resolved": resolved, "http_config": shown}]}


def _email(owner: Owner, addresses: Addresses) -> dict[str, object]:
    return {
        "to": f"{owner}@{addresses.domain}",
        "send_resolved": True,
        "headers": {"Subject": '{{ template "credit_platform.title" . }}'},
        "html": "",
        "text": '{{ template "credit_platform.text" . }}',
    }


def _slack(channel: str) -> dict[str, object]:
    return {
        "channel": channel,
        "send_resolved": True,
        "color": '{{ template "credit_platform.colour" . }}',
        "title": '{{ template "credit_platform.title" . }}',
        "title_link": '{{ template "credit_platform.runbook" . }}',
        "text": '{{ template "credit_platform.slack" . }}',
    }


def _ticket(owner: Owner, addresses: Addresses) -> dict[str, object]:
    return {
        "name": f"ticket-{owner}",
        "email_configs": [_email(owner, addresses)],
        "slack_configs": [_slack(f"#credit-{owner}")],
    }


def _page(owner: Owner, addresses: Addresses) -> dict[str, object]:
    pagerduty = {
        "routing_key_file": addresses.folder + PAGERDUTY,
        "send_resolved": True,
        "severity": "critical",
        "class": "{{ .CommonLabels.alertname }}",
        "component": "{{ .CommonLabels.portfolio }}",
        "group": "{{ .CommonLabels.owner }}",
        "description": '{{ template "credit_platform.title" . }}',
        "details": {"firing": '{{ template "credit_platform.text" . }}'},
        "links": [{"href": '{{ template "credit_platform.runbook" . }}', "text": "Runbook"}],
    }
    return {
        "name": f"page-{owner}",
        "pagerduty_configs": [pagerduty],
        "email_configs": [_email(owner, addresses)],
        "slack_configs": [_slack("#credit-incidents")],
    }
