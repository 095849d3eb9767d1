"""The settings choose who is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.errors import SettingError
from credit_platform.monitoring.notices.chosen import channels_of, notices_file
from credit_platform.settings import Settings


def test_the_file_is_always_there(tmp_path: Path) -> None:
    (channel,) = channels_of(Settings(home=tmp_path))
    assert channel.where == str(notices_file(Settings(home=tmp_path)))


def test_several_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "NOTIFY_WEBHOOK": "https://hooks.example/s3cret",
        "NOTIFY_SMTP": "smtp://u:s3cret@mail.example",
        "NOTIFY_MAIL_TO": '["a@b.example"]',
        "NOTIFY_PAGER_KEY": "s3cret",
    }.items():
        monkeypatch.setenv(f"CREDIT_PLATFORM_{name}", value)
    settings = Settings(home=tmp_path)
    channels = channels_of(settings)
    assert [channel.name for channel in channels] == ["file", "webhook", "mail", "pager"]
    assert "s3cret" not in f"{settings!r} {settings.model_dump()} {[channel.where for channel in channels]}"


@pytest.mark.parametrize("half", [{"notify_smtp": "smtp://h"}, {"notify_mail_to": ("a@b.example",)}])
def test_e_mail_in_half_is_refused(tmp_path: Path, half: dict[str, object]) -> None:
    with pytest.raises(SettingError, match="in half"):
        channels_of(Settings(home=tmp_path, **half))  # type: ignore[arg-type]  # fields by name
