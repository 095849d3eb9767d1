"""`credit-platform bench serving --url`: a service that runs somewhere, over whatever stands before it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from credit_platform.benchmarks.load import KEY_VARIABLE
from credit_platform.cli import app
from credit_platform.errors import SettingError
from credit_platform.serving.service_problems import NoAnswerError, Problem
from credit_platform_tests.stub_service import KEY, Stub, stub_service


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stub_service() as one:
        yield one


def bench(*words: str, key: str = KEY) -> Result:
    command = ["bench", "serving", "--clients", "2", "--seconds", "0.2", *words]
    return CliRunner().invoke(app, command, env={KEY_VARIABLE: key})


@pytest.mark.parametrize("shape", ["plain", "closes", "chunked"])
def test_every_answer_is_counted_whatever_stands_before_it(stub: Stub, shape: str, tmp_path: Path) -> None:
    stub.closes, stub.chunked = shape == "closes", shape == "chunked"
    done = bench("--url", stub.url, "--p95", "60000", "--json", str(tmp_path / "é x.json"))
    assert done.exit_code == 0, done.output
    figures = {one["name"]: one["value"] for one in json.loads((tmp_path / "é x.json").read_text())["figures"]}
    assert figures["2 clients: errors"] == 0
    assert 0 < figures["2 clients: requests"] <= stub.asked.count("/predict")
    assert KEY not in done.output


def test_a_name_is_asked_at_another_address(stub: Stub) -> None:
    done = bench("--url", "http://staging.lender.example", "--connect-to", stub.url.removeprefix("http://"))
    assert done.exit_code == 0, done.output
    assert stub.hosts == {"staging.lender.example"}


def test_what_is_asked_may_be_what_nobody_logs(stub: Stub) -> None:
    assert bench("--url", stub.url, "--route", "/explain").exit_code == 0
    assert "/predict" not in stub.asked


def test_errors_and_slowness_fail_where_a_limit_is_given(stub: Stub) -> None:
    stub.status = 503
    done = bench("--url", stub.url, "--p95", "60000")
    assert done.exit_code == 1
    assert "were not answered by 200" in done.output
    assert bench("--url", stub.url).exit_code == 0, "without a limit it only measures"
    stub.status, stub.slow_seconds = 200, 0.05
    done = bench("--url", stub.url, "--p95", "50")
    assert done.exit_code == 1
    assert "50 ms or more is too slow" in done.output


def test_no_service_and_no_key_are_said(stub: Stub) -> None:
    done = bench("--url", "http://127.0.0.1:1")
    assert isinstance(done.exception, NoAnswerError)
    assert done.exception.kind is Problem.DOWN
    done = bench("--url", stub.url, key="another")
    assert isinstance(done.exception, NoAnswerError)
    assert done.exception.kind is Problem.KEY


def test_what_belongs_to_a_service_of_its_own_is_refused(stub: Stub, tmp_path: Path) -> None:
    done = bench("--url", stub.url, "--scorer", str(tmp_path))
    assert isinstance(done.exception, SettingError)
    assert "--scorer" in str(done.exception)
