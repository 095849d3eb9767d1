"""Tell by e-mail, over SMTP.

The server's address is `smtp://user:password@host:587` (with STARTTLS wherever the server offers it, and always where
there is a password) or `smtps://…` (TLS from the first byte).
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import SplitResult, unquote, urlsplit

from credit_platform.errors import NoticeError, SettingError
from credit_platform.monitoring.notices.channels import TIMEOUT_SECONDS, texts_of, title_of
from credit_platform.monitoring.notices.problems import Notice, Severity

_PORTS = {"smtp": 587, "smtps": 465}
_SETTING = "CREDIT_PLATFORM_NOTIFY_SMTP"


@dataclass(frozen=True)
class MailChannel:
    """Send one message to all recipients."""

    server: str = field(repr=False)
    sender: str
    recipients: tuple[str, ...]
    name: str = "mail"
    together: bool = True
    least: Severity = "warning"

    def __post_init__(self) -> None:
        """Refuse an address of a server that is none.

        Raises:
            SettingError: it cannot be read; the message does not quote it: it may hold a password.
        """
        _read(self.server)

    @property
    def where(self) -> str:
        """The recipients."""
        return f"e-mail to {', '.join(self.recipients)}"

    def send(self, notices: Sequence[Notice]) -> None:
        """Send one message.

        Raises:
            NoticeError: the server cannot be reached, or did not accept it for every recipient.
        """
        read, port = _read(self.server)
        try:
            refused = self._send(read, port, self._message(notices))
        except (OSError, smtplib.SMTPException) as error:
            # What a server says may quote the login.
            code = f", code {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
            raise NoticeError(
                f"The mail server {read.hostname}:{port} did not take it ({type(error).__name__}{code}).",
                f"Check {_SETTING} and CREDIT_PLATFORM_NOTIFY_MAIL_TO.",
            ) from None
        if refused:
            raise NoticeError(
                f"The mail server {read.hostname}:{port} did not take it for {', '.join(sorted(refused))}.",
                "Check CREDIT_PLATFORM_NOTIFY_MAIL_TO.",
            )

    def _send(self, read: SplitResult, port: int, message: EmailMessage) -> dict[str, tuple[int, bytes]]:
        host = str(read.hostname)
        if read.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=_trusted())
        else:
            client = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
        with client:
            client.ehlo()
            # A password goes over no open line: a server without TLS is refused.
            if read.scheme == "smtp" and (client.has_extn("starttls") or read.password):
                client.starttls(context=_trusted())
                client.ehlo()
            if read.username:
                client.login(unquote(read.username), unquote(read.password or ""))
            return client.send_message(message)

    def _message(self, notices: Sequence[Notice]) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = " ".join(f"[credit_platform] {title_of(notices)}".split())
        message["From"], message["To"] = self.sender, ", ".join(self.recipients)
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="credit-platform.invalid")
        # Whatever answers by itself, as an absence note does, should not answer this.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(texts_of(notices) + "\n")
        return message


def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


def _read(server: str) -> tuple[SplitResult, int]:
    try:
        read = urlsplit(server)
        port = read.port or _PORTS[read.scheme]
    except (ValueError, KeyError):
        read, port = SplitResult("", "", "", "", ""), 0
    if not read.hostname:
        raise SettingError(f"{_SETTING} is no address of a mail server.", "Write it as smtp://user:password@host:587.")
    return read, port
