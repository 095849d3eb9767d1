"""E-mail goes to a real SMTP server, and no error holds its password."""

from __future__ import annotations

from dataclasses import replace

import pytest

from credit_platform.errors import NoticeError, SettingError
from credit_platform.monitoring.notices.mail import MailChannel
from credit_platform.monitoring.notices.telling import trial_notices
from credit_platform_tests.listeners import mail_server

TO = ("risk@lender.example", "ops@lender.example")


def test_a_message_arrives_with_subject_and_text() -> None:
    with mail_server() as box:
        channel = MailChannel(box.url, sender="platform@lender.example", recipients=TO)
        channel.send([replace(trial_notices()[0], title="Refusé:\nBcc: x@y", message="Prêt à dépenser.\n.\nend")])
        (message,) = box.messages
    assert message["Subject"] == "[credit_platform] Refusé: Bcc: x@y"
    assert message["To"] == ", ".join(TO)
    assert message["Bcc"] is None
    assert message.get_content().splitlines()[:3] == ["Prêt à dépenser.", ".", "end"]
    assert channel.where == "e-mail to risk@lender.example, ops@lender.example"


def test_a_recipient_that_is_refused_is_said() -> None:
    with mail_server() as box:
        box.refused = {TO[1]}
        with pytest.raises(NoticeError, match=f"for {TO[1]}"):
            MailChannel(box.url, sender="a@b.example", recipients=TO).send(trial_notices())


def test_a_password_is_not_sent_over_an_open_line_and_is_in_no_error() -> None:
    with mail_server() as box:
        url = box.url.replace("smtp://", "smtp://user:s3cret@")
        channel = MailChannel(url, sender="a@b.example", recipients=TO)
        with pytest.raises(NoticeError, match="SMTPNotSupportedError") as caught:
            channel.send(trial_notices())
        assert box.messages == []
    assert "s3cret" not in f"{caught.value!r} {channel!r}"
    assert caught.value.__cause__ is None


def test_a_server_that_is_away_is_said() -> None:
    with pytest.raises(NoticeError, match=r"127\.0\.0\.1:9 did not take it"):
        MailChannel("smtp://127.0.0.1:9", sender="a@b.example", recipients=TO).send(trial_notices())


@pytest.mark.parametrize("url", ["mail.example", "http://s3cret", "smtp://", "smtp://h:s3cret", "smtps://h:99999"])
def test_an_address_that_is_none_is_refused_before_anything_is_told(url: str) -> None:
    with pytest.raises(SettingError, match="no address of a mail server") as caught:
        MailChannel(url, sender="a@b.example", recipients=TO)
    assert "s3cret" not in str(caught.value)
