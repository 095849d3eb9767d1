"""Who is told of what, what goes together, and what becomes of a way to tell that fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from credit_platform.monitoring.notices.channels import Channel, FileChannel, WebhookChannel
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.pager import PagerChannel
from credit_platform.monitoring.notices.problems import Problem, Recovery
from credit_platform.monitoring.notices.telling import AT_ONCE, tell
from credit_platform.settings import Settings
from credit_platform_tests.listeners import webhook

NOW = 1_000_000.0


class World:
    def __init__(self, home: Path) -> None:
        self.book, self.file, self.now = IncidentBook.of(Settings(home=home)), FileChannel(home / "told.jsonl"), NOW

    def tell(self, channels: list[Channel], *found: Problem | Recovery) -> tuple[str, ...]:
        return tell(self.book, [self.file, *channels], found, clock=lambda: self.now).faults

    def lines(self) -> list[tuple[str, str]]:
        read = map(json.loads, self.file.path.read_text().splitlines())
        return [(line["kind"], line["key"]) for line in read]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def wrong(key: str, at: float = NOW, **other: str) -> Problem:
    return Problem(key=key, title=f"{key} is wrong", message="So it is.", at=at, **other)  # type: ignore[arg-type]  # fields by name


def test_a_way_that_fails_is_told_by_the_others_once_and_its_end_too(world: World) -> None:
    with webhook() as hook:
        channel, hook.status = WebhookChannel(hook.url), 503
        assert len(world.tell([channel], wrong("a"))) == 1
        assert world.lines() == [("problem", "a"), ("problem", "notices:webhook")]
        world.now += 10_000
        world.tell([channel])
        assert world.lines() == [("problem", "a"), ("problem", "notices:webhook")]
        hook.status = 200
        world.now += 10_000
        assert world.tell([channel]) == ()
        assert [body["text"].splitlines()[0] for body in hook.bodies] == ["*a is wrong*"]
    assert world.lines()[2:] == [("resolved", "notices:webhook")]
    assert "s3cret" not in world.file.path.read_text()


def test_many_at_once_are_one_message_where_people_read_it(world: World) -> None:
    with webhook() as hook:
        world.tell([WebhookChannel(hook.url)], *(wrong(f"check:{n}") for n in range(AT_ONCE)))
        assert len(hook.bodies) == AT_ONCE
        world.tell([WebhookChannel(hook.url)], *(wrong(f"step:{n}") for n in range(AT_ONCE + 1)))
        assert hook.bodies[AT_ONCE:][0]["text"].startswith("*credit_platform: 6 new problems*")
        assert len(hook.bodies) == AT_ONCE + 1
    assert len(world.lines()) == 2 * AT_ONCE + 1


def test_a_pager_hears_of_errors_and_their_end_only(world: World) -> None:
    with webhook() as hook:
        pager = PagerChannel(hook.url, "key", source="here")
        world.tell([pager], wrong("a", severity="warning"), wrong("b"))
        world.tell([pager], *(Recovery(key=key, at=NOW + 1, message="Well.") for key in ("a", "b")))
        world.now += 5
        world.tell([pager])
        assert [(b["event_action"], b["dedup_key"].split("/")[1]) for b in hook.bodies] == [
            ("trigger", "b"),
            ("resolve", "b"),
        ]
