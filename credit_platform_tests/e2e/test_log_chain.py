"""The chain of the decision log with a real service: closed when it is stopped, and a cut log is not served."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import delete

from credit_platform.monitoring.decision_log import DecisionStore, verify
from credit_platform.monitoring.decision_log.checkpoints import read_files
from credit_platform.monitoring.decision_log.schema import DECISIONS
from credit_platform.serving.local.service_process import start_service
from credit_platform.serving.service_client import Asked
from credit_platform.settings import Settings
from credit_platform_tests.e2e.conftest import Served
from credit_platform_tests.unit.monitoring.decision_log.conftest import make_record

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_service_covers_its_last_row_and_a_killed_one_does_not(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    monkeypatch.chdir(tmp_path)  # a relative folder of checkpoints means the same to the service
    settings = Settings(home=tmp_path / "ma société", decision_checkpoints=Path("check points"))
    with start_service(served.bento.path, settings=settings) as service:
        for _ in range(3):
            service.client.predict(Asked(served.scorer.portfolio.examples["refused"]))
        service.process.send_signal(how)
        service.process.wait(20)
    store = DecisionStore(settings.decision_log, settings.decision_checkpoints)
    [file] = read_files(store.checkpoints).values()
    assert (file.closed_at is not None) == (how == signal.SIGTERM)
    for _ in range(2):
        found = verify(store)
        assert found.findings == []
        assert (found.decisions, found.uncovered) == (3, 0 if how == signal.SIGTERM else 3)


@pytest.mark.parametrize("what", ["emptied", "shorter"])
@pytest.mark.parametrize(
    "command", [["bento", "--port"], ["bentoml", "serve", "bento.service:CreditScoring", "--port"]]
)
def test_a_known_log_that_lost_decisions_is_not_served(
    served: Served, tmp_path: Path, unused_port: int, command: list[str], what: str
) -> None:
    settings = Settings(home=tmp_path / "ma société")
    store = DecisionStore(settings.decision_log)
    store.append([make_record(f"r{n}") for n in range(5)])
    store.close()
    with store.connect() as connection:
        connection.execute(delete(DECISIONS).where(DECISIONS.c.id > (0 if what == "emptied" else 4)))
        connection.commit()
    dropped = ("PYTHONPATH", "CREDIT_PLATFORM_AUTHENTICATION")
    done = subprocess.run(
        [sys.executable, "-m", *command, str(unused_port)],
        cwd=served.bento.path / "src",
        env={
            **{name: value for name, value in os.environ.items() if name not in dropped},
            "CREDIT_PLATFORM_HOME": str(settings.home),
            "CREDIT_PLATFORM_AUTHENTICATION": "disabled",
            "BENTOML_HOME": str(tmp_path / "bentoml"),
            "BENTOML_DO_NOT_TRACK": "true",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "lacks decisions that its checkpoints" in said
    assert "credit-platform decisions declare-lost" in said
    assert "Traceback" not in said
