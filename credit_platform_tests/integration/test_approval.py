"""Approval as a policy: every door sees the same, whoever runs; and of several acts at once one wins.

The homes are copies of a finished one, so that a real champion, scorer, registry and Bento are there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from credit_platform.accounts import account
from credit_platform.cli.app import app
from credit_platform.environment import TOOL_FOLDERS
from credit_platform.errors import PromotionRefusedError
from credit_platform.governance.approval import home_policies, set_home_policy
from credit_platform.governance.promotion_history import history, newest
from credit_platform.governance.records import PromotedModel
from credit_platform.lakehouse import Lakehouse
from credit_platform.modelling.tracking import CHAMPION, Tracking
from credit_platform.orchestration.checks.registry import registry_difference
from credit_platform.orchestration.promotion import approve
from credit_platform.orchestration.rollback import roll_back
from credit_platform.orchestration.runner import RunReport, run_job
from credit_platform.portfolios.approval import ApprovalPolicy
from credit_platform.portfolios.keys import champion_key, scorer_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import FinishedRun, tool_environment
from credit_platform_tests.integration.test_promotion import tracking_of
from credit_platform_tests.second_champion import promote_another

NAME = "german_credit"
GATE = "governance/promotion_decision"
OTHER_ACCOUNT = 54321
"""Of nobody on this machine."""
AS_TWO_ACCOUNTS = """
import os, sys
import dagster as dg
from credit_platform.environment import prepare_environment
from credit_platform.errors import PromotionRefusedError
from credit_platform.orchestration.promotion import approve
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
settings = Settings()
prepare_environment(settings)
def attempt():
    return approve(get_portfolio("german_credit"), settings, by="bob", reason="read it")
try:
    attempt()
except PromotionRefusedError as error:
    print(error)
with dg.DagsterInstance.get() as instance:
    instance.get_runs(limit=1)  # what it imports late is there from now on
# The home goes to the other account, and so does this process: for good, as the system sees to.
other = int(sys.argv[1])
for path in (settings.home, *settings.home.rglob("*")):
    os.chown(path, other, other)
os.setgroups([])
os.setgid(other)
os.setuid(other)
record = attempt()
print(f"{record.event} by {record.person} under {record.account}")
"""
"""Python itself may lie where the other account may not read it, so the process changes and no new one is started."""


@pytest.fixture
def home(finished: FinishedRun, tmp_path: Path, dagster_home: Path) -> Iterator[Settings]:
    settings = finished.settings.model_copy(update={"home": tmp_path / "home"})
    for name in ("lakehouse", "artefacts", "mlflow", "bentos"):
        shutil.copytree(finished.settings.home / name, settings.home / name)
    with tool_environment(settings, dagster_home):
        yield settings


def gate(portfolio: Portfolio, settings: Settings) -> RunReport:
    """Ask the gate again, and do what follows from it, as any run does."""
    return run_job(portfolio, settings, start=GATE)


def made_by(settings: Settings, trainer: str, name: str | None = None) -> None:
    """Record another account as the one that trained the stored scorer."""
    lakehouse = Lakehouse(settings.lakehouse_root)
    stored = lakehouse.read(scorer_key(NAME))
    summary = {**stored.summary, "trained_by": trainer, "trainer_name": name}
    lakehouse.vacuum(scorer_key(NAME), 1, dry_run=False)
    lakehouse.write(scorer_key(NAME), stored.frame, summary=summary)


def champion(settings: Settings) -> PromotedModel:
    return PromotedModel.of(Lakehouse(settings.lakehouse_root).read(champion_key(NAME)))


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act answered or raised, all begun at the same moment."""
    start, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def work(index: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            answers[index] = act()  # type: ignore[call-overload]  # a list of anything
        except PromotionRefusedError as error:
            answers[index] = error  # type: ignore[call-overload]  # the same

    threads = [threading.Thread(target=work, args=(i, act)) for i, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [*answers]


def test_a_model_that_waits_is_not_promoted_by_a_run_without_the_variable(
    home: Settings, finished: FinishedRun
) -> None:
    before = champion(home)
    asked = gate(finished.portfolio, home.model_copy(update={"approval": "manual"}))
    assert not asked.success
    (stopped,) = [check for check in asked.failed_checks if check.blocking]
    assert stopped.check == "approval"
    assert "A person must approve each model by name" in stopped.message
    policy = home_policies(Lakehouse(home.lakehouse_root))[0]
    assert (policy.level, policy.account) == ("manual", account())

    for settings in (home, home.model_copy(update={"approval": "automatic"})):
        again = gate(finished.portfolio, settings)
        assert not again.success
        assert "CREDIT_PLATFORM_APPROVAL=manual, account" in again.failed_checks[-1].message
    assert champion(home) == before
    decision = newest(Lakehouse(home.lakehouse_root), NAME)
    assert (decision.policy["level"], decision.promoted) == ("manual", False)

    said = CliRunner().invoke(
        app,
        ["approve", NAME, "--by", "ada", "--reason", "read it"],
        env={"CREDIT_PLATFORM_HOME": str(home.home)},
    )
    assert said.exit_code == 0, said.output
    record = newest(Lakehouse(home.lakehouse_root), NAME)
    assert (record.event, record.person, record.account) == ("approval", "ada", account())
    assert record.policy["level"] == "manual"
    assert record.trained_by == (account(),) or record.trained_by[0].startswith(f"{account()} (")
    assert gate(finished.portfolio, home).success  # an equal scorer need not be approved twice


def test_a_portfolio_that_asks_for_approval_is_heard_without_any_setting(home: Settings, finished: FinishedRun) -> None:
    asking = replace(finished.portfolio, approval=ApprovalPolicy(required=True))
    report = gate(asking, home)
    assert not report.success
    assert "The portfolio german_credit declares it." in report.failed_checks[-1].message
    # It waits on where the portfolio is silent again, until somebody answers for a looser policy of the home.
    waits = gate(finished.portfolio, home)
    assert "This model has waited for approval since" in waits.failed_checks[-1].message
    set_home_policy(Lakehouse(home.lakehouse_root), "automatic", by="ada", reason="a pilot")
    assert gate(finished.portfolio, home).success


def test_four_eyes_are_two_accounts_and_two_names(home: Settings, finished: FinishedRun) -> None:
    lakehouse = Lakehouse(home.lakehouse_root)
    set_home_policy(lakehouse, "four-eyes", by="the board", reason="decided in May")
    assert not gate(finished.portfolio, home).success
    with pytest.raises(PromotionRefusedError, match=r"trained under the account .* which is yours"):
        approve(finished.portfolio, home, by="somebody else", reason="read it")
    with pytest.raises(PromotionRefusedError, match="which is yours"):
        approve(finished.portfolio, home, by="somebody else", reason="read it", override=True)
    # Trained by another account: the first one counts still.
    made_by(home, "bob", "Bob B.")
    assert not gate(finished.portfolio, home).success
    with pytest.raises(PromotionRefusedError, match="which is yours"):
        approve(finished.portfolio, home, by="somebody else", reason="read it")
    assert newest(lakehouse, NAME).event == "decision"


def test_two_who_roll_back_at_once_one_wins(home: Settings, finished: FinishedRun) -> None:
    first = champion(home).digest
    promote_another(home)
    answers = at_once(
        lambda: roll_back(finished.portfolio, home, by="ada", reason="one"),
        lambda: roll_back(finished.portfolio, home, by="bob", reason="two"),
    )
    lost = [answer for answer in answers if isinstance(answer, PromotionRefusedError)]
    assert len(lost) == 1, answers
    winner = newest(Lakehouse(home.lakehouse_root), NAME)
    assert str(winner.person) in str(lost[0])
    assert [record.decision.event for record in history(Lakehouse(home.lakehouse_root), NAME)].count("rollback") == 1
    assert champion(home).digest == first
    assert tracking_of(home).champion(NAME) == champion(home).version


@pytest.mark.timeout(700)
def test_of_two_processes_that_roll_back_at_once_one_wins_and_the_other_is_told(home: Settings) -> None:
    """The command itself, twice; both have loaded what takes long, and begin together."""
    first = champion(home).digest
    promote_another(home)
    processes = [process_of(home, "rollback", NAME, "--by", by, "--reason", "too many") for by in ("ada", "bob")]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=300)[0] for process in processes]
    codes = [process.returncode for process in processes]
    assert sorted(codes) == [0, 1], said
    winner, loser = codes.index(0), codes.index(1)
    assert ["ada", "bob"][winner] in said[loser]
    assert "Traceback" not in said[loser]
    decisions = [record.decision for record in history(Lakehouse(home.lakehouse_root), NAME)]
    assert [one.person for one in decisions if one.event == "rollback"] == [["ada", "bob"][winner]]
    assert champion(home).digest == first
    assert tracking_of(home).champion(NAME) == champion(home).version
    assert registry_difference(home, NAME) is None


@pytest.mark.timeout(700)
@pytest.mark.skipif(os.getuid() != 0, reason="only root can act under a second account of the machine")
def test_a_second_account_of_the_machine_is_the_second_pair_of_eyes(finished: FinishedRun, dagster_home: Path) -> None:
    """Trained under one account, approved under another one, which the system knows by the process and nobody says."""
    with tempfile.TemporaryDirectory(prefix="cp_accounts_") as shared:
        Path(shared).chmod(0o711)  # pytest's own folders are closed to others
        home = finished.settings.model_copy(update={"home": Path(shared) / "le foyer é"})
        for name in ("lakehouse", "artefacts", "mlflow", "bentos"):
            shutil.copytree(finished.settings.home / name, home.home / name)
        set_home_policy(Lakehouse(home.lakehouse_root), "four-eyes", by="the board", reason="decided in May")
        with tool_environment(home, dagster_home):
            asked = gate(finished.portfolio, home)
        assert [check.check for check in asked.failed_checks if check.blocking] == ["approval"], asked.errors
        environment = {name: value for name, value in os.environ.items() if name not in TOOL_FOLDERS}
        done = subprocess.run(
            [sys.executable, "-c", AS_TWO_ACCOUNTS, str(OTHER_ACCOUNT)],
            env={**environment, "CREDIT_PLATFORM_HOME": str(home.home), "HOME": str(home.home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        refused, approved = done.stdout.splitlines()
        assert f"trained under the account {account()}" in refused
        assert "which is yours" in refused
        assert approved == f"approval by bob under uid {OTHER_ACCOUNT}"
        record = newest(Lakehouse(home.lakehouse_root), NAME)
        assert (record.event, record.person, record.account) == ("approval", "bob", f"uid {OTHER_ACCOUNT}")
        assert record.trained_by[0].startswith(account())
        assert record.promoted


def process_of(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    """A command in a process of its own that has loaded its modules, says so, and begins when it is told."""
    code = (
        "import sys, credit_platform.orchestration.promotion, credit_platform.orchestration.rollback\n"
        "from credit_platform.cli import main\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "main()\n"
    )
    left = {name: value for name, value in os.environ.items() if name not in TOOL_FOLDERS}
    given = {"CREDIT_PLATFORM_HOME": str(settings.home), "COLUMNS": "300", "HOME": str(settings.home)}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**left, **given},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_two_who_approve_at_once_one_wins(home: Settings, finished: FinishedRun) -> None:
    set_home_policy(Lakehouse(home.lakehouse_root), "manual", by="ada", reason="policy")
    assert not gate(finished.portfolio, home).success
    answers = at_once(
        lambda: approve(finished.portfolio, home, by="ada", reason="one"),
        lambda: approve(finished.portfolio, home, by="bob", reason="two"),
        lambda: approve(finished.portfolio, home, by="eve", reason="three", override=True),
    )
    lost = [answer for answer in answers if isinstance(answer, PromotionRefusedError)]
    assert len(lost) == 2, answers
    events = [record.decision.event for record in history(Lakehouse(home.lakehouse_root), NAME)]
    assert events.count("approval") + events.count("override") == 1


def test_a_promotion_beside_a_rollback_is_refused_and_what_was_restored_stays(
    home: Settings, finished: FinishedRun
) -> None:
    promote_another(home)
    roll_back(finished.portfolio, home, by="ada", reason="too many refusals")
    restored = champion(home)
    lakehouse = Lakehouse(home.lakehouse_root)
    stored = lakehouse.read(scorer_key(NAME))
    lakehouse.write(scorer_key(NAME), stored.frame, summary={**stored.summary, "digest": "0" * 64})

    report = run_job(finished.portfolio, home, job=f"{NAME}_serving")

    assert not report.success
    assert any("ada, account" in error and "rolled back to" in error for error in report.errors), report.errors
    assert champion(home) == restored


@pytest.mark.parametrize("deleted", ["version", "model", "experiment", "run"])
def test_a_rollback_registers_again_what_was_deleted_in_mlflow(
    home: Settings, finished: FinishedRun, deleted: str
) -> None:
    first = champion(home)
    promote_another(home)
    tracking = tracking_of(home)
    delete(tracking, first, deleted)

    done = roll_back(finished.portfolio, home, by="ada", reason="back")

    now = champion(home)
    assert now.digest == first.digest
    assert done.decision.challenger.version == now.version
    fresh = tracking_of(home)
    assert fresh.champion(NAME) == now.version
    assert fresh.version_tags(NAME, now.version)["digest"] == first.digest
    assert registry_difference(home, NAME) is None


def delete(tracking: Tracking, model: PromotedModel, what: str) -> None:
    client = tracking.client
    if what in ("version", "run"):
        client.delete_model_version(NAME, model.version)
    if what == "model":
        client.delete_registered_model(NAME)
    if what == "run":
        client.delete_run(model.mlflow_run_id)
    if what == "experiment":
        client.delete_model_version(NAME, model.version)
        client.delete_experiment(tracking.experiment_id)


def test_an_alias_moved_by_hand_is_told_and_changes_nothing_that_serves(home: Settings, finished: FinishedRun) -> None:
    assert registry_difference(home, NAME) is None
    first = champion(home)
    digest = promote_another(home)
    tracking = tracking_of(home)
    tracking.client.set_registered_model_alias(NAME, CHAMPION, first.version)
    environment = {"CREDIT_PLATFORM_HOME": str(home.home), "COLUMNS": "200"}

    shown = CliRunner().invoke(app, ["promotions", NAME], env=environment)
    assert f"was moved to version {first.version} by hand" in shown.output
    compared = CliRunner().invoke(app, ["registry", NAME], env=environment)
    assert compared.exit_code == 1
    assert "In production, and served, is" in compared.output
    assert champion(home).digest == digest
    mended = CliRunner().invoke(app, ["registry", NAME, "--mend"], env=environment)
    assert mended.exit_code == 0, mended.output
    assert tracking_of(home).champion(NAME) == champion(home).version
    assert CliRunner().invoke(app, ["registry", NAME], env=environment).exit_code == 0


def test_the_next_run_tells_of_an_alias_that_was_removed(home: Settings, finished: FinishedRun) -> None:
    tracking_of(home).client.delete_registered_model_alias(NAME, CHAMPION)
    report = run_job(finished.portfolio, home, start="governance/registered_model")
    assert report.success, report.errors
    (told,) = [check for check in report.failed_checks if check.check == "champion_untouched"]
    assert not told.blocking
    assert "alias `champion` of german_credit was removed" in told.message
    assert tracking_of(home).champion(NAME) == champion(home).version


@pytest.mark.parametrize("deleted", ["experiment", "run"])
def test_what_was_deleted_in_mlflow_fails_a_run_once_with_a_cure(
    home: Settings, finished: FinishedRun, deleted: str
) -> None:
    tracking = tracking_of(home)
    if deleted == "experiment":
        tracking.client.delete_experiment(tracking.experiment_id)
    else:
        tracking.client.delete_run(champion(home).mlflow_run_id)
    report = run_job(finished.portfolio, home, start="governance/registered_model")
    assert not report.success
    (error,) = report.errors
    assert "was deleted" in error
    assert "Take that back: MLFLOW_TRACKING_URI=" in error
    with dg.DagsterInstance.get() as instance:
        kinds = [e.dagster_event_type for e in instance.all_logs(report.run_id) if e.is_dagster_event]
    assert dg.DagsterEventType.STEP_UP_FOR_RETRY not in kinds
