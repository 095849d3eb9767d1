"""Resources open what the settings name."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import polars as pl

from credit_platform.lakehouse import StoredTable
from credit_platform.orchestration.policies import asset_key
from credit_platform.orchestration.resources import LakehouseResource, TrackingResource, build_resources
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

KEY = "german_credit/models/split"


def test_there_is_one_resource_per_thing_assets_ask_for(tmp_path: Path) -> None:
    assert set(build_resources(Settings(home=tmp_path))) == {"clock", "engine", "io_manager", "lakehouse", "tracking"}


def test_lakehouse_and_tracking_open_what_the_settings_name(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", lakehouse_url=str(tmp_path / "elsewhere"))
    resources = build_resources(settings)
    lakehouse, tracking = resources["lakehouse"], resources["tracking"]
    assert isinstance(lakehouse, LakehouseResource)
    assert isinstance(tracking, TrackingResource)
    lakehouse.open().write(KEY, pl.DataFrame({"a": [1]}))
    assert (tmp_path / "elsewhere" / KEY).is_dir()
    opened = tracking.open("an_experiment")
    assert (opened.uri, opened.experiment) == (settings.mlflow_uri, "an_experiment")
    assert opened.artifact_root == str(tmp_path / "home" / "mlflow" / "artifacts")


def test_pins_reach_the_io_manager_and_not_the_lakehouse(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, pins={KEY: 0})
    resources = build_resources(settings)
    lakehouse = resources["lakehouse"]
    assert isinstance(lakehouse, LakehouseResource)
    for value in (1, 2):
        lakehouse.open().write(KEY, pl.DataFrame({"a": [value]}))
    seen: dict[str, list[int]] = {}

    stored_before = dg.AssetSpec(asset_key(*KEY.split("/")))

    @dg.asset(key=asset_key("german_credit", "models", "look"), ins={"split": dg.AssetIn(key=stored_before.key)})
    def look(split: StoredTable) -> Table:
        seen["input"] = split.frame.collect()["a"].to_list()
        return Table(frame=split.frame)

    with dg.instance_for_test() as instance:
        assert dg.materialize([stored_before, look], resources=resources, instance=instance).success
    assert seen == {"input": [1]}
    assert lakehouse.open().scan(KEY).collect()["a"].to_list() == [2]
