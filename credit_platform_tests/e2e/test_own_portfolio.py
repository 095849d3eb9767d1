"""A CSV file that nobody here has seen, to a decision over HTTP: made, checked, run and served from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from credit_platform.environment import TOOL_FOLDERS
from credit_platform.serving.local.service_process import start_service
from credit_platform.settings import Settings
from credit_platform_tests.unit.authoring.conftest import loans_of_nobody

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

NAME = "village_credit"


def test_a_file_becomes_a_decision_over_http(tmp_path: Path) -> None:
    place = tmp_path / "mes données é"
    place.mkdir()
    loans_of_nobody(1_500).write_csv(place / "prêts 1.csv")
    variables = {name: value for name, value in os.environ.items() if name not in TOOL_FOLDERS}
    variables |= {"CREDIT_PLATFORM_HOME": "home", "CREDIT_PLATFORM_TUNING_TRIALS": "1"}

    def command(*arguments: str, outside: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-c", "from credit_platform.cli import main; main()", *arguments],
            cwd=place,
            env={**variables, **({"CREDIT_PLATFORM_PORTFOLIOS": outside} if outside else {})},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    command("new-portfolio", NAME, "--from", "prêts 1.csv", "--to", "mes portefeuilles")
    found = json.loads(command("check-portfolio", NAME, "--json", outside="mes portefeuilles"))
    assert {one["kind"] for one in found} == {"to decide"}
    command("run", NAME, outside="mes portefeuilles")

    # Its code is in the Bento: nothing here knows the folder outside.
    (bento,) = (place / "home" / "bentos" / "bentos" / f"{NAME}_scoring").glob("*-*")
    assert (bento / "src" / "credit_platform" / "portfolios" / NAME / "features.py").is_file()
    settings = Settings(home=place / "home")
    with start_service(bento, settings=settings) as service:
        client = httpx.Client(base_url=service.url, headers=service.headers, timeout=30, trust_env=False)
        example = client.get("/openapi.json").json()["paths"]["/predict"]["post"]["requestBody"]["content"]
        body = example["application/json"]["examples"]["typical"]["value"]
        for _ in range(2):
            answer = client.post("/predict", json=body).json()
            assert answer["decision"] in ("accepted", "refused")
            assert answer["reasons"][0]["text"].startswith("What we know, or do not know, of “")
        body["application"]["Sex"] = "f"
        assert client.post("/predict", json=body).json()["error"]["code"] == "protected_field"
        client.close()
