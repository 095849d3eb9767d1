"""Who acts is what the system says, whatever the environment says."""

from __future__ import annotations

import os
import pwd

import pytest

from credit_platform.accounts import account, full_name, same_person
from credit_platform.monitoring.decision_log import Act


def test_the_environment_cannot_name_another_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert account() == pwd.getpwuid(os.getuid()).pw_name
    assert Act(person="ada", reason="r").account == account()


def test_a_user_id_without_a_name_is_told_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: int) -> None:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert account() == f"uid {os.getuid()}"
    assert full_name() is None


@pytest.mark.parametrize(("one", "other"), [("Ada L.", "ada l"), ("Zoé", "ZOE"), ("ada_lovelace", "Ada Lovelace")])
def test_a_name_is_the_same_but_for_how_it_is_written(one: str, other: str) -> None:
    assert same_person(one, other)


@pytest.mark.parametrize(("one", "other"), [("ada", "bob"), ("", ""), ("--", "..")])
def test_other_names_are_others(one: str, other: str) -> None:
    assert not same_person(one, other)
