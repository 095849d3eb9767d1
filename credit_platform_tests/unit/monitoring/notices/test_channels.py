"""Notices arrive over a real webhook, and no error holds its address."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from credit_platform.errors import NoticeError
from credit_platform.monitoring.notices.channels import FileChannel, WebhookChannel, host_of, texts_of, title_of
from credit_platform.monitoring.notices.telling import trial_notices
from credit_platform_tests.listeners import webhook


def test_the_file_gets_a_line_for_each(tmp_path: Path) -> None:
    channel = FileChannel(tmp_path / "deep" / "notifications.jsonl")
    channel.send(trial_notices())
    lines = [json.loads(line) for line in channel.path.read_text(encoding="utf-8").splitlines()]
    assert [line["kind"] for line in lines] == ["problem", "resolved"]
    assert lines[0]["message"].startswith("Nothing is wrong")
    assert channel.where == str(channel.path)


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "deep").write_text("")
    with pytest.raises(NoticeError, match="cannot be written"):
        FileChannel(tmp_path / "deep" / "notifications.jsonl").send(trial_notices())


def test_a_webhook_gets_the_text_that_slack_shows() -> None:
    with webhook() as hook:
        WebhookChannel(hook.url).send(trial_notices()[:1])
        (body,) = hook.bodies
    assert body["text"].splitlines()[0] == "*Trial of notices*"
    assert "See: credit-platform notices list" in body["text"]


def test_what_slack_would_read_itself_is_escaped() -> None:
    with webhook() as hook:
        WebhookChannel(hook.url).send([replace(trial_notices()[0], message="a < b & <!channel>")])
        assert "a &lt; b &amp; &lt;!channel&gt;" in hook.bodies[0]["text"]


@pytest.mark.parametrize("status", [302, 403, 500])
def test_a_webhook_that_refuses_is_an_error_without_its_address(status: int) -> None:
    with webhook() as hook:
        hook.status = status
        with pytest.raises(NoticeError) as caught:
            WebhookChannel(hook.url).send(trial_notices())
    assert str(status) in str(caught.value)
    assert "s3cret" not in f"{caught.value!r}{WebhookChannel(hook.url).where}"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/s3cret", "http://[s3cret", "nothing s3cret", "http://s3cret\x00"])
def test_one_that_cannot_be_reached_is_an_error_without_its_address(url: str) -> None:
    with pytest.raises(NoticeError) as caught:
        WebhookChannel(url).send(trial_notices())
    assert caught.value.__cause__ is None
    assert "s3cret" not in str(caught.value).replace("http://s3cret", "")
    assert host_of("https://user:s3cret@h.example:8443/s3cret?a=s3cret") == "h.example:8443"


def test_many_at_once_have_one_title_and_all_texts() -> None:
    several = [*trial_notices(), *trial_notices()]
    assert title_of(several) == "credit_platform: 2 new problems, 2 resolved"
    assert texts_of(several).count("The trial is over.") == 2
