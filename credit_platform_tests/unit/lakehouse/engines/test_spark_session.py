"""What is missing for Spark is named, with the cure; no JVM is started here."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from credit_platform.errors import EngineError
from credit_platform.lakehouse import StoredTable
from credit_platform.lakehouse.engines import SparkEngine, spark_session
from credit_platform.lakehouse.engines.spark_session import require_spark, start_session


def java(folder: Path, version: str) -> Path:
    """A program that says it is this Java."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n", encoding="utf-8")
    program.chmod(0o755)
    return folder


@pytest.fixture
def with_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: SimpleNamespace(name=name))


def test_missing_pyspark_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EngineError, match=r"needs PySpark, which is not installed.*extra `spark`.*ENGINE=polars"):
        require_spark()


def test_missing_java_is_named(with_pyspark: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match=r"needs Java 17 or later; no `java` was found.*Install it"):
        SparkEngine("local[*]").session  # noqa: B018  # using it starts it


def test_a_java_home_without_java_is_named(with_pyspark: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EngineError, match=r"JAVA_HOME .* holds none"):
        require_spark()


@pytest.mark.parametrize(
    ("version", "fits"), [("1.8.0_402", False), ("11.0.2", False), ("17.0.15", True), ("21", True)]
)
def test_java_must_be_17_or_later(
    version: str, fits: bool, with_pyspark: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(java(tmp_path, version)))
    if fits:
        require_spark()
        return
    with pytest.raises(EngineError, match=f"is Java {version.split('.', maxsplit=1)[0]}"):
        require_spark()


@pytest.mark.parametrize(
    ("master", "options", "host", "python"),
    [
        ("local[*]", {}, "127.0.0.1", sys.executable),
        ("local[2]", {"spark.driver.host": "::1", "spark.pyspark.python": "/py"}, "::1", "/py"),
        ("spark://host:7077", {}, None, "unchanged"),
        ("k8s://https://host:443", {"spark.pyspark.python": "/opt/py"}, None, "/opt/py"),
    ],
)
def test_a_session_gets_our_properties_and_the_options_before_them(
    master: str, options: dict[str, str], host: str | None, python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql = pytest.importorskip("pyspark.sql", reason="the `spark` extra is not installed")
    given: dict[str, object] = {}

    class Builder:
        def master(self, name: str) -> Builder:
            given["master"] = name
            return self

        def config(self, *, map: dict[str, str]) -> Builder:  # noqa: A002  # PySpark calls it so
            given.update(map)
            return self

        def getOrCreate(self) -> str:  # noqa: N802  # PySpark calls it so
            return "a session"

    monkeypatch.setattr(sql.SparkSession, "builder", Builder())
    monkeypatch.setattr(spark_session, "require_spark", lambda: None)
    monkeypatch.setenv("PYSPARK_PYTHON", "unchanged")
    monkeypatch.setenv("SPARK_LOCAL_IP", "10.0.0.1")
    assert start_session(master, options) == "a session"
    assert given["master"] == master
    assert given.get("spark.driver.host") == host
    assert given["spark.ui.enabled"] == "false"
    assert os.environ["PYSPARK_PYTHON"] == python
    assert os.environ["SPARK_LOCAL_IP"] == "10.0.0.1"


def test_a_session_that_does_not_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    sql = pytest.importorskip("pyspark.sql", reason="the `spark` extra is not installed")

    class Builder:
        def master(self, name: str) -> Builder:
            raise RuntimeError(f"no {name}\nand a long trace")

    monkeypatch.setattr(sql.SparkSession, "builder", Builder())
    monkeypatch.setattr(spark_session, "require_spark", lambda: None)
    with pytest.raises(EngineError, match=r"did not start on spark://nobody:1: no spark://nobody:1 Check"):
        start_session("spark://nobody:1", {})


def test_a_lakehouse_in_an_object_store_is_refused_with_the_cure() -> None:
    stored = StoredTable(frame=None, summary={}, version=None, files=("s3://bucket/a.parquet",))  # type: ignore[arg-type]  # only the files are looked at
    with pytest.raises(EngineError, match=r"cannot read s3://bucket/a\.parquet.*Mount the store"):
        SparkEngine("local[*]").read(stored)


def test_closing_an_engine_that_never_started_is_nothing() -> None:
    SparkEngine("local[*]").close()
