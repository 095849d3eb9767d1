"""Home Credit with histories, four ways: batch, raw rows of a request, what is stored, and files.

All must give the features of the batch at rtol 1e-9, and its decisions and reasons.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from bento.runtime.engine import Engine, load_engine
from bento.runtime.recorder import Scored
from credit_platform.databases import make_schemas
from credit_platform.environment import TOOL_FOLDERS
from credit_platform.features import ApplicantFeatures, build_features, feature_version
from credit_platform.features.one_applicant import FeatureRow
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.calibration import fit_platt
from credit_platform.modelling.candidates import get_candidate
from credit_platform.orchestration.assets.scored_applicants import build_scored_applicants
from credit_platform.orchestration.assets.serving import build_serving_assets
from credit_platform.orchestration.resources import build_resources
from credit_platform.portfolios import get_generator, get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Decision, Request, Scorer
from credit_platform.scoring.stored_histories import FOLDER, history_features, knows_applicant
from credit_platform.serving.bento_places import keep_bento
from credit_platform.serving.bentos import BuiltBento, build_bento
from credit_platform.serving.file_scoring import score_applications
from credit_platform.serving.local.following import BlueGreenServices
from credit_platform.serving.local.service_process import start_service
from credit_platform.serving.records import BentoRecord, bento_rows
from credit_platform.serving.service_client import Asked, ServiceClient
from credit_platform.settings import Settings
from credit_platform.tables.before_writing import stored_checks, write_checks
from credit_platform.tables.checks.serving import serving_stored_checks, serving_write_checks
from credit_platform.tables.judging import judge, submission_of
from credit_platform.tables.table import Table
from credit_platform.values import POLARS_TYPES
from credit_platform_tests.feature_parity import RELATIVE, apart
from credit_platform_tests.postgres import Postgres
from credit_platform_tests.records import promoted_model
from credit_platform_tests.small_scorer import answers_of

SCALE = 0.003
FEW, OTHERS = 30, 80
"""Applicants compared: those with the fewest histories, and others."""
PORTFOLIO = get_portfolio("home_credit")
KEY, TARGET = PORTFOLIO.applicant_key, PORTFOLIO.target
NAMES = [feature.name for feature in PORTFOLIO.features]
FEATURES_KEY = "home_credit/features/applicants"


@dataclass(frozen=True)
class World:
    """Generated files, the feature table made of them, and a scorer trained on that."""

    files: Path
    settings: Settings
    tables: Mapping[str, pl.DataFrame]
    features: pl.DataFrame
    scorer: Scorer
    scorer_folder: Path

    @property
    def lakehouse(self) -> Lakehouse:
        return Lakehouse(self.settings.lakehouse_root)

    @cached_property
    def people(self) -> list[int]:
        """Some of each kind: with an outcome and without, and all who have few or no histories among the first."""
        counts = self.features.select(KEY, sum(pl.col(n).is_null().cast(pl.Int32) for n in history_features(PORTFOLIO)))
        emptiest = counts.sort(counts.columns[1], descending=True)[KEY].head(FEW).to_list()
        others = self.features.filter(~pl.col(KEY).is_in(emptiest))[KEY].gather_every(9).head(OTHERS).to_list()
        return [*emptiest, *others]

    @cached_property
    def rows(self) -> dict[str, dict[Any, pl.DataFrame]]:
        """Rows of each history by applicant; of bureau_balance by its parent."""
        keys = {table.name: KEY if KEY in table.column_names else "SK_ID_BUREAU" for table in PORTFOLIO.tables}
        return {
            name: {key[0]: rows for key, rows in frame.partition_by(keys[name], as_dict=True).items()}
            for name, frame in self.tables.items()
            if name not in (PORTFOLIO.training_table, PORTFOLIO.scoring_table)
        }

    def application_of(self, person: int) -> dict[str, Any]:
        """The application as a request carries it."""
        left_out = [c.name for c in PORTFOLIO.application_columns if c.protected is not None]
        for name in (PORTFOLIO.training_table, str(PORTFOLIO.scoring_table)):
            found = self.tables[name].filter(pl.col(KEY) == person).drop(KEY, TARGET, *left_out, strict=False)
            if found.height:
                return found.row(0, named=True)
        raise KeyError(person)

    def histories_of(self, person: int) -> dict[str, list[dict[str, Any]]]:
        """Raw rows of the other tables."""
        loans = self.rows["bureau"].get(person)
        parents = [] if loans is None else loans["SK_ID_BUREAU"].to_list()
        found = {}
        for name, by_key in self.rows.items():
            keys = parents if name == "bureau_balance" else [person]
            found[name] = [row for key in keys if key in by_key for row in by_key[key].to_dicts()]
        return found

    @cached_property
    def direct(self) -> dict[int, FeatureRow]:
        """Features of the people, each from the raw rows of a request, by the direct engine."""
        builder = ApplicantFeatures(PORTFOLIO)
        return {p: builder.values(self.application_of(p), self.histories_of(p)) for p in self.people}

    def batch_row(self, person: int) -> dict[str, Any]:
        """The row of the feature table."""
        return self.features.filter(pl.col(KEY) == person).select(NAMES).row(0, named=True)

    @cached_property
    def batch_decisions(self) -> dict[str | None, Decision]:
        return {decision.applicant_id: decision for decision in answers_of(self.scorer, self.features)}


def write_home(files: Path, home: Path) -> World:
    """The part of a run that is needed here: the feature table, a scorer, and the record of its promotion."""
    settings = Settings(home=home, raw=files)
    tables = {
        table.name: pl.read_csv(files / table.file_name, schema={c.name: POLARS_TYPES[c.type]() for c in table.columns})
        for table in PORTFOLIO.tables
    }
    lazy = {name: frame.lazy() for name, frame in tables.items()}
    features = build_features(PORTFOLIO, lazy).collect().sort(KEY)
    lakehouse = Lakehouse(settings.lakehouse_root)
    summary = {"feature_version": feature_version(PORTFOLIO)}
    version = lakehouse.write(FEATURES_KEY, features, summary=summary, info=CommitInfo(synthetic=True))
    known = features.filter(pl.col(TARGET).is_not_null())
    target = known[TARGET].to_numpy().astype("int8")
    candidate = get_candidate("lightgbm")
    params = {**candidate.default_params("quick"), "rounds": 40}
    fitted = candidate.fit(known, target, PORTFOLIO.features, params, seed=7, threads=2)
    scorer = Scorer(
        PORTFOLIO,
        fitted,
        fit_platt(fitted.margin(known), target),
        PORTFOLIO.costs.break_even,
        {"candidate": "lightgbm", "data_hash": version.content_hash},
        provenance={"data_versions": {FEATURES_KEY: version.version}},
    )
    folder = home / "scorers" / "home_credit" / "small"
    summary = promoted_model(scorer.save(folder), folder, threshold=scorer.threshold, candidate="lightgbm").to_summary()
    holdout = known.select(KEY).with_columns(probability=pl.Series(scorer.score_features(known)))
    lakehouse.write("home_credit/serving/promoted_model", holdout, summary=summary)
    return World(files, settings, tables, features, scorer, folder)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    files = tmp_path_factory.mktemp("home_credit")
    get_generator("home_credit").generate(files, scale=SCALE, seed=7, drift=(), defects=(), progress=None)
    return write_home(files, tmp_path_factory.mktemp("service") / ".credit_platform")


@pytest.fixture(scope="module")
def bento(world: World) -> BuiltBento:
    return build_bento(world.scorer_folder, PORTFOLIO, world.settings, promoted_at="2026-01-01T00:00:00+00:00")


@pytest.fixture(scope="module")
def engine(bento: BuiltBento) -> Iterator[Engine]:
    loaded = load_engine(bento.path / "src" / "scorer")
    yield loaded
    loaded.stored.close()


def reasons(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_the_direct_engine_gives_the_features_of_the_batch(world: World) -> None:
    assert len(world.direct) >= 100
    differing = {p: names for p, features in world.direct.items() if (names := apart(features, world.batch_row(p)))}
    assert differing == {}


def test_raw_histories_get_the_decisions_and_reasons_of_the_batch(world: World) -> None:
    requests = [Request(application={}, applicant_id=str(person)) for person in world.direct]
    rows = list(world.direct.values())
    cases = [world.scorer.case_of(request, row) for request, row in zip(requests, rows, strict=True)]
    decisions = world.scorer.decide(world.scorer.margins(rows), cases)
    for person, decision in zip(world.direct, decisions, strict=True):
        batch = world.batch_decisions[str(person)]
        assert decision.probability_of_default == pytest.approx(batch.probability_of_default, rel=RELATIVE)
        assert (decision.decision, reasons(decision)) == (batch.decision, reasons(batch)), person


def test_stored_histories_get_what_the_batch_gives(world: World, engine: Engine) -> None:
    for person in world.people:
        request = Request(application=world.application_of(person), applicant_id=str(person))
        (scored,), batch = engine.score_many([request]), world.batch_decisions[str(person)]
        assert isinstance(scored, Scored)
        assert apart(scored.features, world.batch_row(person)) == [], person
        decision = scored.decision
        assert decision.probability_of_default == pytest.approx(batch.probability_of_default, rel=RELATIVE)
        assert (decision.decision, reasons(decision)) == (batch.decision, reasons(batch)), person


def test_the_service_answers_as_the_batch_does(world: World, bento: BuiltBento) -> None:
    assert bento.histories is not None
    assert (bento.histories.applicants, bento.histories.licence) == (world.features.height, "synthetic")
    with start_service(bento, settings=world.settings) as service:
        info = service.client.model_info()
        assert info["stored_applicants"] == world.features.height
        assert (info["stored_histories"]["table"], info["stored_histories"]["table_version"]) == (FEATURES_KEY, 0)
        for person in world.people[:: len(world.people) // 8]:
            batch, application = world.batch_decisions[str(person)], world.application_of(person)
            for histories, source in ((None, "stored"), (world.histories_of(person), "request")):
                answer = service.client.predict(Asked(application, str(person), histories))
                assert answer["histories"] == source
                assert answer["probability_of_default"] == pytest.approx(batch.probability_of_default, rel=RELATIVE)
                found = (answer["decision"], [reason["code"] for reason in answer["reasons"]])
                assert found == (batch.decision, reasons(batch)), (person, source)
        assert service.client.predict(Asked(world.application_of(world.people[0]), "nobody"))["histories"] == "none"


def test_who_is_erased_on_one_host_is_unknown_to_a_service_that_runs_on_another(
    world: World, bento: BuiltBento, postgres: Postgres, tmp_path: Path
) -> None:
    """Two homes, one lakehouse, one artefact store, one database; the service is not started again."""
    shared = tmp_path / "shared é"
    shutil.copytree(world.settings.lakehouse_root, shared / "lakehouse")
    addresses = {"lakehouse_url": str(shared / "lakehouse"), "artefact_url": str(shared / "artefacts")}
    addresses["database_url"] = postgres.new_database()
    one, other = (Settings.model_validate({"home": tmp_path / name, **addresses}) for name in ("one", "un autre é"))
    make_schemas(one)
    record = BentoRecord.made(bento, "as in a run")
    shutil.copytree(bento.path, record.place.folder(one.home.resolve()))
    keep_bento(Shelf.of(one), record.place)
    rows = bento_rows(record, bento.bytes)
    Lakehouse(one.lakehouse_root).write("home_credit/serving/bento", rows, summary=record.to_summary())
    person, neighbour = world.people[:2]

    def known(client: ServiceClient, applicant: int) -> bool:
        said = client.predict(Asked(world.application_of(applicant), str(applicant)))["histories"]
        assert said in ("stored", "none")
        return bool(said == "stored")

    services = BlueGreenServices(other, 0, print, portfolios=["home_credit"], exact_port=True)
    with services, ServiceClient(services.access[0]) as client:
        assert known(client, person)
        erase = ["decisions", "erase", "--applicant", str(person), "--by", "ada", "--reason", "asked", "--yes"]
        environment = {name: value for name, value in os.environ.items() if name not in TOOL_FOLDERS}
        environment |= {f"CREDIT_PLATFORM_{name.upper()}": value for name, value in addresses.items()}
        subprocess.run(
            [sys.executable, "-c", "from credit_platform.cli import main; main()", *erase],
            env={**environment, "CREDIT_PLATFORM_HOME": str(one.home)},
            check=True,
        )
        deadline = time.monotonic() + 120
        while known(client, person):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert known(client, neighbour)
        assert client.model_info()["stored_applicants"] == world.features.height  # when it was started
    assert not knows_applicant(record.place.folder(other.home.resolve()) / "src" / FOLDER, str(person))


@pytest.mark.parametrize("way", ["--histories", "--stored"])
def test_a_scored_file_with_histories_is_the_batch_table(world: World, tmp_path: Path, way: str) -> None:
    left_out = [c.name for c in PORTFOLIO.application_columns if c.protected is not None]
    source, target = tmp_path / "in.csv", tmp_path / "out.parquet"
    applications = pl.read_csv(world.files / "application_test.csv", infer_schema=False).drop(*left_out)
    # Not in the order of the keys, and one of them twice.
    pl.concat([applications.reverse(), applications.head(1)]).write_csv(source)
    given: dict[str, Any] = {"stored": True} if way == "--stored" else {"histories": world.files}
    done = score_applications(PORTFOLIO.name, world.settings, source, target, scorer=world.scorer_folder, **given).rows
    assert (done.scored, done.rejected) == (applications.height + 1, 0)
    assert done.with_histories > 0.9 * done.scored
    for row in pl.read_parquet(target).to_dicts():
        batch = world.batch_decisions[str(row[KEY])]
        assert row["probability_of_default"] == pytest.approx(batch.probability_of_default, rel=RELATIVE)
        assert (row["decision"], row["reasons"].split("; ")) == (batch.decision, reasons(batch)), row[KEY]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.parquet"]


def test_the_nightly_table_holds_the_decisions_of_the_batch_and_passes_its_checks(world: World) -> None:
    applicants = world.lakehouse.read(FEATURES_KEY)
    promoted = world.lakehouse.read("home_credit/serving/promoted_model")
    (asset,) = build_scored_applicants(PORTFOLIO, world.settings)
    table = asset(applicants=applicants, promoted_model=promoted)
    assert isinstance(table, Table)
    to_score = world.features.filter(pl.col(TARGET).is_null())
    frame = table.frame.lazy().collect()
    assert frame[KEY].to_list() == to_score[KEY].to_list()
    for row in frame.to_dicts():
        batch = world.batch_decisions[str(row[KEY])]
        assert (row["probability_of_default"], row["decision"], row["points"], row["reasons"].split("; ")) == (
            batch.probability_of_default,
            batch.decision,
            batch.points,
            reasons(batch),
        )
    accepted = (frame["decision"] == "accepted").mean()
    assert (table.metadata["accepted_share"], table.metadata["table_version"]) == (accepted, 0)
    assert table.metadata["model_version"] == world.scorer.version
    world.lakehouse.write("home_credit/serving/scored_applicants", frame, summary=table.summary)
    results = judged(world)
    assert {name: result.passed for name, result in results.items() if name != "score_shift"} == dict.fromkeys(
        ("everyone_scored", "probabilities", "decisions_follow_threshold"), True
    )
    assert results["score_shift"].numbers["psi"] >= 0


def judged(world: World) -> dict[str, Any]:
    """Results of the checks of the newest version of the nightly table."""
    scored = world.lakehouse.read("home_credit/serving/scored_applicants")
    checks = serving_write_checks(PORTFOLIO, "scored_applicants")
    results: dict[str, Any] = {v.check: v for v in judge(submission_of(scored, {}), checks, world.lakehouse).verdicts}
    (shift,) = serving_stored_checks(PORTFOLIO, "scored_applicants")
    return {**results, "score_shift": shift.judge(submission_of(scored, {}), world.lakehouse)}


@pytest.mark.parametrize(
    ("check", "damage"),
    [
        ("everyone_scored", lambda frame: frame.head(frame.height - 1)),
        ("everyone_scored", lambda frame: pl.concat([frame.head(1), frame.head(frame.height - 1)])),
        ("probabilities", lambda frame: frame.with_columns(pl.lit(1.5).alias("probability_of_default"))),
        ("probabilities", lambda frame: frame.with_columns(pl.lit(None, pl.String).alias("reasons"))),
        ("decisions_follow_threshold", lambda frame: frame.with_columns(pl.lit("review").alias("decision"))),
        ("score_shift", lambda frame: frame.with_columns(pl.col("probability_of_default").sqrt())),
    ],
)
def test_each_check_of_the_nightly_table_can_fail(world: World, check: str, damage: Any) -> None:
    key = "home_credit/serving/scored_applicants"
    whole = world.lakehouse.read(key, 0)
    world.lakehouse.write(key, damage(whole.frame.collect()), summary=whole.summary)
    assert not judged(world)[check].passed


def test_the_bento_asset_tells_what_it_ships(world: World, bento: BuiltBento) -> None:
    asset = build_serving_assets(PORTFOLIO, world.settings)[1]
    resources = {"lakehouse": build_resources(world.settings)["lakehouse"]}
    with dg.build_asset_context(resources=resources) as context:
        table = asset(context, promoted_model=world.lakehouse.read("home_credit/serving/promoted_model"))
    assert isinstance(table, Table)
    assert bento.histories is not None
    assert table.summary["key"] == bento.key
    assert table.summary["stored_histories"] == asdict(bento.histories)


def test_a_portfolio_without_a_scoring_table_has_nobody_to_score() -> None:
    german: Portfolio = get_portfolio("german_credit")
    assert build_scored_applicants(german, Settings()) == []
    assert write_checks("german_credit/serving/scored_applicants") == []
    assert stored_checks("german_credit/serving/scored_applicants") == []
