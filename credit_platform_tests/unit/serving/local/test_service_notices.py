"""What happens to a scoring service is told, and stops nothing when it cannot be."""

from __future__ import annotations

import json
from pathlib import Path

from credit_platform.serving.local.service_notices import ServiceNotices
from credit_platform.settings import Settings


def test_it_is_told_once_while_it_lasts_and_its_end(tmp_path: Path) -> None:
    said: list[str] = []
    notices = ServiceNotices(Settings(home=tmp_path), "toy", said.append)
    for _ in range(3):
        notices.wrong("start", "It does not start.")
    notices.well(["ended", "start"], "It answers.")
    lines = [json.loads(line) for line in (tmp_path / "notifications.jsonl").read_text().splitlines()]
    assert [(line["kind"], line["key"]) for line in lines] == [
        ("problem", "service:toy:start"),
        ("resolved", "service:toy:start"),
    ]
    assert lines[0]["title"] == "Scoring service of toy: does not start"
    assert said == []


def test_that_nobody_can_be_told_is_said_and_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "incidents").write_text("in the way")
    said: list[str] = []
    ServiceNotices(Settings(home=tmp_path), "toy", said.append).wrong("ended", "It is gone.")
    assert "Nobody could be told" in said[0]


def test_a_way_that_fails_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    settings = Settings.model_validate({"home": tmp_path, "notify_webhook": "http://127.0.0.1:9/s3cret"})
    ServiceNotices(settings, "toy", said.append).wrong("ended", "It is gone.")
    assert "Not told by webhook at 127.0.0.1:9" in said[0]
    assert "s3cret" not in said[0]
