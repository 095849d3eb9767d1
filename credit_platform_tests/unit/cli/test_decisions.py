"""`credit-platform decisions` and `replay`, as someone types them."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from credit_platform.errors import DecisionLogError, SettingError
from credit_platform.monitoring.decision_log import DecisionRecord, DecisionStore, canonical_inputs
from credit_platform.scoring import Request, Scorer
from credit_platform.scoring.stored_histories import (
    FOLDER,
    HistoriesFacts,
    erase_applicant,
    erasure_mark,
    write_histories,
)
from credit_platform.serving.shipped_histories import erased_applicants
from credit_platform.settings import Settings
from credit_platform_tests.small_scorer import save_small_scorer
from credit_platform_tests.toy_scorer import PORTFOLIO, toy_tables
from credit_platform_tests.unit.cli.conftest import Command, words

BY = ("--by", "K. Officer", "--reason", "asked for it")


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    folder = tmp_path_factory.mktemp("scorer")
    save_small_scorer(folder / "scorer")
    return Scorer.load(folder / "scorer")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DecisionStore:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    return DecisionStore(Settings(home=tmp_path).decision_log)


def record_of(scorer: Scorer, kind: str, age: timedelta = timedelta(0), **changes: object) -> DecisionRecord:
    example = scorer.portfolio.examples[kind]
    request = Request(application=example, applicant_id=f"applicant-{kind}", request_id=f"request-{kind}")
    features = scorer.features_of(request)
    (decision,) = scorer.decide(scorer.margins([features]), [scorer.case_of(request, features)])
    inputs, digest = canonical_inputs(
        "german_credit", example, applicant_id=request.applicant_id, histories=None, language="en"
    )
    values: dict[str, Any] = {
        "decided_at": datetime.now(UTC) - age,
        "request_id": decision.request_id,
        "applicant_id": decision.applicant_id,
        "client": None,
        "portfolio": "german_credit",
        "inputs": inputs,
        "inputs_digest": digest,
        "features": json.dumps(dict(features)),
        "probability": decision.probability_of_default,
        "decision": decision.decision,
        "threshold": decision.threshold,
        "points": decision.points,
        "language": "en",
        "answer": json.dumps(decision.to_dict()),
        "model_name": decision.model.name,
        "model_version": decision.model.version,
        "model_digest": scorer.digest,
        "feature_version": decision.model.feature_version,
        "latency_ms": 1.0,
    }
    return DecisionRecord(**{**values, **changes})


@pytest.fixture
def filled(store: DecisionStore, scorer: Scorer, tmp_path: Path) -> DecisionStore:
    scorer.save(tmp_path / "scorers" / "german_credit" / scorer.version)
    store.append([record_of(scorer, "accepted", timedelta(days=800)), record_of(scorer, "refused")])
    return store


def test_decisions_are_listed_and_filtered(command: Command, filled: DecisionStore) -> None:
    everything = words(command("decisions", "list"))
    assert "2 of 2 decisions" in everything
    assert everything.index("request-refused") < everything.index("request-accepted")
    some = words(command("decisions", "list", "--applicant", "applicant-accepted", "--until", "2999-01-01"))
    assert "request-accepted" in some
    assert "request-refused" not in some
    assert "0 of 0" in words(command("decisions", "list", "--since", "2999-01-01"))


def test_one_decision_is_shown_as_json(command: Command, filled: DecisionStore) -> None:
    shown = json.loads(command("decisions", "show", "request-refused").stdout)
    found = filled.find("request-refused")
    assert found is not None
    assert shown == found.to_dict()
    assert isinstance(command("decisions", "show", "nothing").exception, DecisionLogError)


def test_what_is_too_old_is_purged(command: Command, filled: DecisionStore) -> None:
    said = words(command("decisions", "purge", "--older-than", "730d", "--portfolio", "german_credit", "--dry-run"))
    assert "1 decisions from before" in said
    assert "Nothing was removed." in said
    assert filled.count() == 2
    nobody = command("decisions", "purge", "--yes")
    assert isinstance(nobody.exception, SettingError)
    assert "--by NAME --reason TEXT" in str(nobody.exception)
    unasked = command("decisions", "purge", *BY)
    assert isinstance(unasked.exception, SettingError)
    assert "--yes" in str(unasked.exception)
    assert filled.count() == 2
    assert "1 decisions were removed" in words(command("decisions", "purge", *BY, "--yes"))
    for _ in range(2):
        assert "Nothing was removed." in words(command("decisions", "purge", *BY, "--yes"))
    assert [one.request_id for one in filled.each()] == ["request-refused"]
    assert "K. Officer" in words(command("decisions", "removals"))
    assert len(filled.removals()) == 1
    short = command("decisions", "purge", "--older-than", "729d", *BY, "--yes")
    assert isinstance(short.exception, DecisionLogError)
    assert "keeps decisions for 730 days" in str(short.exception)
    assert isinstance(command("decisions", "purge", "--older-than", "0d").exception, SettingError)
    assert isinstance(command("decisions", "purge", "--older-than", "all").exception, SettingError)
    assert filled.count() == 1


def test_an_applicant_is_erased_and_not_named_again(command: Command, filled: DecisionStore, tmp_path: Path) -> None:
    dry = words(command("decisions", "erase", "--applicant", "applicant-refused", "--dry-run"))
    assert "1 decisions and the histories in 0 Bentos would be removed. Nothing was." in dry
    assert not erased_applicants(Settings(home=tmp_path), "home_credit")
    assert isinstance(command("decisions", "erase", "--applicant", "applicant-refused", *BY).exception, SettingError)
    assert filled.count() == 2
    said = words(command("decisions", "erase", "--applicant", "applicant-refused", *BY, "--yes"))
    assert said.startswith("1 decisions")
    for _ in range(2):
        again = command("decisions", "erase", "--applicant", "applicant-refused", *BY, "--yes")
        assert again.exit_code == 0
        assert "Nobody of that name is known" in words(again)
    assert len(filled.removals()) == 1
    listed = words(command("decisions", "removals"))
    assert "erasure" in listed
    for portfolio in ("home_credit", "german_credit"):  # older backups of any are held against these
        remembered = erased_applicants(Settings(home=tmp_path), portfolio)
        assert remembered == {erasure_mark(portfolio, "applicant-refused")}
    assert "applicant-refused" not in said + listed
    assert filled.count() == 1


def test_an_applicant_is_erased_from_what_bentos_know_of_histories(
    command: Command, filled: DecisionStore, tmp_path: Path
) -> None:
    folder = tmp_path / "bentos" / "bentos" / "toy_scoring" / "v1" / "src" / FOLDER
    facts = HistoriesFacts(
        portfolio="toy",
        feature_version="f",
        table="toy/features/applicants",
        table_version=0,
        content_hash="c",
        licence="synthetic",
        applicants=0,
        digest="d",
    )
    write_histories(folder, PORTFOLIO, toy_tables(8)[1].lazy(), facts)
    said = words(command("decisions", "erase", "--applicant", "5", *BY, "--yes"))
    assert "removed from 1 Bentos" in said
    assert "toy_scoring:v1" in said
    assert not erase_applicant(folder, "5")
    assert filled.count() == 2


def test_a_log_is_verified_and_a_changed_row_is_named(
    command: Command, filled: DecisionStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.close()
    for _ in range(3):
        clean = command("decisions", "verify")
        assert clean.exit_code == 0, clean.output
        assert "Every row is covered by a checkpoint. Nothing was changed." in words(clean)
    # As an auditor holds it: elsewhere, under another name, and nothing can be written.
    copy = tmp_path / "société à vérifier"
    shutil.copytree(tmp_path / "decisions", copy / "decisions")
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(copy))
    monkeypatch.setattr("credit_platform.monitoring.decision_log.database.os.access", lambda *_: False)
    assert command("decisions", "verify").exit_code == 0
    assert sorted(one.name for one in copy.iterdir()) == ["decisions"]
    monkeypatch.undo()
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    with filled.session() as connection:
        connection.exec_driver_sql("UPDATE decisions SET decision = 'accepted' WHERE request_id = 'request-refused'")
        connection.commit()
    found = command("decisions", "verify", "--json")
    assert found.exit_code == 1
    [finding] = json.loads(found.stdout)["findings"]
    assert (finding["kind"], finding["request_id"]) == ("changed", "request-refused")
    assert "applicant-refused" not in found.output


def test_a_lost_log_is_declared_so_by_somebody(command: Command, filled: DecisionStore, tmp_path: Path) -> None:
    filled.close()
    assert "Nothing is lost" in words(command("decisions", "declare-lost", *BY, "--yes"))
    for file in (tmp_path / "decisions").glob("decisions.db*"):
        file.unlink()
    assert command("decisions", "verify").exit_code == 1
    assert isinstance(command("decisions", "declare-lost", *BY).exception, SettingError)
    assert "2 rows of 1 writers are declared lost by K. Officer" in words(
        command("decisions", "declare-lost", *BY, "--yes")
    )
    for _ in range(2):
        assert "Nothing is lost" in words(command("decisions", "declare-lost", *BY, "--yes"))
        verified = command("decisions", "verify")
        assert (verified.exit_code, "2 rows were declared lost" in words(verified)) == (0, True)


def test_replay_of_what_is_true_succeeds(command: Command, filled: DecisionStore) -> None:
    result = command("replay")
    assert result.exit_code == 0, result.output
    assert "2 decisions are equal, 0 differ, 0 could not" in words(result)


def test_replay_finds_what_was_altered(command: Command, store: DecisionStore, scorer: Scorer, tmp_path: Path) -> None:
    scorer.save(tmp_path / "elsewhere")
    probability = record_of(scorer, "refused").probability
    features = {**json.loads(record_of(scorer, "accepted").features), "amount": 1.0}
    altered = record_of(scorer, "refused", probability=probability + 1e-15, decision="accepted")
    store.append([altered, record_of(scorer, "accepted", features=json.dumps(features))])
    result = command("replay", "--scorer", str(tmp_path / "elsewhere"))
    assert result.exit_code == 1
    said = words(result)
    assert "0 decisions are equal, 2 differ" in said
    for what in ("probability, from the features", "decision, from the request", "feature amount"):
        assert what in said
    # Where only a digest was kept, the features are what there is.
    kept = record_of(scorer, "refused", request_id="digest-only", inputs=None)
    store.append([kept])
    assert command("replay", "--since", "2999-01-01").exit_code == 0
    assert "1 decisions are equal" in words(command("replay", "--scorer", str(tmp_path / "elsewhere")))


def test_replay_says_which_scorers_it_lacks(command: Command, store: DecisionStore, scorer: Scorer) -> None:
    store.append([record_of(scorer, "refused")])
    result = command("replay")
    assert result.exit_code == 1
    assert f"1 decisions of model {scorer.version} could not be scored again" in words(result)
    assert "--scorer" in words(result)


def test_an_id_that_two_clients_used_is_shown_for_the_one_that_is_named(
    command: Command, filled: DecisionStore, scorer: Scorer
) -> None:
    filled.append([record_of(scorer, "refused", client="0123abcd", client_name="bank")])
    unnamed = command("decisions", "show", "request-refused")
    assert isinstance(unnamed.exception, DecisionLogError)
    assert "2 clients gave a request the id request-refused: no key, bank" in str(unnamed.exception)
    assert "--client NAME" in str(unnamed.exception)
    for name in ("bank", "0123abcd"):
        shown = json.loads(command("decisions", "show", "request-refused", "--client", name).stdout)
        assert shown["client_name"] == "bank"
    assert json.loads(command("decisions", "show", "request-refused", "--client", "").stdout)["client_name"] is None
    other = command("decisions", "show", "request-refused", "--client", "other")
    assert "no decision of request request-refused of client other" in str(other.exception)
    listed = words(command("decisions", "list", "--client", "bank"))
    assert "1 of 1 decisions" in listed
