"""The guard before what a real `up` opens, in a real browser and under attack; one owner; `kill -9` leaves nothing."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from credit_platform_tests.e2e.test_up import MARKER, READY_SECONDS, ROOT, processes_of, read_until

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
EVIL = "http://evil.example"
MUTATION = "mutation { reloadWorkspace { __typename } }"
SOCKETS = {"Dagster": "/graphql", "MLflow": "/graphql", "Console": "/_stcore/stream"}

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@contextmanager
def running_up(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A real `up` of the home of `folder`, which has a space and an accent in its name."""
    dropped = {"DAGSTER_HOME", "BENTOML_HOME", "MPLCONFIGDIR"}
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    environment |= {"CREDIT_PLATFORM_HOME": str(home(folder)), MARKER: str(folder), "COLUMNS": "80"}
    command = [sys.executable, "-c", "from credit_platform.cli import main; main()", "up"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
    ) as process:
        watchdog = threading.Timer(READY_SECONDS, process.send_signal, [signal.SIGINT])
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.terminate()
            process.wait(timeout=60)


def home(folder: Path) -> Path:
    return folder / "un été"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for left in processes_of(str(tmp_path)):
        left.kill()


def printed(said: str) -> dict[str, str]:
    """The addresses with the token, by name, each on a line of its own also on a narrow screen."""
    found = re.findall(r"^  (\w+): (http://127\.0\.0\.1:\d+)/\S*\?token=([\w-]+)\S*$", said, re.MULTILINE)
    return {name: f"{base}/?token={token}" for name, base, token in found}


def wait_until(over: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not over():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_up_is_open_to_whoever_has_the_token_and_to_nobody_else(folder: Path) -> None:
    with running_up(folder) as program:
        pages = printed(read_until(program, "Ctrl-C stops all of them"))
        assert list(pages) == ["Dagster", "MLflow", "Console"]
        (token,) = {page.partition("?token=")[2] for page in pages.values()}
        assert (home(folder) / "page_token").stat().st_mode & 0o777 == 0o600
        assert token not in " ".join(word for one in processes_of(str(folder)) for word in one.cmdline())
        for name, page in pages.items():
            base = page.partition("/?")[0]
            attacks_are_refused(base, token, SOCKETS[name])
            the_socket_is_open(base, token, SOCKETS[name])
        programs_show_the_token(pages, token)
        if CHROMIUM.exists():
            a_person_logs_in_once(pages)
        the_second_says_who_is_the_first(folder, program, pages["Dagster"])
        log = (home(folder) / "logs" / "guard.log").read_text(encoding="utf-8")
        assert log == ""
    assert processes_of(str(folder)) == []


def attacks_are_refused(base: str, token: str, path: str) -> None:
    shown = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=base, timeout=60, trust_env=False) as client:
        answer = client.get("/", headers=shown)
        assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff")
        assert client.get("/").status_code == 401
        assert client.get("/", headers={"Authorization": "Bearer " + "x" * 43}).status_code == 401
        assert client.get("/", headers=shown | {"Host": "evil.example"}).status_code == 421
        assert client.get("/", headers=shown | {"Origin": EVIL}).status_code == 403
        assert client.get("/", headers=shown | {"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert client.get("/graphql", headers=shown, params={"query": MUTATION}).status_code == 405
        logged_in = client.get("/", params={"token": token}, headers={"Host": base.removeprefix("http://")})
        assert (logged_in.status_code, logged_in.headers["location"]) == (303, "/")
        cookie = {"Cookie": logged_in.headers["set-cookie"].partition(";")[0]}
        assert client.get("/", headers=cookie).status_code == 200
        form = cookie | {"Origin": base, "Content-Type": "text/plain"}
        assert client.post("/graphql", headers=form, content='{"query": "{version}"}').status_code == 415
        assert client.post("/graphql", headers=cookie, json={"query": MUTATION}).status_code == 403
        assert client.post("/graphql", headers=cookie | {"Origin": EVIL}, json={"query": MUTATION}).status_code == 403
    address = base.replace("http:", "ws:") + path
    for headers in ({}, {"Origin": EVIL} | cookie, {"Origin": EVIL} | shown):
        with pytest.raises(InvalidStatus, match="403"), connect(address, additional_headers=headers, proxy=None):
            pytest.fail("the websocket is open")
    with (
        pytest.raises(InvalidStatus, match="403"),
        connect(f"ws://evil.example{path}", sock=_connected(base), additional_headers=shown),
    ):
        pytest.fail("the websocket is open to a foreign host")


def _connected(base: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(base.rpartition(":")[2])))


def the_socket_is_open(base: str, token: str, path: str) -> None:
    """The refusals above are the guard's: with the token, from its own origin, Dagster and the console speak."""
    if "graphql" in path and httpx.get(f"{base}/server_info", headers=_shown(token)).status_code != 200:
        return  # MLflow has no websockets
    protocol = ["graphql-ws"] if "graphql" in path else ["streamlit"]
    with connect(
        base.replace("http:", "ws:") + path,
        additional_headers=_shown(token) | {"Origin": base},
        subprotocols=protocol,  # type: ignore[arg-type]  # plain texts will do
        proxy=None,
    ) as websocket:
        if "graphql" in path:
            websocket.send('{"type": "connection_init", "payload": {}}')
            assert "connection_ack" in str(websocket.recv(timeout=60))


def _shown(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def programs_show_the_token(pages: dict[str, str], token: str) -> None:
    """MLflow's own client, in a process of its own, with the variable that it documents."""
    script = "import mlflow; mlflow.create_experiment('été'); print(len(mlflow.search_experiments()))"
    variables = {"MLFLOW_TRACKING_URI": pages["MLflow"].partition("/?")[0], "MLFLOW_TRACKING_TOKEN": token}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "2"


def a_person_logs_in_once(pages: dict[str, str]) -> None:
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415  # only where there is a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_context(viewport={"width": 390, "height": 800}, locale="fr-FR").new_page()
        base = {name: address.partition("/?")[0] for name, address in pages.items()}
        page.goto(base["Dagster"])
        expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.set_viewport_size({"width": 1280, "height": 800})
        refused: list[str] = []
        page.on(
            "response", lambda answer: refused.append(answer.url) if answer.status in (401, 403, 405, 415) else None
        )
        messages: list[str] = []
        page.on("websocket", lambda one: one.on("framereceived", lambda frame: messages.append(str(frame))))
        page.goto(pages["Dagster"])
        expect(page.get_by_text("Automation").first).to_be_visible(timeout=60_000)
        assert "token" not in page.url
        wait_for(page, lambda: any("connection_ack" in message for message in messages))
        page.goto(base["MLflow"])  # one login for all
        expect(page.get_by_text("Experiments").first).to_be_visible(timeout=60_000)
        messages.clear()
        page.goto(base["Console"])
        expect(page.get_by_role("heading", name="Demandeur")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("Deploy")).to_have_count(0)  # its options reached it
        assert messages
        assert refused == []
        browser.close()


def wait_for(page: object, over: Callable[[], bool]) -> None:
    """Wait while the browser's events are taken in."""
    deadline = time.monotonic() + 60
    while not over():
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)  # type: ignore[attr-defined]  # a page of Playwright, which is imported above only


def the_second_says_who_is_the_first(folder: Path, first: subprocess.Popen[str], page: str) -> None:
    for _ in range(2):
        with running_up(folder) as second:
            said = " ".join(read_until(second, "Cure:").split())
            assert second.wait(timeout=60) == 1
        assert f"already: process {first.pid} on {os.uname().nodename}, since 20" in said
        assert page.partition("/?")[0] in said
        assert first.poll() is None
        assert httpx.get(page, trust_env=False).status_code == 303


def test_kill_9_twice_in_a_row_leaves_nothing_and_the_next_takes_over_at_once(folder: Path) -> None:
    tokens, killed = [], 0
    for _ in range(2):
        with running_up(folder) as program:
            said = read_until(program, "Ctrl-C stops all of them")
            assert not killed or f"was killed (process {killed} on" in " ".join(said.split())
            tokens.append(printed(said)["Dagster"].partition("=")[2])
            before = set(processes_of(str(folder)))
            assert len(before) > 8
            killed = program.pid
            program.kill()
    with running_up(folder) as third:
        said = read_until(third, "Ctrl-C stops all of them")
        assert f"process {killed} on" in " ".join(said.split())
        assert not [one for one in before if one.is_running()]
        tokens.append(printed(said)["Dagster"].partition("=")[2])
        assert len(set(tokens)) == 1
        killed = third.pid
        third.kill()
    wait_until(lambda: processes_of(str(folder)) == [])
