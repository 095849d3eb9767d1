"""A service with a stand-in where the scorer would be."""

from __future__ import annotations

import pytest

from bento.http.app import create_app
from bento.http.handling import ServiceState
from bento.runtime.settings import ServiceSettings
from credit_platform_tests.unit.bento.stand_ins import Client, ready_state


@pytest.fixture
def state() -> ServiceState:
    return ready_state(ServiceSettings(max_body_bytes=2048, body_seconds=1))


@pytest.fixture
def client(state: ServiceState) -> Client:
    return Client(create_app(state))
