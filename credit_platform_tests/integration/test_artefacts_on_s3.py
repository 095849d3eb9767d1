"""With artefacts on an S3 server the local disk holds nothing but copies: wiped, the same champion is served again."""

from __future__ import annotations

import shutil
from pathlib import Path

from credit_platform.api_keys import KeyFile, Scope, new_key
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.tracking import Tracking
from credit_platform.orchestration.runner import run_job
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import bento_key, scorer_key
from credit_platform.scoring import Scorer
from credit_platform.serving.local.following import BlueGreenServices
from credit_platform.serving.service_client import Asked, ServiceClient
from credit_platform.serving.shared_keys import key_file
from credit_platform.serving.verification import verify_home
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import CANDIDATES, tool_environment
from credit_platform_tests.registry import downloaded
from credit_platform_tests.s3_server import S3Server

NAME = "german_credit"
GERMAN = get_portfolio(NAME)
KEPT = ("mlflow", "optuna", "dagster", "decisions")
"""Databases of a home, which are on PostgreSQL where machines come and go."""


def answer(settings: Settings) -> tuple[object, ...]:
    with (
        BlueGreenServices(settings, 0, lambda _: None, portfolios=[NAME], exact_port=True) as services,
        ServiceClient(services.access[0]) as client,
    ):
        said = client.predict(Asked(GERMAN.examples["refused"]))
        return said["probability_of_default"], said["reasons"], client.model_info()["digest"]


def test_a_wiped_machine_serves_the_same_champion(s3: S3Server, tmp_path: Path) -> None:
    root = f"s3://{s3.new_bucket()}/the lender é"
    settings = Settings(
        home=tmp_path / "home",
        lakehouse_url=f"{root}/lakehouse",
        artefact_cache=tmp_path / "cache",
        tuning_trials=1,
        candidates=CANDIDATES[:2],
    )
    with tool_environment(settings):
        report = run_job(GERMAN, settings)
        assert report.success, (report.errors, report.failed_checks)
        _, stored = new_key("bank", [Scope.SCORE])
        key_file(settings).add(stored)
        first = answer(settings)

    wiped = settings.model_copy(update={"home": tmp_path / "another machine"})
    wiped.home.mkdir()
    for name in KEPT:
        shutil.move(settings.home / name, wiped.home / name)
    shutil.rmtree(settings.home)
    shutil.rmtree(tmp_path / "cache")
    with tool_environment(wiped):
        assert answer(wiped) == first
        assert KeyFile(wiped.api_keys_file).read() == [stored]
        assert [one for one in verify_home(wiped) if one.state == "damaged"] == []
        fetched = downloaded(Tracking(wiped.mlflow_uri, wiped.mlflow_artifacts, NAME), NAME, "1", tmp_path / "fetched")
        assert Scorer.load(fetched).digest == first[2]
        again = run_job(GERMAN, wiped, start="models/scorer")
        assert again.success, (again.errors, again.failed_checks)
        assert answer(wiped) == first

    lakehouse, shelf = Lakehouse(wiped.lakehouse_root), Shelf.of(wiped)
    assert lakehouse.read(bento_key(NAME)).summary["key"] in shelf.all_keys()
    assert lakehouse.read(scorer_key(NAME)).summary["key"] in shelf.all_keys()
    assert f"{NAME}/reports/quality_report.html" in shelf.all_keys()
    assert not (wiped.home / "artefacts").exists()
    assert not (wiped.home / "lakehouse").exists()
    assert not list((wiped.home / "mlflow").glob("artifacts/*"))
