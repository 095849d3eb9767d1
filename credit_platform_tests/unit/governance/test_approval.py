"""Which policy of approval holds, who trained a model, and who may approve it."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from credit_platform.accounts import account
from credit_platform.errors import CreditPlatformError, PromotionRefusedError, RecordError, TableMovedOnError
from credit_platform.governance.approval import (
    NO_APPROVAL,
    POLICY_KEY,
    Approver,
    Trainer,
    adopt_setting,
    home_policies,
    policy_in_force,
    require_second_person,
    set_home_policy,
    trainers_of,
)
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.approval import LEVELS, ApprovalPolicy, Level
from credit_platform.portfolios.keys import scorer_key
from credit_platform_tests.records import scorer_record

GERMAN = get_portfolio("german_credit")
FOUR = ApprovalPolicy.of("four-eyes")
ADA, BOB = Trainer(account="ada", name="Ada Lovelace"), Trainer(account="bob")


@pytest.fixture
def lakehouse(tmp_path: Path) -> Lakehouse:
    return Lakehouse(str(tmp_path / "lakehouse"))


def test_nobody_asks_for_anything_by_default(lakehouse: Lakehouse) -> None:
    assert policy_in_force(lakehouse, GERMAN) == NO_APPROVAL
    assert policy_in_force(lakehouse, GERMAN, "automatic") == NO_APPROVAL


@pytest.mark.parametrize("portfolio", LEVELS)
@pytest.mark.parametrize("home", LEVELS)
def test_the_stricter_of_portfolio_and_home_holds(lakehouse: Lakehouse, portfolio: Level, home: Level) -> None:
    set_home_policy(lakehouse, home, by="ada", reason="r")
    found = policy_in_force(lakehouse, replace(GERMAN, approval=ApprovalPolicy.of(portfolio)), "automatic")
    assert found.policy.level == max(portfolio, home, key=LEVELS.index)
    if found.policy.required:
        assert ("policy of this home (ada, account" in found.basis) == (home == found.policy.level)
        assert ("The portfolio german_credit declares it" in found.basis) == (portfolio == found.policy.level)
        assert "CREDIT_PLATFORM_APPROVAL=automatic does not loosen it" in found.basis


def test_the_old_variable_is_written_into_the_home_once(lakehouse: Lakehouse) -> None:
    assert adopt_setting(lakehouse, None) is None
    assert adopt_setting(lakehouse, "automatic") is None
    made = adopt_setting(lakehouse, "manual")
    assert made is not None
    assert (made.level, made.account) == ("manual", account())
    assert adopt_setting(lakehouse, "manual") is None
    assert policy_in_force(lakehouse, GERMAN).policy.level == "manual"
    assert len(home_policies(lakehouse)) == 1


def test_the_variable_takes_nothing_from_a_stricter_home(lakehouse: Lakehouse) -> None:
    set_home_policy(lakehouse, "four-eyes", by="ada", reason="r")
    assert adopt_setting(lakehouse, "manual") is None
    assert policy_in_force(lakehouse, GERMAN, "manual").policy == FOUR


def test_every_change_is_kept_with_who_and_why(lakehouse: Lakehouse) -> None:
    levels: tuple[Level, ...] = ("manual", "four-eyes", "automatic")
    for level in levels:
        set_home_policy(lakehouse, level, by=" ada ", reason=f"now {level}")
    assert [(one.level, one.person, one.reason) for one in home_policies(lakehouse)] == [
        ("automatic", "ada", "now automatic"),
        ("four-eyes", "ada", "now four-eyes"),
        ("manual", "ada", "now manual"),
    ]
    with pytest.raises(PromotionRefusedError, match="name or a reason"):
        set_home_policy(lakehouse, "manual", by="", reason="x")


def test_a_policy_that_cannot_be_read_lets_nothing_through(lakehouse: Lakehouse) -> None:
    lakehouse.write(POLICY_KEY, pl.DataFrame({"level": ["nix"]}), summary={"level": "nix"})
    with pytest.raises(RecordError):
        policy_in_force(lakehouse, GERMAN)


def test_two_who_change_it_at_once_one_wins(lakehouse: Lakehouse) -> None:
    set_home_policy(lakehouse, "manual", by="ada", reason="r")
    start = threading.Barrier(4)
    lost: list[CreditPlatformError] = []

    def change(who: str) -> None:
        before = lakehouse.latest(POLICY_KEY)
        start.wait()
        try:
            frame = pl.DataFrame({"who": [who]})
            lakehouse.write(POLICY_KEY, frame, summary={}, after=before)
        except CreditPlatformError as error:
            lost.append(error)

    threads = [threading.Thread(target=change, args=(str(i),)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lost) == 3
    assert all(isinstance(error, TableMovedOnError) for error in lost)


def test_everybody_who_made_an_equal_scorer_trained_it(lakehouse: Lakehouse) -> None:
    key = scorer_key(GERMAN.name)
    made = ((ADA, "d"), (BOB, "d"), (Trainer(account="eve"), "other"))
    for trainer, digest in made:
        record = replace(scorer_record(digest), trained_by=trainer.account, trainer_name=trainer.name)
        lakehouse.write(key, pl.DataFrame({"x": [1]}), summary=record.to_summary())
    lakehouse.vacuum(key, 1, dry_run=False)  # also those whose versions went
    assert set(trainers_of(lakehouse, GERMAN.name, "d")) == {ADA, BOB}
    lakehouse.write(key, pl.DataFrame({"x": [1]}), summary=scorer_record("old").to_summary())
    assert trainers_of(lakehouse, GERMAN.name, "old") == ()


@pytest.mark.parametrize(
    ("approver", "said"),
    [
        (Approver(name="Somebody", account="ada"), r"ada \(Ada Lovelace\), which is yours"),
        (Approver(name="ADA", account="eve"), "ADA is that name"),
        (Approver(name="ada lovelace", account="eve"), "is that name"),
        (Approver(name="Bob", account="eve"), "Bob is that name"),
    ],
)
def test_who_trained_it_may_not_approve_it(approver: Approver, said: str) -> None:
    with pytest.raises(PromotionRefusedError, match=said):
        require_second_person(FOUR, approver, (ADA, BOB))
    require_second_person(ApprovalPolicy.of("manual"), approver, (ADA, BOB))


def test_another_person_may_and_nobody_may_where_it_is_not_known_who_trained() -> None:
    require_second_person(FOUR, Approver(name="Eve", account="eve"), (ADA, BOB))
    with pytest.raises(PromotionRefusedError, match="not recorded who trained"):
        require_second_person(FOUR, Approver(name="Eve", account="eve"), ())


def test_four_eyes_without_approval_are_no_policy() -> None:
    with pytest.raises(ValueError, match="set `required`"):
        ApprovalPolicy(four_eyes=True)
