"""The benchmarks run at a small scale: all is measured, nothing disagrees, the JSON says under which conditions."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from credit_platform.benchmarks import Benchmark, Measurement, Role
from credit_platform.benchmarks import etl as etl_module
from credit_platform.benchmarks import features as features_module
from credit_platform.benchmarks import training as training_module
from credit_platform.benchmarks.etl import bench_etl
from credit_platform.benchmarks.features import bench_features, require_equal
from credit_platform.benchmarks.processes import Job
from credit_platform.benchmarks.training import bench_training
from credit_platform.cli import bench as commands
from credit_platform.cli.app import app
from credit_platform.errors import BenchmarkError, SettingError
from credit_platform.portfolios import get_generator, get_portfolio
from credit_platform.settings import Settings

SCALE = 0.001
HOME_CREDIT = get_portfolio("home_credit")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small files of all eight tables."""
    folder = tmp_path_factory.mktemp("raw")
    get_generator("home_credit").generate(folder, scale=SCALE, seed=7, drift=(), defects=(), progress=None)
    return folder


def measure_here(
    job: Job, arguments: Mapping[str, Any], *, name: str, role: Role, what: str
) -> tuple[Measurement, dict[str, Any]]:
    """Run a job in this process: a process of its own (see `test_processes`) would load everything for each."""
    started = time.perf_counter()
    answer = dict(job(**arguments))
    seconds = answer.pop("seconds", time.perf_counter() - started)
    parts = answer.pop("parts", {})
    figures = {"seconds": seconds, "cpu_seconds": seconds, "peak_bytes": 1}
    return Measurement(name=name, role=role, what=what, parts=parts, **figures), answer


@pytest.fixture(scope="module", autouse=True)
def _in_this_process() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(etl_module, "measure", measure_here)
        patch.setattr(features_module, "measure", measure_here)
        patch.setattr(training_module, "measure", measure_here)
        yield


@pytest.fixture(scope="module")
def etl(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    home = tmp_path_factory.mktemp("home")
    return bench_etl("home_credit", Settings(home=home), scale=1.0, raw=raw, whole_command=False)


def test_etl_measures_platform_floor_and_peer_over_the_same_files(etl: Benchmark) -> None:
    names = {measured.name: measured.role for measured in etl.measurements}
    assert names == {
        "CSV -> checked Delta tables": Role.PLATFORM,
        "CSV -> Parquet, bare Polars": Role.FLOOR,
        "CSV -> Parquet, pandas (c)": Role.PEER,
        "CSV -> Parquet, pandas (pyarrow)": Role.PEER,
        "read Delta tables": Role.PLATFORM,
        "read bare Parquet": Role.FLOOR,
        "read CSV, Polars": Role.PEER,
    }
    for measured in etl.measurements:
        assert list(measured.parts) == [table.name for table in HOME_CREDIT.tables]
        rounding = 0.0005 * len(measured.parts)  # parts are given in whole milliseconds
        assert measured.seconds >= sum(measured.parts.values()) - rounding


def test_etl_compares_what_is_stored_with_the_csv_files(etl: Benchmark, raw: Path) -> None:
    csv = sum((raw / table.file_name).stat().st_size for table in HOME_CREDIT.tables)
    assert etl.figure("csv_bytes") == etl.conditions.data_bytes == csv
    assert etl.figure("saved_share") == pytest.approx(1 - etl.figure("stored_bytes") / csv, abs=1e-4)
    assert etl.figure("rejected") == 0
    assert etl.figure("rows") > 50_000


def test_features_are_built_and_the_peer_agrees(raw: Path, tmp_path: Path) -> None:
    found = bench_features("home_credit", Settings(home=tmp_path), scale=1.0, raw=raw)
    built = found.measurements[0]
    histories = [group.name for group in HOME_CREDIT.feature_groups if group.history]
    assert list(built.parts) == [*histories, "applicants"]
    assert found.figure("features") == len(HOME_CREDIT.features)
    assert found.figure("plain_aggregates") > 100
    assert [m.role for m in found.measurements[1:]] == [Role.FLOOR, Role.PLATFORM, Role.PEER]
    assert not [path for path in (tmp_path / "bench").iterdir() if path.is_dir()]  # nothing is left behind


def test_candidates_are_trained_and_the_floor_is_the_same_model(tmp_path: Path) -> None:
    german_credit = get_portfolio("german_credit")
    shipped = german_credit.bundled_raw
    assert shipped is not None
    settings = Settings(home=tmp_path, candidates=("logistic_regression", "lightgbm"), threads=1)
    found = bench_training("german_credit", settings, scale=1.0, raw=shipped, profile="quick")
    names = {measured.name: measured.role for measured in found.measurements}
    assert names == {
        "Logistic regression": Role.PLATFORM,
        "LightGBM": Role.PLATFORM,
        "LightGBM alone": Role.FLOOR,
    }
    assert list(found.measurements[0].parts) == [f"fold {number}" for number in range(5)]
    assert found.figure("auc_LightGBM") == pytest.approx(found.figure("auc_LightGBM alone"), abs=1e-12)
    assert found.figure("auc_Logistic regression") > 0.75
    with pytest.raises(SettingError, match="lightgbm alone, which is not measured"):
        bench_training("german_credit", Settings(home=tmp_path, candidates=("mlp",)), scale=1.0, raw=shipped)


def test_files_are_generated_once_where_none_are_given(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    folder, made = etl_module.raw_files("home_credit", settings, scale=SCALE, raw=None)
    assert [measured.name for measured in made] == ["synthetic files"]
    assert etl_module.describe("home_credit", folder, SCALE).synthetic
    assert etl_module.raw_files("home_credit", settings, scale=SCALE, raw=None) == (folder, ())


def test_results_that_differ_are_not_compared() -> None:
    ours = pl.DataFrame({"key": [1], "value": [1.0]})
    require_equal(ours, ours.with_columns(value=1.0 + 1e-12), "loans")
    with pytest.raises(BenchmarkError, match="differ on loans"):
        require_equal(ours, ours.with_columns(value=1.0 + 1e-6), "loans")


def test_the_command_prints_and_writes_json(etl: Benchmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path / "home"))
    asked: list[float] = []

    def answer(
        portfolio: str, settings: Settings, *, scale: float, raw: Path | None, profile: str = "full"
    ) -> Benchmark:
        asked.append(scale)
        return etl

    monkeypatch.setattr("credit_platform.benchmarks.etl.bench_etl", answer)
    monkeypatch.setattr("credit_platform.benchmarks.features.bench_features", answer)
    monkeypatch.setattr("credit_platform.benchmarks.training.bench_training", answer)
    target = tmp_path / "out" / "etl.json"
    for name in ("etl", "features", "training"):
        result = CliRunner().invoke(app, ["bench", name, "--scale", "0.5", "--json", str(target)])
        assert result.exit_code == 0, result.output
        assert "CSV -> checked Delta tables" in result.output
        assert "synthetic files" in result.output
    assert asked == [0.5, 0.5, 0.5]
    written = json.loads(target.read_text())
    assert written["conditions"]["synthetic"] is True
    assert written["conditions"]["versions"]["polars"] == pl.__version__
    assert {"date", "commit", "cpus", "load_average", "processor"} <= set(written["conditions"])
    assert len(written["measurements"]) == len(etl.measurements)
    assert commands.bench.info.name == "bench"
