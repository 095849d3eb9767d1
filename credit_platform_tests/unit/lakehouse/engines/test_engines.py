"""The engine is chosen in one place, and Spark costs nothing to whoever does not use it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.engines import Engine, EngineName, PolarsEngine, SparkEngine, open_engine

LOOK = """
import sys
from credit_platform.lakehouse.engines import open_engine
open_engine("polars", spark_master="local[*]", spark_options={})
open_engine("spark", spark_master="local[*]", spark_options={}).close()
print(sorted(name for name in sys.modules if name.split(".")[0] in ("pyspark", "py4j")))
"""


@pytest.mark.parametrize(("name", "kind"), [("polars", PolarsEngine), ("spark", SparkEngine)])
def test_the_setting_chooses_the_engine(name: EngineName, kind: type[Engine]) -> None:
    engine = open_engine(name, spark_master="local[1]", spark_options={})
    assert type(engine) is kind
    assert engine.name == name


def test_pyspark_is_not_imported_before_spark_is_used() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_polars_hands_on_lazy_frames(tmp_path: Path) -> None:
    lakehouse = Lakehouse(str(tmp_path))
    lakehouse.write("a/b/c", pl.DataFrame({"a": [2, 1]}))
    engine = PolarsEngine()
    frame = engine.read(lakehouse.read("a/b/c"))
    assert isinstance(frame, pl.LazyFrame)
    prepared = engine.prepare(frame, tmp_path / "nothing", sort_by=["a"])
    assert prepared.staged is None
    assert prepared.frame.collect()["a"].to_list() == [2, 1]
    engine.close()
    assert not (tmp_path / "nothing").exists()
