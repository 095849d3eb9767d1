"""Every `curl` and every Python block of docs/API.md, as it stands there, against a service that runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from credit_platform_tests.e2e.conftest import Served
from scripts.python_client import DIGEST_FILE, digest_of

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
ADDRESS = "http://127.0.0.1:3001"
"""Where `make up` serves the first portfolio."""
BLOCK = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FOUND = BLOCK.findall((ROOT / "docs" / "API.md").read_text(encoding="utf-8"))
CURLS = [text for kind, text in FOUND if kind == "sh" and "curl " in text]
PYTHON = [text for kind, text in FOUND if kind == "python"]


def run(served: Served, folder: Path, *command: str, text: str) -> str:
    environment = {**os.environ, "API_KEY": str(served.service.key), "NO_PROXY": "*", "no_proxy": "*"}
    done = subprocess.run(
        [*command, text.replace(ADDRESS, served.service.url)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_has_requests_for_every_route_that_a_client_calls() -> None:
    called = set(re.findall(rf"{ADDRESS}(/[\w./-]+)", "".join(CURLS)))
    assert called >= {"/predict", "/predict/batch", "/explain", "/health", "/model-info", "/metrics", "/openapi.json"}
    assert len(PYTHON) == 2


@pytest.mark.parametrize("text", CURLS, ids=lambda text: text[:40])
def test_a_request_of_the_page_is_answered(served: Served, tmp_path: Path, text: str) -> None:
    # Each with the status of HTTP as the exit status: a refusal is one, too.
    said = run(served, tmp_path, "bash", "-ec", text=text.replace("curl -s ", "curl -s --fail-with-body "))
    if "/predict " in text:
        assert json.loads(said)["decision"] == "refused"
    if "/predict/batch " in text:
        assert [row["decision"]["decision"] for row in json.loads(said)["results"]] == ["accepted", "refused"]
    if "/explain " in text:
        assert json.loads(said)["counterfactuals"]


@pytest.mark.parametrize("text", PYTHON, ids=["httpx", "typed"])
def test_the_python_of_the_page_runs(served: Served, text: str) -> None:
    said = run(served, ROOT, sys.executable, "-W", "error", "-c", text=text)
    assert "refused 0." in said


def test_the_typed_client_is_of_the_document_that_is_published(served: Served) -> None:
    document = httpx.get(f"{served.service.url}/openapi.json", timeout=10, trust_env=False).json()
    assert DIGEST_FILE.read_text(encoding="utf-8").strip() == digest_of(document), "make client"
