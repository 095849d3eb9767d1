"""The ways to tell that the settings ask for; the file is always among them.

What to add here: a line for a new `Channel`.
"""

from __future__ import annotations

import getpass
import socket
from pathlib import Path

from credit_platform.errors import SettingError
from credit_platform.monitoring.notices.channels import Channel, FileChannel, WebhookChannel
from credit_platform.monitoring.notices.mail import MailChannel
from credit_platform.monitoring.notices.pager import PagerChannel
from credit_platform.settings import Settings


def notices_file(settings: Settings) -> Path:
    """Where notices are always written."""
    return settings.home / "notifications.jsonl"


def channels_of(settings: Settings) -> list[Channel]:
    """All ways to tell.

    Raises:
        SettingError: e-mail is asked for in half, or the address of its server is none.
    """
    chosen: list[Channel] = [FileChannel(notices_file(settings))]
    if settings.notify_webhook is not None:
        chosen.append(WebhookChannel(settings.notify_webhook.get_secret_value()))
    if settings.notify_mail_to or settings.notify_smtp is not None:
        if not settings.notify_mail_to or settings.notify_smtp is None:
            raise SettingError(
                "E-mail is asked for in half.",
                "Set both CREDIT_PLATFORM_NOTIFY_SMTP and CREDIT_PLATFORM_NOTIFY_MAIL_TO, or neither.",
            )
        sender = settings.notify_mail_from or f"{getpass.getuser()}@{socket.getfqdn()}"
        server = settings.notify_smtp.get_secret_value()
        chosen.append(MailChannel(server, sender=sender, recipients=settings.notify_mail_to))
    if settings.notify_pager_key is not None:
        key = settings.notify_pager_key.get_secret_value()
        chosen.append(PagerChannel(settings.notify_pager_url, key, source=f"credit_platform@{socket.gethostname()}"))
    return chosen
