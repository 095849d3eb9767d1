"""Shadow mode, in process: real scorers where it matters, a decision log that remembers."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from bento.http.app import create_app
from bento.http.handling import ServiceState
from bento.runtime.engine import Engine, load_engine
from bento.runtime.metrics import ServiceMetrics
from bento.runtime.recorder import Scored
from bento.runtime.settings import PlatformSettings, ServiceSettings
from bento.runtime.shadow import Shadow, load_shadow, open_shadow
from credit_platform.errors import DecisionLogError, ScorerError
from credit_platform.monitoring.decision_log import Recorded, ShadowRecord
from credit_platform.scoring import Scorer
from credit_platform_tests.small_scorer import save_small_scorer
from credit_platform_tests.unit.bento.http.test_endpoints import Service
from credit_platform_tests.unit.bento.stand_ins import DECISION, Client, LogStandIn


class Memory:
    """A shadow log that remembers, waits or refuses."""

    def __init__(self) -> None:
        self.records: list[ShadowRecord] = []
        self.refuses = False

    def append(self, records: Sequence[ShadowRecord]) -> None:
        if self.refuses:
            raise DecisionLogError("It is away.", "Wait.")
        self.records += records


class Challenger:
    """Scores by the one feature there is; what is above 1 it cannot bear."""

    name, version, digest, feature_version, threshold = "m", "2", "d2", "f", 0.5

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.open = threading.Event()
        self.open.set()

    def score_features(self, rows: Sequence[dict[str, float]]) -> NDArray[np.float64]:
        self.open.wait()
        self.calls.append(len(rows))
        values = np.array([row["amount"] for row in rows])
        if (values > 1).any():
            raise ZeroDivisionError("SECRET")
        return values

    def margins(self, rows: Sequence[dict[str, float]]) -> Sequence[dict[str, float]]:
        return rows

    def reason_codes(self, margins: Sequence[dict[str, float]]) -> list[tuple[str, ...]]:
        return [("amount",) for _ in margins]

    def outcome(self, probability: float) -> str:
        return "accepted" if probability < self.threshold else "refused"


def case(request_id: str, amount: float = 0.25) -> Scored:
    decision = SimpleNamespace(request_id=request_id, decision=DECISION.decision)
    return cast("Scored", SimpleNamespace(decision=decision, features={"amount": amount}))


class World:
    def __init__(self, **options: Any) -> None:
        self.challenger, self.log, self.metrics = Challenger(), Memory(), ServiceMetrics()
        scorer = cast("Scorer", self.challenger)
        self.shadow = Shadow(scorer, self.log, self.metrics, gather_seconds=0.001, **options)

    def count(self, metric: str, /, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(f"credit_platform_shadow_{metric}", labels) or 0.0


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_what_was_decided_is_scored_again_and_differences_are_counted() -> None:
    world = World()
    world.shadow.start()
    world.shadow.offer([case("r1", 0.25), case("r2", 0.75)])
    world.shadow.stop()
    assert [(r.request_id, r.probability, r.decision) for r in world.log.records] == [
        ("r1", 0.25, "accepted"),
        ("r2", 0.75, "refused"),
    ]
    record = world.log.records[0]
    assert (record.model_name, record.model_version, record.model_digest) == ("m", "2", "d2")
    assert (record.feature_version, record.threshold) == ("f", 0.5)
    assert json.loads(record.reasons or "") == ["amount"]
    assert record.latency_ms is not None
    assert world.count("scored_total", decision="accepted") == 1
    assert world.count("scored_total", decision="refused") == 1
    assert world.count("disagreements_total", champion="refused", challenger="accepted") == 1
    assert world.count("info", name="m", version="2") == 1
    world.shadow.stop()  # a second time changes nothing


def test_what_finds_no_room_is_dropped_and_counted_and_nobody_waits() -> None:
    world = World(capacity=2)
    world.challenger.open.clear()
    world.shadow.start()
    world.shadow.offer([case("r1")])
    until(world.shadow._queue.empty)  # the thread holds it
    world.shadow.offer([case(f"r{n}") for n in range(2, 7)])
    assert world.count("queue_depth") == 2
    world.challenger.open.set()
    world.shadow.stop()
    assert [r.request_id for r in world.log.records] == ["r1", "r2", "r3"]
    assert world.count("dropped_total") == 3


def test_one_that_cannot_be_scored_takes_no_other_along(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    world.shadow.offer([case("r1"), case("bad", 2.0), case("worse", 3.0), case("r2")])
    world.shadow.start()
    world.shadow.stop()
    assert [r.request_id for r in world.log.records] == ["r1", "r2"]
    assert world.count("errors_total", cause="scoring") == 2
    failures = [record.getMessage() for record in caplog.records if "failed" in record.getMessage()]
    assert len(failures) == 1  # the first of a series
    assert failures[0].startswith("shadow of request bad failed: ZeroDivisionError at test_shadow.py")
    assert "SECRET" not in caplog.text


def test_a_log_that_is_away_is_counted_and_the_next_are_tried() -> None:
    world = World()
    world.log.refuses = True
    world.shadow.start()
    world.shadow.offer([case("r1"), case("r2")])
    until(lambda: world.count("errors_total", cause="log") == 2)
    world.log.refuses = False
    world.shadow.offer([case("r3")])
    world.shadow.stop()
    assert [r.request_id for r in world.log.records] == ["r3"]
    assert world.count("scored_total", decision="accepted") == 1


def test_it_may_be_stopped_before_it_was_started() -> None:
    World().shadow.stop()


# From here on with real scorers.


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scorers")
    save_small_scorer(folder / "champion", "xgboost")
    save_small_scorer(folder / "challenger", "logistic_regression")
    return folder


@pytest.fixture(scope="module")
def engine(folders: Path) -> Engine:
    return load_engine(folders / "champion")


def test_answers_are_the_same_and_every_decision_has_its_shadow(engine: Engine, folders: Path) -> None:
    challenger, log = load_shadow(folders / "challenger", engine.scorer), Memory()
    plain, state = Service(engine), ServiceState(ServiceSettings(access_log=False))
    state.use(engine, LogStandIn(), Shadow(challenger, log, state.metrics, gather_seconds=0.001))
    shadowed = Client(create_app(state))
    bodies = [{"application": example} for example in engine.portfolio.examples.values()]
    for number, body in enumerate(bodies):
        header = {"X-Request-ID": f"r{number}"}
        answers = [client.post("/predict", json=body, headers=header) for client in (plain, shadowed)]
        assert answers[0].content == answers[1].content
        assert shadowed.post("/explain", json=body, headers=header).status_code == 200  # decides nothing
    batch = [client.post("/predict_batch", json=bodies, headers={"X-Request-ID": "b"}) for client in (plain, shadowed)]
    assert batch[0].content == batch[1].content
    state.close()
    expected = [f"r{number}" for number in range(len(bodies))] + [f"b:{number}" for number in range(len(bodies))]
    assert [record.request_id for record in log.records] == expected
    for record, body in zip(log.records, bodies, strict=False):
        again = challenger.score(engine.reader.read(json.dumps(body).encode(), None))
        assert record.probability == again.probability_of_default  # to the last bit
        assert record.decision == again.decision


def test_a_request_that_comes_again_is_scored_once(engine: Engine, folders: Path) -> None:
    log, decisions, state = Memory(), LogStandIn(), ServiceState(ServiceSettings(access_log=False))
    challenger = load_shadow(folders / "challenger", engine.scorer)
    state.use(engine, decisions, Shadow(challenger, log, state.metrics, gather_seconds=0.001))
    decisions.outcome = Recorded('{"stored": "answer"}', repeated=True)
    body = {"application": engine.portfolio.examples["refused"]}
    assert Client(create_app(state)).post("/predict", json=body).json() == {"stored": "answer"}
    state.close()
    assert log.records == []


def test_the_champion_itself_is_refused(engine: Engine, folders: Path) -> None:
    with pytest.raises(ScorerError, match=r"is the one that answers.*CREDIT_PLATFORM_SHADOW_SCORER"):
        load_shadow(folders / "champion", engine.scorer)


def test_one_of_another_portfolio_is_refused(engine: Engine, folders: Path) -> None:
    foreign = cast("Scorer", SimpleNamespace(portfolio=SimpleNamespace(name="home_credit"), digest="x"))
    with pytest.raises(ScorerError, match="scores german_credit, the service home_credit"):
        load_shadow(folders / "challenger", foreign)


def test_a_damaged_one_is_refused_with_its_place_and_the_cure(engine: Engine, folders: Path, tmp_path: Path) -> None:
    shutil.copytree(folders / "challenger", tmp_path / "damaged")
    (tmp_path / "damaged" / "scorer.json").write_text("{}")
    with pytest.raises(ScorerError, match=r"shadow scorer cannot be used: .*damaged.*was altered.*unset it"):
        load_shadow(tmp_path / "damaged", engine.scorer)


@pytest.mark.parametrize("named", [None, ""])
def test_without_the_setting_there_is_none(engine: Engine, named: str | None) -> None:
    platform = PlatformSettings(shadow_scorer=named)
    assert open_shadow(platform, ServiceSettings(), engine.scorer, ServiceMetrics()) is None


def test_the_setting_names_it(engine: Engine, folders: Path, tmp_path: Path) -> None:
    platform = PlatformSettings(shadow_scorer=str(folders / "challenger"), home=tmp_path)
    shadow = open_shadow(platform, ServiceSettings(), engine.scorer, ServiceMetrics())
    assert shadow is not None
    assert shadow.scorer.digest == Scorer.load(folders / "challenger").digest
