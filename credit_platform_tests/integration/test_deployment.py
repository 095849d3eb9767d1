"""`serving/deployment` as a run: the table is written whatever came of it; a deployment that failed fails the run."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.environment import prepare_environment
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.orchestration.runner import run_job
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import bento_key, deployment_key
from credit_platform.serving import deployments
from credit_platform.serving.deployer import Deployer, Deployment, Verdict
from credit_platform.serving.promoted import PromotedBento
from credit_platform.serving.records import BentoRecord, DeploymentRecord
from credit_platform.settings import Settings

PORTFOLIO = get_portfolio("german_credit")


class Refusing(Deployer):
    """A target that takes every Bento back."""

    def deploy(self, bento: PromotedBento) -> Deployment:
        message = f"{bento.name} was promoted but does not serve: it crashes. The one before, abc, answers."
        return Deployment(bento=bento, verdict=Verdict.FAILED, message=message, before="abc", requests=3, errors=3)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path / "mes données é")
    prepare_environment(made)
    record = BentoRecord(
        tag="german_credit_scoring:1",
        key="german_credit/bentos/1",
        digest="d" * 64,
        source_digest="s" * 64,
        fingerprint="f",
    )
    info = CommitInfo(portfolio=PORTFOLIO.name)
    lakehouse = Lakehouse(made.lakehouse_root)
    lakehouse.write(
        bento_key(PORTFOLIO.name), pl.DataFrame({"tag": [record.tag]}), summary=record.to_summary(), info=info
    )
    return made


def newest(settings: Settings) -> DeploymentRecord:
    return DeploymentRecord.of(Lakehouse(settings.lakehouse_root).read(deployment_key(PORTFOLIO.name)))


def test_where_nothing_serves_the_run_ends_well_and_says_so(settings: Settings) -> None:
    report = run_job(PORTFOLIO, settings, job="german_credit_deployment")
    assert report.success, report
    found = newest(settings)
    assert (found.verdict, found.target, found.bento) == (Verdict.INCONCLUSIVE, "local", "german_credit_scoring:1")
    assert "No service of german_credit runs on this machine" in found.message


def test_one_that_was_taken_back_is_recorded_and_fails_the_run(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployments, "deployer_of", lambda *_, **__: Refusing())
    report = run_job(PORTFOLIO, settings, job="german_credit_deployment")
    assert not report.success
    assert (newest(settings).verdict, newest(settings).before) == (Verdict.FAILED, "abc")
    assert "it crashes" in str(report)
