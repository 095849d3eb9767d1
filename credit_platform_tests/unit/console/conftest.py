"""The service in this process, a home with tables, and the pages as Streamlit runs them."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx
import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from bento.http.app import create_app
from bento.http.handling import ServiceState
from bento.runtime.engine import Engine, load_engine
from bento.runtime.settings import ServiceSettings
from credit_platform.monitoring.decision_log import Conflict, DecisionRecord, DecisionStore, Recorded
from credit_platform.serving.running_services import ServiceAccess, announced
from credit_platform.serving.service_client import ServiceClient
from credit_platform.settings import Settings
from credit_platform_tests.console_home import make_console_home
from credit_platform_tests.small_scorer import save_small_scorer

Show = Callable[[str], AppTest]
PAGE = """
from credit_platform.console.app import open_context
from credit_platform.console.settings import ConsoleSettings
from credit_platform.console.views import {page}
from credit_platform.settings import Settings
{page}.show(open_context(ConsoleSettings(), Settings(), "{language}"))
"""


class Log:
    """The service's log: the database itself, without the thread that groups."""

    problem = None

    def __init__(self, store: DecisionStore) -> None:
        self.store = store

    async def append(self, records: Sequence[DecisionRecord]) -> Sequence[Recorded | Conflict]:
        return self.store.append(records)

    def stop(self) -> None:
        """Nothing waits."""


class Bridge(httpx.BaseTransport):
    """Requests of a synchronous client to an application in this process; `instead` answers in its place."""

    def __init__(self, engine: Engine, store: DecisionStore) -> None:
        state = ServiceState(ServiceSettings())
        state.use(engine, Log(store))
        self.app = create_app(state)
        self.instead: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.asked: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        answer = self.instead(request)
        return answer if answer is not None else asyncio.run(self._ask(request))

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            keys = {name: value for name, value in request.headers.items() if name in ("authorization", "x-api-key")}
            headers = {"Content-Type": "application/json", **keys}
            answer = await client.request(request.method, request.url.path, content=request.read(), headers=headers)
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)


@pytest.fixture(scope="session", autouse=True)
def _one_look_at_the_installed_packages() -> Iterator[None]:
    """Each `AppTest` searches all packages for components, half a second; none comes or goes while the tests run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner, "scan_component_manifests", functools.cache(manifest_scanner.scan_component_manifests)
        )
        yield


@pytest.fixture(scope="session")
def scorer_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("console_scorer") / "scorer"
    save_small_scorer(folder)
    return folder


@pytest.fixture(scope="session")
def engine(scorer_folder: Path) -> Engine:
    return load_engine(scorer_folder)


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory, engine: Engine, scorer_folder: Path) -> Settings:
    """Tables and scorer, made once; only the decision log is each test's own."""
    return make_console_home(tmp_path_factory.mktemp("console") / "home", engine.scorer, scorer_folder)


@pytest.fixture
def home(filled_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    url = f"sqlite:///{tmp_path / 'decisions.db'}"
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(filled_home.home))
    monkeypatch.setenv("CREDIT_PLATFORM_DECISION_LOG_URL", url)
    with announced(filled_home, [ServiceAccess("german_credit", "http://service", None)]):
        yield filled_home.model_copy(update={"decision_log_url": url})


@pytest.fixture
def service(home: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bridge]:
    """A service in this process, which every client of the console asks."""
    bridge = Bridge(engine, DecisionStore(home.decision_log))
    monkeypatch.setattr(ServiceClient, "transport", bridge)
    st.cache_resource.clear()
    yield bridge
    st.cache_resource.clear()


@pytest.fixture
def show(service: Bridge) -> Show:
    """Draw a page in a language, `applicant-en` say."""

    def draw(name: str) -> AppTest:
        page, _, language = name.partition("-")
        return AppTest.from_string(PAGE.format(page=page, language=language or "en"), default_timeout=30).run()

    return draw
