"""Starting, asking and stopping, with a few lines of Python where the service would be."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from credit_platform.errors import ServiceError
from credit_platform.serving.local import service_process
from credit_platform.serving.local.service_process import start_service
from credit_platform.serving.service_client import Asked
from credit_platform.settings import Settings

STAND_IN = """
import http.server, json, os, sys, time
port = int(sys.argv[sys.argv.index("--port") + 1])
HEALTH = {health}

class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/health":
            self.answer(200, HEALTH)
        else:
            shadow = os.environ.get("CREDIT_PLATFORM_SHADOW_SCORER")
            scorer = os.environ.get("CREDIT_PLATFORM_SCORER")
            self.answer(200, {{"folder": os.getcwd(), "scorer": scorer, "shadow": shadow}})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "applicant_id" in body:
            self.answer(200, body)
        else:
            self.answer(422, {{"error": {{"code": "missing_field", "message": "who?"}}}})

    def log_message(self, *arguments):
        pass

{before}
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""
READY = '{"live": True, "ready": True, "reason": None}'


def bento_of(folder: Path, *, health: str = READY, before: str = "") -> Path:
    package = folder / "a_bento" / "src" / "bento"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(STAND_IN.format(health=health, before=before))
    return folder / "a_bento"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_it_is_started_asked_and_stopped(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_SCORER", "elsewhere")
    monkeypatch.setenv("CREDIT_PLATFORM_SHADOW_SCORER", "challenger")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    bento = bento_of(tmp_path)
    with start_service(bento, settings=settings) as service:
        assert os.getpgid(service.pid) == service.pid != os.getpgid(0)
        # It runs in the Bento's folder, with the Bento's scorer.
        assert service.client.get("/anything") == {"folder": str(bento / "src"), "scorer": None, "shadow": None}
        answer = service.client.post("/predict", Asked({"amount": 1}, "a", {"loans": []}).body("fr"))
        assert answer == {
            "application": {"amount": 1},
            "applicant_id": "a",
            "histories": {"loans": []},
            "language": "fr",
        }
        with pytest.raises(ServiceError, match=r"422.*missing_field"):
            service.client.predict(Asked({"amount": 1}))
    assert service.process.returncode is not None
    assert service.log.parent == settings.home / "logs"
    service.stop()


def test_one_goes_on_where_its_log_cannot_be_written(
    tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.home.mkdir()
    (settings.home / "logs").write_text("in the way")
    with start_service(bento_of(tmp_path), settings=settings) as service:
        assert service.client.health()["ready"]
    assert caplog.text.count("the service goes on without a log") == 1
    with pytest.raises(ServiceError, match=r"ended with code 1.*cannot be read"):
        start_service(bento_of(tmp_path / "other", before='sys.exit("no room")'), settings=settings)


def test_a_shadow_is_handed_on_in_full(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with start_service(bento_of(tmp_path), settings=settings, shadow=Path("challenger")) as service:
        assert service.client.get("/anything")["shadow"] == str(tmp_path / "challenger")


def test_one_that_does_not_answer_is_named(tmp_path: Path, settings: Settings) -> None:
    with start_service(bento_of(tmp_path), settings=settings) as service:
        service.process.kill()
        service.process.wait()
        with pytest.raises(ServiceError, match="does not answer"):
            service.client.health()


def test_one_that_dies_is_reported_with_its_last_words(tmp_path: Path, settings: Settings) -> None:
    bento = bento_of(tmp_path, before='sys.exit("no room on the disk")')
    with pytest.raises(ServiceError, match=r"(?s)ended with code 1.*no room on the disk"):
        start_service(bento, settings=settings)


def test_one_whose_scorer_is_bad_is_stopped_and_its_reason_given(tmp_path: Path, settings: Settings) -> None:
    bento = bento_of(tmp_path, health='{"live": True, "ready": False, "reason": "altered file"}')
    with pytest.raises(ServiceError, match="not ready: altered file"):
        start_service(bento, settings=settings)


def test_one_that_is_slow_is_stopped(tmp_path: Path, settings: Settings) -> None:
    bento = bento_of(tmp_path, before="time.sleep(60)")
    with pytest.raises(ServiceError, match="not ready within 0 s"):
        start_service(bento, settings=settings, timeout=0.3)


def test_one_that_does_not_listen_to_reason_is_killed(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_process, "_STOP_SECONDS", 0.2)
    bento = bento_of(tmp_path, before="import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    service = start_service(bento, settings=settings)
    service.stop()
    assert service.process.returncode == -9


def test_a_taken_port_is_named(tmp_path: Path, settings: Settings, taken_port: int) -> None:
    with pytest.raises(ServiceError, match=f"Port {taken_port} is taken"):
        start_service(bento_of(tmp_path), port=taken_port, settings=settings)


def test_a_folder_that_is_no_bento_is_refused(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(ServiceError, match="is not a Bento"):
        start_service(tmp_path, settings=settings)
