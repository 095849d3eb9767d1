"""Manifests of small hosts: images by digest, no secret, known settings, one port; the console runs by its entry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from scripts.chart.helm import ROOT

HOSTS = ROOT / "delivery" / "hosts"
FILES = sorted(file for file in HOSTS.rglob("*") if file.is_file())
DOCS = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "docs").glob("*.md"))
BY_DIGEST = re.compile(r"[\w./-]+@sha256:[0-9a-f]{64}")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(HOSTS)))
def test_every_setting_is_one_that_there_is(file: Path) -> None:
    named = set(re.findall(r"CREDIT_PLATFORM_[A-Z_]+", file.read_text(encoding="utf-8")))
    unknown = {name for name in named if name not in DOCS}
    # The owner's key is given by whoever starts a service, and is not on the pages.
    assert unknown <= {"CREDIT_PLATFORM_OWNER_KEY"}


def test_cloud_run_serves_an_image_by_digest_at_its_port() -> None:
    service = yaml.safe_load((HOSTS / "cloud-run" / "service.yaml").read_text(encoding="utf-8"))
    pod = service["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert BY_DIGEST.fullmatch(container["image"])
    port = container["ports"][0]["containerPort"]
    assert container["args"][-2:] == ["--port", str(port)]
    assert container["startupProbe"]["httpGet"]["port"] == port
    assert {one["name"] for one in container["volumeMounts"]} == {one["name"] for one in pod["volumes"]}
    plain = [one["name"] for one in container["env"] if "value" in one]
    assert not [name for name in plain if name.endswith("_URL")], "an address of a database holds a password"


def test_render_serves_an_image_by_digest_at_its_port() -> None:
    blueprint = yaml.safe_load((HOSTS / "render" / "render.yaml").read_text(encoding="utf-8"))
    (service,) = blueprint["services"]
    assert BY_DIGEST.fullmatch(service["image"]["url"])
    variables = {one["key"]: one.get("value") for one in service["envVars"]}
    assert service["dockerCommand"].endswith(f"--port {variables['PORT']}")
    assert variables["CREDIT_PLATFORM_DECISION_LOG_URL"] is None


def test_a_space_says_its_port_and_stands_on_a_digest() -> None:
    head = yaml.safe_load((HOSTS / "huggingface" / "README.md").read_text(encoding="utf-8").split("---")[1])
    recipe = (HOSTS / "huggingface" / "Dockerfile").read_text(encoding="utf-8")
    assert head["sdk"] == "docker"
    assert f'"--port", "{head["app_port"]}"' in recipe
    assert BY_DIGEST.search(recipe)


def test_the_console_runs_by_its_entry_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a service it says so on the page, and raises nothing."""
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path / "mes données é"))
    monkeypatch.setenv("CREDIT_PLATFORM_CONSOLE_SERVICE", "http://127.0.0.1:1")
    monkeypatch.setenv("CREDIT_PLATFORM_CONSOLE_API_KEY", "of-nobody")
    app = AppTest.from_file(str(HOSTS / "streamlit" / "streamlit_app.py"), default_timeout=60).run()
    assert not app.exception
    assert [str(one.value) for one in app.error], "that no service answers is said"
