"""`credit-platform bench serving` with real servers; how fast they are is not asserted, that what it says holds is."""

from __future__ import annotations

import json
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from credit_platform.api_keys import new_owner_key
from credit_platform.benchmarks import Role, serving
from credit_platform.cli import app
from credit_platform.errors import ServiceError
from credit_platform_tests.small_scorer import save_small_scorer

SERVERS = ("service", "service behind serve's port", "fastapi", "constant", "service with a shadow")


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_every_server_answers_and_is_gone_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(serving, "CLIENTS", (1,))
    save_small_scorer(tmp_path / "champion", "lightgbm")
    save_small_scorer(tmp_path / "challenger")
    target, before = tmp_path / "serving.json", children()
    options = {"scorer": tmp_path / "champion", "shadow": tmp_path / "challenger", "json": target}
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    result = CliRunner().invoke(app, ["bench", "serving", "--seconds", "0.2", "--rounds", "1", *arguments])
    assert result.exit_code == 0, result.output
    assert children() <= before
    written = json.loads(target.read_text())
    assert [one["name"] for one in written["measurements"]] == ["scorer", *SERVERS]
    found = {figure["name"]: figure["value"] for figure in written["figures"]}
    for server in SERVERS:
        prefix = f"{server}, 1 clients: "
        load = {name.removeprefix(prefix): found[name] for name in found if name.startswith(prefix)}
        assert load["errors"] == 0
        assert 0 < load["lowest throughput"] <= load["throughput"]
        assert 0 < load["p50"] <= load["p95"] <= load["p99"] <= load["highest p99"]
        assert f"{prefix}throughput" in result.output.replace("\n", " ")


def test_a_service_that_only_refuses_is_not_measured(tmp_path: Path) -> None:
    save_small_scorer(tmp_path / "champion")
    (tmp_path / "application").write_text("{}")
    setting = serving._Setting(tmp_path, tmp_path / "champion", 0.1, new_owner_key())
    itself = {"CREDIT_PLATFORM_SHADOW_SCORER": str(tmp_path / "champion")}
    with serving._running(["-m", "bento"], setting, "service", itself) as (process, port):
        server = serving._Server("service", Role.PLATFORM, "", process, port, 0.0)
        with pytest.raises(ServiceError, match="1 clients: no request was answered") as caught:
            serving._ask(serving._Load("service, 1 clients", server, 1), setting)
    assert "is the one that answers" in str(caught.value)
    assert not process.is_running()


def test_the_median_of_the_rounds_is_shown_and_the_worst() -> None:
    rounds = [
        {"per_second": rate, "p50_ms": 1.0, "p95_ms": 2.0, "p99_ms": 1000 / rate, "errors": 1, "requests": 9}
        for rate in (100.0, 500.0, 400.0)
    ]
    server = serving._Server("service", Role.PLATFORM, "", psutil.Process(), 0, 0.0)
    load = serving._Load("service, 1 clients", server, 1)
    load.results.extend(rounds)
    found = {figure.name.rpartition(": ")[2]: figure.value for figure in serving._figures(load)}
    assert (found["throughput"], found["lowest throughput"]) == (400.0, 100.0)
    assert (found["p99"], found["highest p99"]) == (2.5, 10.0)
    assert found["errors"] == 3
