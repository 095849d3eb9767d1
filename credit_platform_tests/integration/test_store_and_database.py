"""The whole german_credit graph on an S3 API and PostgreSQL: from a raw file there to a served decision.

The local disk holds nothing but copies: wiped, the same champion is served again. Tables hold what they do in a folder.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import obstore

from credit_platform.api_keys import KeyFile, Scope, new_key
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.content_hash import content_hash
from credit_platform.lakehouse.object_store import open_store
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.tracking import Tracking
from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.monitoring.decision_log.verification import verify
from credit_platform.orchestration.runner import run_job
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import bento_key, scorer_key
from credit_platform.scoring import Scorer
from credit_platform.serving.local.following import BlueGreenServices
from credit_platform.serving.service_client import Asked, ServiceClient
from credit_platform.serving.shared_keys import key_file
from credit_platform.serving.verification import verify_home
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import CANDIDATES, TRIALS, FinishedRun, tool_environment
from credit_platform_tests.postgres import Postgres
from credit_platform_tests.registered_scorer import download
from credit_platform_tests.s3_server import S3Server

NAME = "german_credit"
GERMAN = get_portfolio(NAME)
RAW = GERMAN.tables[0].file_name
MEASURED = {"seconds", "decided_at", "run_id"}
"""Columns that say when, or how long it took."""
TOLD = {"governance/model_card", "governance/validation_report", "governance/promotion_decision"}
SAID = {"value", "message", "text", "version"}
"""Columns in which these tables tell, among other figures, how long scoring took, and of versions of tables."""


def answer(settings: Settings) -> tuple[object, ...]:
    with (
        BlueGreenServices(settings, 0, lambda _: None, portfolios=[NAME], exact_port=True) as services,
        ServiceClient(services.access[0]) as client,
    ):
        said = client.predict(Asked(GERMAN.examples["refused"]))
        return said["probability_of_default"], said["reasons"], client.model_info()["digest"]


def contents(root: str) -> dict[str, str]:
    """Content hash of each table, by key; without what was measured, where there is any."""
    lakehouse, found = Lakehouse(root), dict[str, str]()
    for key in lakehouse.keys(f"{NAME}/"):
        rows = lakehouse.scan(key)
        own = SAID if key.removeprefix(f"{NAME}/") in TOLD else set[str]()
        measured = (MEASURED | own).intersection(rows.collect_schema().names())
        found[key] = content_hash(rows.drop(measured)) if measured else lakehouse.versions(key)[0].content_hash
    return found


def test_the_graph_and_a_wiped_machine(
    s3: S3Server, postgres: Postgres, finished: FinishedRun, tmp_path: Path, dagster_home: Path
) -> None:
    root = f"s3://{s3.new_bucket()}/the lender é"
    assert GERMAN.bundled_raw is not None
    obstore.put(open_store(f"{root}/raw/{NAME}"), RAW, (GERMAN.bundled_raw / RAW).read_bytes())
    settings = Settings(
        home=tmp_path / "mes données é",
        raw=f"{root}/raw/{{portfolio}}",
        lakehouse_url=f"{root}/lakehouse",
        database_url=postgres.new_database(),
        decision_checkpoints=f"{root}/checkpoints",
        artefact_cache=tmp_path / "cache",
        tuning_trials=TRIALS,
        candidates=CANDIDATES,
    )
    with tool_environment(settings):
        report = run_job(GERMAN, settings)
        assert report.success, (report.errors, report.failed_checks)
        _, stored = new_key("bank", [Scope.SCORE])
        key_file(settings).add(stored)
        first = answer(settings)
    assert contents(settings.lakehouse_root) == contents(finished.settings.lakehouse_root)

    wiped = settings.model_copy(update={"home": tmp_path / "another machine"})
    shutil.rmtree(settings.home)
    shutil.rmtree(tmp_path / "cache")
    with tool_environment(wiped):
        assert answer(wiped) == first
        assert KeyFile(wiped.api_keys_file).read() == [stored]
        assert [one for one in verify_home(wiped) if one.state == "damaged"] == []
        fetched = download(Tracking(wiped.mlflow_uri, wiped.mlflow_artifacts, NAME), NAME, "1", tmp_path / "fetched")
        assert Scorer.load(fetched).digest == first[2]
        again = run_job(GERMAN, wiped, start="models/scorer")
        assert again.success, (again.errors, again.failed_checks)
        assert answer(wiped) == first
    store = DecisionStore(wiped.decision_log, wiped.decision_checkpoints)
    assert store.count() == 3
    assert verify(store).is_clean

    lakehouse, shelf = Lakehouse(wiped.lakehouse_root), Shelf.of(wiped)
    assert lakehouse.read(bento_key(NAME)).summary["key"] in shelf.all_keys()
    assert lakehouse.read(scorer_key(NAME)).summary["key"] in shelf.all_keys()
    assert f"{NAME}/reports/quality_report.html" in shelf.all_keys()
    assert not (wiped.home / "artefacts").exists()
    assert not (wiped.home / "lakehouse").exists()
    assert not list((wiped.home / "mlflow").glob("artifacts/*"))
