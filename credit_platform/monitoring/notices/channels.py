"""Ways to tell people: a file, and a Slack-compatible webhook.

What is here: the protocol `Channel`, `FileChannel`, `WebhookChannel`, and the words of a notice.
What must not be here: e-mail (`mail.py`), a pager (`pager.py`), which of them are used (`chosen.py`).

An address of a webhook, a password and a routing key are secrets: no error of a channel quotes one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import httpx

from credit_platform.errors import NoticeError
from credit_platform.monitoring.notices.problems import Notice, Severity

TIMEOUT_SECONDS = 10.0
_HOST = re.compile(r"[\w.-]+|[0-9a-f:.]+", re.IGNORECASE)
"""A name or number of a host; anything else may be a secret in the wrong place."""


class Channel(Protocol):
    """A way to tell."""

    @property
    def name(self) -> str:
        """One word for it, the same as long as it is the same way."""
        ...

    @property
    def where(self) -> str:
        """Where people find it, without a secret."""
        ...

    @property
    def together(self) -> bool:
        """Whether many notices at once become one message."""
        ...

    @property
    def least(self) -> Severity:
        """Notices below this severity are not for it."""
        ...

    def send(self, notices: Sequence[Notice]) -> None:
        """Deliver one message about one or several incidents.

        Raises:
            NoticeError: it was not accepted; the message holds no secret.
        """
        ...


def title_of(notices: Sequence[Notice]) -> str:
    """One line about all of them."""
    if len(notices) == 1:
        return notices[0].heading
    over = sum(notice.kind == "resolved" for notice in notices)
    counts = ((len(notices) - over, "new problems"), (over, "resolved"))
    return "credit_platform: " + ", ".join(f"{count} {word}" for count, word in counts if count)


def text_of(notice: Notice) -> str:
    """What is said of one incident below its title."""
    lines = [notice.message, f"Owner: {notice.owner}" if notice.owner else "", notice.link and f"See: {notice.link}"]
    if notice.kind == "resolved" and notice.times > 1:
        lines.insert(1, f"It was seen {notice.times} times.")
    return "\n".join(line for line in lines if line)


def texts_of(notices: Sequence[Notice]) -> str:
    """What is said of all of them."""
    if len(notices) == 1:
        return text_of(notices[0])
    return "\n\n".join(f"{notice.heading}\n{text_of(notice)}" for notice in notices)


@dataclass(frozen=True)
class FileChannel:
    """Append notices to a JSON-lines file; always on, since it needs no one's address."""

    path: Path
    name: str = "file"
    together: bool = False
    least: Severity = "warning"

    @property
    def where(self) -> str:
        """The file."""
        return str(self.path)

    def send(self, notices: Sequence[Notice]) -> None:
        """Append a line for each.

        Raises:
            NoticeError: the file cannot be written.
        """
        lines = "".join(json.dumps(_record(notice), ensure_ascii=False) + "\n" for notice in notices)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(lines)
        except OSError as error:
            raise NoticeError(
                f"{self.path} cannot be written: {error.strerror}.", "Make room, or mend the folder's rights."
            ) from error


def _record(notice: Notice) -> dict[str, Any]:
    time = datetime.fromtimestamp(notice.at, UTC).isoformat(timespec="seconds")
    said = {"title": notice.title, "message": notice.message, "severity": notice.severity}
    where = {"key": notice.key, "link": notice.link, "owner": notice.owner, "incident": notice.incident}
    return {"time": time, "kind": notice.kind, **said, **where}


@dataclass(frozen=True)
class WebhookChannel:
    """Post notices to a Slack-compatible webhook."""

    url: str
    name: str = "webhook"
    together: bool = True
    least: Severity = "warning"

    @property
    def where(self) -> str:
        """Its host: the rest of the address is a secret."""
        return f"webhook at {host_of(self.url)}"

    def send(self, notices: Sequence[Notice]) -> None:
        """Post one message.

        Raises:
            NoticeError: it did not accept it.
        """
        post(
            self.url,
            {"text": _escaped(f"*{title_of(notices)}*\n{texts_of(notices)}")},
            "CREDIT_PLATFORM_NOTIFY_WEBHOOK",
        )


def _escaped(text: str) -> str:
    """As Slack wants the three characters that it reads itself (https://api.slack.com/reference/surfaces/formatting)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def host_of(url: str) -> str:
    """Host and port of an address, without login, path and query."""
    try:
        read = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        return "an address that cannot be read"
    if not _HOST.fullmatch(read.host):
        return "an address that cannot be read"
    return f"{read.host}:{read.port}" if read.port else read.host


def post(url: str, document: object, setting: str) -> None:
    """Post JSON.

    Args:
        url: where to; a secret.
        document: what.
        setting: the variable that names the address.

    Raises:
        NoticeError: it was not accepted; says the host and why.
    """
    try:
        answer = httpx.post(url, json=document, timeout=TIMEOUT_SECONDS, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        # The error and its causes quote the address, which is a secret.
        raise NoticeError(f"{host_of(url)} cannot be reached ({type(error).__name__}).", f"Check {setting}.") from None
    if not answer.is_success:
        raise NoticeError(f"{host_of(url)} answered with status {answer.status_code}.", f"Check {setting}.")
