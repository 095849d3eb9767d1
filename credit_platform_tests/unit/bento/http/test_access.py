"""Who may ask what, and how often: keys, scopes, rates, in process."""

from __future__ import annotations

from pathlib import Path

import pytest

from bento.http.access import ANY_KEY, Gatekeeper, TokenBucket
from bento.http.app import create_app
from bento.http.handling import ServiceState
from bento.http.startup import require_keys
from bento.runtime.settings import PlatformSettings, ServiceSettings
from credit_platform.api_keys import KeyFile, KeyRing, Scope, new_key, new_owner_key
from credit_platform.errors import ApiKeyError
from credit_platform_tests.unit.bento.stand_ins import Client, StandIn, error_of, ready_state


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "api_keys.json")


def make(file: KeyFile, *scopes: Scope, rate: float | None = None) -> str:
    text, stored = new_key("test", scopes, rate=rate)
    file.add(stored)
    return text


def client_of(file: KeyFile, rate: float | None = None, clock: Clock | None = None) -> tuple[Client, ServiceState]:
    state = ready_state(ServiceSettings())
    state.gatekeeper = Gatekeeper(KeyRing(file), rate, clock or Clock())
    return Client(create_app(state)), state


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_without_a_known_key_there_is_no_answer_and_no_body_is_read(file: KeyFile) -> None:
    key = make(file, Scope.SCORE)
    client, state = client_of(file)
    for headers in ({}, bearer("wrong"), bearer(key[:-1]), {"Authorization": f"Basic {key}"}, {"X-API-Key": "x"}):
        response = client.post("/predict", json={}, headers=headers)
        assert (response.status_code, error_of(response)["code"]) == (401, "unauthenticated")
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.headers["x-request-id"]
    assert isinstance(state.engine, StandIn)
    assert state.engine.seen == []


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_a_key_may_come_in_either_header(file: KeyFile, header: str) -> None:
    key = make(file, Scope.SCORE)
    client, _ = client_of(file)
    value = f"bearer {key}" if header == "Authorization" else key
    assert client.post("/predict", json={}, headers={header: value}).status_code == 200


def test_a_key_without_the_scope_is_403(file: KeyFile) -> None:
    key = make(file, Scope.ADMIN, Scope.EXPLAIN)
    client, _ = client_of(file)
    response = client.post("/predict", json={}, headers=bearer(key))
    assert (response.status_code, error_of(response)["code"]) == (403, "forbidden")


def test_above_its_rate_a_key_is_429_and_told_how_long_to_wait(file: KeyFile) -> None:
    key, other, clock = make(file, Scope.SCORE), make(file, Scope.SCORE, rate=100), Clock()
    client, _ = client_of(file, rate=1, clock=clock)
    statuses = [client.post("/predict", json={}, headers=bearer(key)).status_code for _ in range(4)]
    assert statuses == [200, 200, 429, 429]
    response = client.post("/predict", json={}, headers=bearer(key))
    assert (error_of(response)["code"], response.headers["retry-after"]) == ("rate_limited", "1")
    assert client.post("/predict", json={}, headers=bearer(other)).status_code == 200
    clock.now += 1.1
    assert client.post("/predict", json={}, headers=bearer(key)).status_code == 200


def test_the_owner_of_the_process_has_no_limit(file: KeyFile) -> None:
    text, variable = new_owner_key()
    platform = PlatformSettings(api_keys=file.path, owner_key=variable)
    state = ready_state(ServiceSettings())
    state.gatekeeper = require_keys(platform, ServiceSettings(rate_per_second=0.1))
    client = Client(create_app(state))
    assert [client.post("/predict", json={}, headers=bearer(text)).status_code for _ in range(5)] == [200] * 5


def test_a_bucket_fills_up_to_two_seconds_worth() -> None:
    bucket = TokenBucket(10, now=0)
    assert [bucket.take(0) for _ in range(20)] == [0.0] * 20
    assert bucket.take(0) == pytest.approx(0.1)
    assert [bucket.take(1000) for _ in range(20)] == [0.0] * 20
    assert bucket.take(1000) > 0
    slow = TokenBucket(0.1, now=0)
    assert slow.take(0) == 0
    assert slow.take(5) == pytest.approx(5)


def test_more_than_a_bucket_holds_is_lent_once_and_paid_back() -> None:
    bucket = TokenBucket(10, now=0)
    assert bucket.take(0) == 0
    assert bucket.take(0, 999) == 0
    assert bucket.take(0) == pytest.approx(98.1)
    assert bucket.take(98, 1) > 0
    assert bucket.take(98.2) == 0
    assert bucket.take(98.2, 999) > 0


def test_buckets_of_keys_that_never_come_back_do_not_pile_up(file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bento.http.access._MOST_BUCKETS", 2)
    keys = [make(file, Scope.SCORE) for _ in range(5)]
    client, state = client_of(file, rate=5)
    for key in keys:
        client.post("/predict", json={}, headers=bearer(key))
    assert len(state.gatekeeper._buckets) <= 2


PUBLIC = {"/", "/health", "/openapi.json", "/docs", "/docs/", "/docs/start.js", "/docs/assets"}
"""Routes that need no key: whoever adds one here says that anybody may have what it answers."""


def test_every_route_is_secured_or_named_as_public() -> None:
    for route in create_app(ServiceState()).routes:
        scopes = getattr(getattr(route, "endpoint", None), "scopes", None)
        path = getattr(route, "path", "")
        assert (scopes is None) == (path in PUBLIC), path
        assert scopes is None or scopes <= ANY_KEY


def test_metrics_can_be_made_public(file: KeyFile) -> None:
    state = ready_state(ServiceSettings(public_metrics=True))
    state.gatekeeper = Gatekeeper(KeyRing(file))
    assert Client(create_app(state)).get("/metrics").status_code == 200


class TestStart:
    def test_without_keys_there_is_no_service(self, file: KeyFile) -> None:
        with pytest.raises(ApiKeyError, match=r"no API key.*keys create.*CREDIT_PLATFORM_AUTHENTICATION=disabled"):
            require_keys(PlatformSettings(api_keys=file.path), ServiceSettings())

    def test_keys_that_cannot_be_used_do_not_count(self, file: KeyFile) -> None:
        key = make(file, Scope.SCORE)
        file.revoke(key.split("_")[1])
        with pytest.raises(ApiKeyError):
            require_keys(PlatformSettings(api_keys=file.path), ServiceSettings())

    def test_disabled_means_everyone(self, file: KeyFile, caplog: pytest.LogCaptureFixture) -> None:
        state = ready_state(ServiceSettings())
        state.gatekeeper = require_keys(PlatformSettings(authentication="disabled"), ServiceSettings())
        assert Client(create_app(state)).post("/predict", json={}).status_code == 200
        assert "authentication is disabled" in caplog.text

    def test_the_file_of_the_home_is_the_default(self, tmp_path: Path) -> None:
        make(KeyFile(tmp_path / "api_keys.json"), Scope.SCORE)
        require_keys(PlatformSettings(home=tmp_path), ServiceSettings())
