"""MLflow's server and a run may be the first of a home at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from credit_platform.modelling import tracking_server
from credit_platform.modelling._first_use import first_use
from credit_platform_tests.together import READY, run_together

_OPENING = f"""
import sys
from credit_platform.modelling.tracking import Tracking
from credit_platform.modelling import tracking_server
opens = {{"server": lambda: tracking_server._ready(sys.argv[2]), "run": Tracking(sys.argv[2], None, "runs").open}}
{READY}
opens[sys.argv[1]]()
"""


def test_the_store_of_a_new_home_is_made_once(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mes données é' / 'mlflow.db'}"
    variables = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    ended = run_together(_OPENING, [("server", uri), ("run", uri), ("server", uri)], variables, tmp_path)
    assert [status for status, _ in ended] == [0, 0, 0], ended


def test_it_becomes_the_server_of_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "mlflow.db"
    with first_use(f"sqlite:///{database}"):
        database.write_bytes(b"made by a run")
    became: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: became.append(command))
    arguments = ["--backend-store-uri", f"sqlite:///{database}", "--port", "5000"]
    tracking_server.main(arguments)
    assert became == [[sys.executable, "-m", "mlflow", "server", *arguments]]
    assert database.read_bytes() == b"made by a run"


def test_a_server_over_another_database_is_left_to_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: became.append(command))
    tracking_server.main(["--backend-store-uri", "postgresql://db.invalid/mlflow"])
    assert became[0][-1] == "postgresql://db.invalid/mlflow"
