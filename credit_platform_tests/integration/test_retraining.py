"""A model is trained again on decided applicants: the whole way, through real runs of Dagster."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import orjson
import polars as pl
import pytest
from dagster._core.instance.ref import InstanceRef

from credit_platform.definitions import build_definitions
from credit_platform.errors import TableNotFoundError
from credit_platform.features.decided import DECIDED, MARK, ORIGIN, RAW_FILE
from credit_platform.governance.promotion_history import newest
from credit_platform.governance.subject import load_scorer
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.records import ScorerRecord
from credit_platform.modelling.splits import HOLDOUT
from credit_platform.monitoring.decision_log import Act, DecisionRecord, DecisionStore
from credit_platform.monitoring.decision_log.record import canonical_inputs
from credit_platform.monitoring.decisions.forgetting import forget
from credit_platform.monitoring.decisions.logs import open_logs
from credit_platform.monitoring.outcomes.contract import outcome_folder
from credit_platform.monitoring.retraining.records import DECISION, TAKEN_IN, DecidedRecord, RetrainRecord
from credit_platform.monitoring.retraining.rule import Answer
from credit_platform.orchestration.event_log import quick_storage
from credit_platform.orchestration.jobs import refit_job, retrain_decision_job
from credit_platform.orchestration.promotion import approve
from credit_platform.orchestration.resources import ClockResource
from credit_platform.orchestration.retraining_sensor import EVIDENCE_TAG, retraining_sensor
from credit_platform.portfolios.keys import (
    applicants_key,
    champion_key,
    decision_key,
    model_key,
    monitoring_key,
    raw_key,
    scorer_key,
)
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Request, Scorer
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import tool_environment
from credit_platform_tests.searching import found_in

pytestmark = pytest.mark.timeout(600)
NAME = "german_credit"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DECIDED_AT = datetime(2025, 3, 3, 10, tzinfo=UTC)
CONCLUDING = tuple(
    f"monitoring/{name}"
    for name in (
        "decisions",
        "outcomes",
        "outcomes__rejected",
        "performance",
        "reference",
        "cell_counts",
        "drift",
        "retrain_decision",
    )
)
"""What the answer rests on; pages of the same job are of no interest here."""
QUIET = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
RARE = 7654
"""An amount that one applicant alone asks for."""


@dataclass
class Home:
    """A home with a champion, and what is done in it."""

    settings: Settings
    portfolio: Portfolio
    instance: dg.DagsterInstance
    now: datetime = NOW

    @property
    def lakehouse(self) -> Lakehouse:
        return Lakehouse(self.settings.lakehouse_root)

    def run(self, job: str, *, only: Sequence[str] = (), **tags: str) -> dg.ExecuteInProcessResult:
        """Run a job, or some tables of it, as the daemon does, at the home's moment."""
        clock = ClockResource(fixed=self.now.isoformat())
        definitions = build_definitions(self.settings, portfolios=[self.portfolio], resources={"clock": clock})
        resolved = definitions.resolve_job_def(job)
        return resolved.execute_in_process(
            instance=self.instance,
            tags=tags,
            asset_selection=[dg.AssetKey([NAME, *name.split("/")]) for name in only] or None,
            run_config=QUIET,
            raise_on_error=False,
        )

    def monitor(self) -> RetrainRecord:
        """What a night concludes."""
        assert self.run(f"{NAME}_monitoring", only=CONCLUDING).success
        return RetrainRecord.of(self.lakehouse.read(monitoring_key(NAME, DECISION)))

    def look(self) -> dg.SensorResult | dg.SkipReason:
        """What the sensor says, without a cursor and started anew."""
        asking = retrain_decision_job(self.portfolio)
        sensor = retraining_sensor(self.portfolio, refit_job(self.portfolio), asking, self.settings)
        found = sensor(dg.build_sensor_context(instance=self.instance))
        assert isinstance(found, dg.SensorResult | dg.SkipReason)
        return found

    def decide(self, count: int, *, kept: bool = True) -> list[DecisionRecord]:
        """Log decisions about made-up applicants, as a service does."""
        champion = self.lakehouse.read(champion_key(NAME))
        scorer = load_scorer(champion, self.portfolio, Shelf.of(self.settings))
        made = [*_decisions(self, scorer, count, kept=kept)]
        store = DecisionStore(self.settings.decision_log)
        store.append(made)
        store.close()
        return made

    def tell(self, decisions: Sequence[DecisionRecord], *, times: float) -> None:
        """Drop what became of the accepted ones: so much oftener than said, in the fifth month."""
        folder, draw = outcome_folder(self.settings, self.portfolio), random.Random(3)
        folder.mkdir(parents=True, exist_ok=True)
        lines = ["request_id,observed_at,months_on_book,defaulted,synthetic"]
        for one in decisions:
            if one.decision == "accepted":
                bad = draw.random() < 0.1 + times * one.probability
                lines.append(f"{one.request_id},2026-04-01,{5 if bad else 12},{int(bad)},1")
        (folder / "told.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")


def _decisions(home: Home, scorer: Scorer, count: int, *, kept: bool) -> Iterator[DecisionRecord]:
    """People who are like those of the raw file, column by column, and nobody of them."""
    raw = home.lakehouse.scan(raw_key(NAME, home.portfolio.training_table)).collect()
    wanted = [column.name for column in home.portfolio.application_columns if column.protected is None]
    columns, draw = {name: raw[name].to_list() for name in wanted}, random.Random(11)
    for number in range(count):
        row = draw.randrange(raw.height)
        application: dict[str, Any] = {name: values[row] for name, values in columns.items()}
        application["amount"] = RARE if number == 0 else draw.choice(columns["amount"])
        whose = f"P-{number}"
        if number == 1:
            whose = str(raw[home.portfolio.applicant_key][0])
        request = Request(application=application, applicant_id=whose, request_id=f"r-{number}", language="en")
        features = scorer.features_of(request)
        decision = scorer.score(request)
        inputs, digest = canonical_inputs(NAME, application, applicant_id=whose, histories={}, language="en")
        yield DecisionRecord(
            decided_at=DECIDED_AT + timedelta(minutes=number),
            request_id=request.request_id or "",
            applicant_id=whose,
            client=None,
            portfolio=NAME,
            inputs=inputs if kept else None,
            inputs_digest=digest,
            features=orjson.dumps(dict(features)).decode(),
            probability=decision.probability_of_default,
            decision="accepted" if number < 2 else decision.decision,
            threshold=decision.threshold,
            points=decision.points,
            language="en",
            answer=orjson.dumps({**decision.to_dict(), "histories": "none"}).decode(),
            model_name=decision.model.name,
            model_version=decision.model.version,
            model_digest=scorer.digest,
            feature_version=decision.model.feature_version,
            latency_ms=1.0,
        )


@pytest.fixture
def home(german_credit: Portfolio, tmp_path: Path) -> Iterator[Home]:
    settings = Settings(home=tmp_path / "mon été", tuning_trials=1, candidates=("logistic_regression",))
    with (
        tool_environment(settings, settings.home / "dagster"),
        dg.DagsterInstance.from_ref(quick_storage(InstanceRef.from_dir(str(settings.home / "dagster")))) as instance,
    ):
        found = Home(settings, german_credit, instance)
        assert found.run(NAME).success
        yield found


def test_from_decisions_and_outcomes_to_a_challenger_once(home: Home) -> None:
    lakehouse = home.lakehouse
    nothing = home.monitor()
    assert nothing.answer is Answer.NONE
    assert isinstance(home.look(), dg.SkipReason)
    before = lakehouse.read(applicants_key(NAME))
    split_before = lakehouse.scan(model_key(NAME, "split")).collect()
    decided = home.decide(720)
    home.tell(decided, times=2.5)

    said = home.monitor()
    assert said.answer is Answer.REFIT, said.message
    assert said.evidence_hash == home.monitor().evidence_hash, "the same evidence has the same hash"
    asked = home.look()
    assert isinstance(asked, dg.SensorResult), asked
    (request,) = asked.run_requests or []
    assert request.run_key == said.evidence_hash
    ended = home.run(f"{NAME}_refit", **request.tags)
    made = [str(event.asset_key and event.asset_key.path[-1]) for event in ended.get_asset_materialization_events()]
    assert made.index(TAKEN_IN) < made.index("applicants") < made.index("split"), "one after the other"
    taken = DecidedRecord.of(lakehouse.read(monitoring_key(NAME, TAKEN_IN)))
    accepted = [one for one in decided if one.decision == "accepted"]
    assert taken.applicants == len(accepted) - 1
    assert taken.left_out == {"the applicant is in the raw file with an outcome": 1}

    table = lakehouse.read(applicants_key(NAME))
    rows = table.frame.collect()
    assert rows[ORIGIN].value_counts().sort(ORIGIN).rows() == [
        (DECIDED, taken.applicants),
        (RAW_FILE, before.version.rows),
    ]
    assert rows.filter(pl.col(ORIGIN) == RAW_FILE).drop(ORIGIN, MARK).equals(before.frame.collect())
    assert table.version.synthetic, "made-up outcomes stay made up"
    logged = {orjson.dumps(orjson.loads(one.features), option=orjson.OPT_SORT_KEYS) for one in accepted}
    features = [feature.name for feature in home.portfolio.features]
    for row in rows.filter(pl.col(ORIGIN) == DECIDED).select(features).iter_rows(named=True):
        assert orjson.dumps(row, option=orjson.OPT_SORT_KEYS) in logged, "as of the decision, to the last bit"

    split = lakehouse.scan(model_key(NAME, "split")).collect()
    assert split.join(split_before, on=home.portfolio.applicant_key, how="semi").equals(split_before)
    assert split.join(split_before, on=home.portfolio.applicant_key, how="anti").filter(fold=HOLDOUT).is_empty()

    scorer, judged = ScorerRecord.of(lakehouse.read(scorer_key(NAME))), newest(lakehouse, NAME)
    assert judged.challenger.digest == scorer.digest != said.evidence.champion
    assert lakehouse.read(champion_key(NAME)).summary["digest"] == said.evidence.champion, "a person must say yes"
    assert "approval" in {check.name for check in judged.failed}

    assert isinstance(home.look(), dg.SkipReason), "once for each evidence"
    again = home.monitor()
    assert again.evidence_hash == said.evidence_hash
    assert isinstance(home.look(), dg.SkipReason)

    _refused_then_approved(home, scorer.digest)
    _erase(home, "P-0")


def _refused_then_approved(home: Home, challenger: str) -> None:
    """A refused challenger leaves the champion, whatever the policy says; one that passes waits for a person."""
    lakehouse, declared = home.lakehouse, home.portfolio
    champion = lakehouse.read(champion_key(NAME)).summary["digest"]
    gate = ("governance/promotion_decision", "serving/promoted_model")
    automatic = replace(declared.monitoring, promote_automatically=True)
    home.portfolio = replace(declared, auc_floor=0.99, monitoring=automatic)
    assert not home.run(f"{NAME}_refit", only=gate).success
    assert "auc_floor" in {check.name for check in newest(lakehouse, NAME).failed}
    assert lakehouse.read(champion_key(NAME)).summary["digest"] == champion
    home.portfolio = declared
    assert not home.run(f"{NAME}_refit", only=gate).success
    assert {check.name for check in newest(lakehouse, NAME).failed if check.blocking} == {"approval"}
    assert lakehouse.read(champion_key(NAME)).summary["digest"] == champion
    approve(declared, home.settings, by="R. Modeller", reason="It learnt from loans of this year.")
    assert home.run(f"{NAME}_serving", only=gate[1:]).success
    assert lakehouse.read(champion_key(NAME)).summary["digest"] == challenger != champion


def in_files(home: Home, key: str, values: list[float | str]) -> list[Path]:
    """Files of rows, of any version, that hold one of `values`."""
    found = found_in(Path(home.settings.lakehouse_root) / key, values)
    return [path for path in found if path.suffix == ".parquet"]


def _erase(home: Home, applicant: str) -> None:
    """Whoever is erased goes from every version of whatever a refit took them into."""
    lakehouse, keys = home.lakehouse, (applicants_key(NAME), monitoring_key(NAME, TAKEN_IN))
    rows = lakehouse.scan(keys[0]).filter(pl.col(ORIGIN) == DECIDED)
    mark = rows.filter(pl.col("application__amount") == RARE).select(MARK).collect().item()
    assert all(in_files(home, key, [float(RARE), mark]) for key in keys), "the search finds who is there"
    assert not found_in(home.settings.home / "dagster", [mark]), "no row is kept in Dagster's records"
    version = lakehouse.read(keys[0]).version.version
    store = DecisionStore(home.settings.decision_log)
    assert store.erase(applicant, Act(person="K. Auditor", reason="a test")) == 1
    store.close()
    gone = forget(lakehouse, NAME, open_logs(home.settings), erased=True)
    assert {one.key: one.rows for one in gone if one.key in keys} == dict.fromkeys(keys, 1)
    assert found_in(home.settings.home, [mark]) == []
    assert not any(in_files(home, key, [float(RARE)]) for key in keys)
    with pytest.raises(TableNotFoundError, match="erased since"):
        lakehouse.read(keys[0], version)
    left = DecidedRecord.of(lakehouse.read(keys[1]))
    assert left.applicants == lakehouse.read(keys[1]).version.rows == lakehouse.read(keys[0]).summary["decided"]


def test_where_the_log_keeps_digests_only_a_refit_is_refused_in_words(home: Home) -> None:
    home.tell(home.decide(720, kept=False), times=2.5)
    said = home.monitor()
    assert said.answer is Answer.SUGGEST
    assert "keeps digests only" in said.message
    assert "empreinte" in said.message_fr
    assert isinstance(home.look(), dg.SkipReason)
    ended = home.run(f"{NAME}_refit")
    assert not ended.success
    assert home.lakehouse.latest(monitoring_key(NAME, TAKEN_IN)) is None
    assert EVIDENCE_TAG not in ended.dagster_run.tags
    assert replace(said, decided_at=NOW) == said
    assert home.lakehouse.latest(decision_key(NAME)) is not None
