"""`scripts/deploy` as it stands, against a fake Helm and kubectl: order of calls, gates, refusals, being killed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from credit_platform_tests.listeners import mail_server, webhook
from credit_platform_tests.unit.delivery.conftest import TAG, Place
from scripts.chart.helm import ROOT

GOLDEN = Path(__file__).with_name("golden") / "calls.txt"
LOOK = ["history", "configmap"]


def calls(place: Place) -> str:
    """Every call of both programs, a line each."""
    text = "\n".join(" ".join(call) for call in place.cluster.state["calls"]) + "\n"
    return text.replace(str(place.folder), "FOLDER").replace(str(ROOT), "CHECKOUT").replace(TAG, "TAG")


def record(place: Place, environment: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((place.folder / "records" / f"{environment}-{TAG}.json").read_text("utf-8"))
    return found


def test_the_order_of_calls(place: Place) -> None:
    """Written anew by hand where it changes: it is short, and it is what happens to a cluster."""
    done = place.deploy("staging", TAG)
    assert done.returncode == 0, done.stderr
    place.service.status = 503
    place.cluster.write(chart="credit-platform-0.0.9")
    place.write_digests(letter="b")
    assert place.deploy("staging", TAG).returncode == 1
    assert calls(place) == GOLDEN.read_text(encoding="utf-8")


def test_a_good_one_serves_and_is_asked_as_clients_ask(place: Place) -> None:
    done = place.deploy("staging", TAG)
    assert done.returncode == 0, done.stderr
    assert place.cluster.in_force["images"]["service"]["digest"] == f"sha256:{'a' * 64}"
    assert {"/health", "/model-info", "/openapi.json", "/explain", "/predict"} <= set(place.service.asked)
    assert record(place, "staging")["verdict"] == "done"
    assert place.variables["CREDIT_PLATFORM_DELIVERY_KEY"] not in str(place.cluster.state) + done.stderr


def test_the_script_runs_from_any_folder(place: Place) -> None:
    command = [str(ROOT / "scripts" / "deploy"), "nowhere", TAG]
    done = subprocess.run(command, cwd=place.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "production, staging" in done.stderr


def test_twice_changes_nothing(place: Place) -> None:
    assert place.deploy("staging", TAG).returncode == 0
    before = place.cluster.state["revisions"], place.cluster.state["note"]
    place.cluster.write(calls=[])
    done = place.deploy("staging", TAG)
    assert done.returncode == 0
    assert "nothing was changed" in done.stderr
    assert (place.cluster.state["revisions"], place.cluster.state["note"]) == before
    assert place.cluster.verbs() == [*LOOK, "values"]


def test_one_that_passed_and_answers_no_more_is_left_and_said(place: Place) -> None:
    assert place.deploy("staging", TAG).returncode == 0
    before = place.cluster.state["revisions"]
    place.service.ready = False
    for _ in range(2):
        done = place.deploy("staging", TAG)
        assert done.returncode == 1
        assert f"{TAG} passed in staging before, and does not answer now" in done.stderr
        assert place.cluster.state["revisions"] == before
        assert record(place, "staging")["verdict"] == "does not answer"


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("image", "does not get ready: UPGRADE FAILED: credit-service-german-credit not ready"),
        ("rollout", "is not rolled out"),
        ("health", "is not ready: no scorer"),
        ("examples", "gets no valid decision"),
        ("load", "were not answered by 200"),
    ],
)
def test_each_gate_that_fails_brings_back_what_was_there_once(place: Place, broken: str, words: str) -> None:
    before = place.cluster.in_force
    match broken:
        case "image":
            place.cluster.write(fails=["upgrade"])
        case "rollout":
            place.cluster.write(fails=["rollout"])
        case "health":
            place.service.ready = False
        case "examples":
            place.service.probability = 7.0
        case "load":
            # /explain fails too, but the smoke test comes first and is passed.
            place.write_environment("staging", load={"route": "/predict", "seconds": 0.2, "p95_ms": 0.001})
            words = "or more is too slow"
    done = place.deploy("staging", TAG)
    assert done.returncode == 1, done.stderr
    assert words in done.stderr
    assert place.cluster.verbs().count("rollback") == 1
    assert place.cluster.in_force == before
    assert record(place, "staging")["verdict"] == "taken back"


def test_an_upgrade_that_changes_the_model_is_taken_back(place: Place) -> None:
    """What serves before is asked first; then Helm is at work, and another one answers."""
    text = Path(place.cluster.helm).read_text(encoding="utf-8")
    change = 'elif verb == "upgrade":\n    Path({!r}).touch()'.format(str(place.folder / "upgraded"))
    Path(place.cluster.helm).write_text(text.replace('elif verb == "upgrade":', change), encoding="utf-8")
    answer = type(place.service).answer

    def other(path: str) -> object:
        if (place.folder / "upgraded").exists():
            place.service.digest = "6" * 64
        return answer(place.service, path)

    place.service.answer = other  # type: ignore[assignment, method-assign]  # of this one service
    done = place.deploy("staging", TAG)
    assert done.returncode == 1
    assert "serves the model 666666666666, not 555555555555" in done.stderr


def test_what_cannot_be_brought_back_is_said(place: Place) -> None:
    place.cluster.write(fails=["upgrade", "rollback"])
    done = place.deploy("staging", TAG)
    assert done.returncode == 1
    assert "what was there before is not back" in done.stderr
    assert place.cluster.verbs().count("rollback") == 1


# --- approval ------------------------------------------------------------------------------------------------------


def test_production_needs_staging_and_somebodys_yes(place: Place) -> None:
    for words, why in (
        ((), "needs somebody's yes"),
        (("--approved-by", "Mallory"), "Mallory may not approve"),
        (("--approved-by", "Head of Risk"), "Nothing says that"),
    ):
        done = place.deploy("production", TAG, *words)
        assert done.returncode == 3, done.stderr
        assert why in done.stderr
    assert place.cluster.state["calls"] == []
    assert place.deploy("staging", TAG).returncode == 0
    done = place.deploy("production", TAG, "--approved-by", "head of risk")
    assert done.returncode == 0, done.stderr
    assert record(place, "production")["approved_by"] == "head of risk"


def test_other_images_than_those_of_staging_are_refused(place: Place) -> None:
    assert place.deploy("staging", TAG).returncode == 0
    place.write_digests(letter="b")
    done = place.deploy("production", TAG, "--approved-by", "Head of Risk")
    assert done.returncode == 3
    assert "Other images" in done.stderr


def test_what_staging_took_back_does_not_reach_production(place: Place) -> None:
    place.service.ready = False
    assert place.deploy("staging", TAG).returncode == 1
    done = place.deploy("production", TAG, "--approved-by", "Head of Risk")
    assert done.returncode == 3
    assert "did not pass in staging" in done.stderr


# --- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("nowhere", TAG), "There is no environment 'nowhere'"),
        (("../staging", TAG), "There is no environment"),
        (("staging", "latest"), "is no tag of a release"),
        (("staging", "v9.9.9"), "is not of this checkout"),
        (("staging", f"{TAG}-rc.1"), "Get the values-digests.yaml"),
        (("staging",), "the following arguments are required: TAG"),
    ],
)
def test_a_call_that_means_nothing_begins_nothing(place: Place, words: tuple[str, ...], why: str) -> None:
    done = place.deploy(*words)
    assert done.returncode == 3, done.stderr
    assert why in done.stderr
    assert place.cluster.state["calls"] == []


def test_images_without_a_digest_are_refused(place: Place) -> None:
    file = place.write_digests()
    file.write_text(file.read_text(encoding="utf-8").replace("sha256:", "md5:", 1), encoding="utf-8")
    done = place.deploy("staging", TAG)
    assert done.returncode == 3
    assert "names no digest" in done.stderr


def test_no_key_and_a_key_that_nobody_knows_are_refused(place: Place) -> None:
    place.variables["CREDIT_PLATFORM_DELIVERY_KEY"] = "another"
    done = place.deploy("staging", TAG)
    assert done.returncode == 3
    assert "The key is that of CREDIT_PLATFORM_DELIVERY_KEY" in done.stderr
    del place.variables["CREDIT_PLATFORM_DELIVERY_KEY"]
    assert "names no API key" in place.deploy("staging", TAG).stderr
    assert not {"upgrade", "apply", "rollback"} & set(place.cluster.verbs())


def test_values_that_would_take_the_service_away_are_refused(place: Place) -> None:
    (place.folder / "environments" / "own-values.yaml").write_text("{}", encoding="utf-8")
    assert "do not enable the service" in place.deploy("staging", TAG).stderr
    assert place.cluster.state["calls"] == []


def test_a_cluster_that_is_away_and_a_release_that_is_not_there_are_refused(place: Place) -> None:
    place.cluster.write(down=True)
    done = place.deploy("staging", TAG)
    assert (done.returncode, "cluster unreachable" in done.stderr) == (3, True)
    place.cluster.write(down=False, revisions=[])
    done = place.deploy("staging", TAG)
    assert (done.returncode, "release: not found" in done.stderr) == (3, True)


# --- killed, and taken up ------------------------------------------------------------------------------------------


def test_one_killed_within_helm_is_taken_back_and_begun_again(place: Place) -> None:
    place.cluster.write(dies=True, fails=["upgrade", "rollback"])
    assert place.deploy("staging", TAG).returncode == 1  # as if killed: pending, and not taken back
    place.cluster.write(dies=False, fails=[], calls=[])
    revisions = place.cluster.state["revisions"][:2]
    place.cluster.write(revisions=revisions)
    done = place.deploy("staging", TAG)
    assert done.returncode == 0, done.stderr
    assert "was killed within Helm" in done.stderr
    assert [verb for verb in place.cluster.verbs() if verb in {"rollback", "upgrade"}] == ["rollback", "upgrade"]


def test_one_killed_before_its_gates_goes_back_to_what_was_proven(place: Place) -> None:
    assert place.deploy("staging", TAG).returncode == 0
    note = place.cluster.state["note"]
    note["data"]["delivery"] = note["data"]["delivery"].replace('"done"', '"under way"')
    place.cluster.write(note=note, calls=[])
    place.service.probability = 7.0
    done = place.deploy("staging", TAG)
    assert done.returncode == 1
    assert "upgrade" not in place.cluster.verbs()
    assert place.cluster.in_force["images"] == {"registry": "of before"}


def test_somebody_elses_work_is_left_alone(place: Place) -> None:
    revisions = place.cluster.state["revisions"]
    place.cluster.write(revisions=[*revisions, {**revisions[0], "revision": 2, "status": "pending-upgrade"}])
    done = place.deploy("staging", TAG)
    assert done.returncode == 3
    assert "Somebody else is at work" in done.stderr
    assert place.cluster.verbs() == LOOK


# --- who is told ---------------------------------------------------------------------------------------------------


def test_what_came_of_it_is_told_by_webhook_and_mail(place: Place) -> None:
    with webhook() as hook, mail_server() as mail:
        place.variables |= {
            "CREDIT_PLATFORM_NOTIFY_WEBHOOK": hook.url,
            "CREDIT_PLATFORM_NOTIFY_SMTP": mail.url,
            "CREDIT_PLATFORM_NOTIFY_MAIL_TO": '["risk@lender.example"]',
        }
        assert place.deploy("staging", TAG).returncode == 0
        assert place.deploy("staging", TAG).returncode == 0  # no news
        place.service.ready = False
        place.write_digests(letter="b")
        assert place.deploy("staging", TAG).returncode == 1
    assert [f"{TAG} serves in staging" in hook.bodies[0]["text"], len(hook.bodies)] == [True, 2]
    assert f"{TAG} was taken back in staging" in hook.bodies[1]["text"]
    assert [message["Subject"] for message in mail.messages] == [
        f"[credit_platform] {TAG} serves in staging",
        f"[credit_platform] {TAG} was taken back in staging",
    ]


def test_that_nobody_can_be_told_changes_nothing(place: Place) -> None:
    place.variables["CREDIT_PLATFORM_NOTIFY_WEBHOOK"] = "http://127.0.0.1:1/s3cret"
    done = place.deploy("staging", TAG)
    assert done.returncode == 0
    assert "was not told" in done.stderr
    assert "s3cret" not in done.stderr
