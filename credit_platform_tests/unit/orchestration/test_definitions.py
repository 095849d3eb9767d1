"""What Dagster loads."""

from __future__ import annotations

import tomllib
from pathlib import Path

import dagster as dg
import pytest
import yaml

from credit_platform.definitions import build_definitions, defs
from credit_platform.environment import CODE_LOCATION, DEFINITIONS, WORKSPACE_YAML
from credit_platform.orchestration.policies import OUTSIDE_WORLD_RETRIES, ops_of, retry_steps
from credit_platform.orchestration.resources import LakehouseResource
from credit_platform.portfolios import get_portfolio, portfolio_names
from credit_platform.settings import Settings


def test_the_code_location_loads_and_has_a_job_per_portfolio() -> None:
    dg.Definitions.validate_loadable(defs)
    for name in portfolio_names():
        assert defs.resolve_job_def(name).name == name


def test_portfolios_can_be_chosen(tmp_path: Path) -> None:
    for portfolios in ([], [get_portfolio("german_credit")]):
        definitions = build_definitions(Settings(home=tmp_path), portfolios=portfolios)
        dg.Definitions.validate_loadable(definitions)
        found = {key.path[0] for key in definitions.resolve_asset_graph().get_all_asset_keys()}
        assert found == {portfolio.name for portfolio in portfolios}


def test_resources_can_be_replaced_by_key(tmp_path: Path) -> None:
    other = LakehouseResource(root=str(tmp_path / "other"))
    definitions = build_definitions(Settings(home=tmp_path), portfolios=[], resources={"lakehouse": other})
    assert (definitions.resources or {})["lakehouse"] is other
    assert set(definitions.resources or {}) == {"clock", "engine", "io_manager", "lakehouse", "tracking"}


def test_what_is_materialised_in_the_ui_runs_in_one_process_as_the_jobs_do() -> None:
    assert defs.executor is dg.in_process_executor


def test_the_code_location_is_called_as_runs_of_the_command_line_say() -> None:
    root = Path(__file__).parents[3]
    for written in (WORKSPACE_YAML, (root / "workspace.yaml").read_text()):
        (loaded,) = yaml.safe_load(written)["load_from"]
        assert loaded["python_module"] == {"module_name": DEFINITIONS, "location_name": CODE_LOCATION}
    project = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    assert (project["code_location_target_module"], project["code_location_name"]) == (DEFINITIONS, CODE_LOCATION)


def test_problems_are_told_without_being_asked(tmp_path: Path) -> None:
    sensors = {sensor.name: sensor for sensor in build_definitions(Settings(home=tmp_path)).sensors or ()}
    assert sensors["tell_of_problems"].default_status is dg.DefaultSensorStatus.RUNNING


@pytest.mark.parametrize("name", portfolio_names())
def test_what_runs_by_itself_is_on_and_the_weekly_run_waits_for_a_setting(name: str, tmp_path: Path) -> None:
    schedule = defs.resolve_schedule_def(f"{name}_weekly")
    asked = build_definitions(Settings(home=tmp_path, weekly_run=True), portfolios=[get_portfolio(name)])
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 4 * * 1", "Europe/Paris")
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    assert asked.resolve_schedule_def(f"{name}_weekly").default_status is dg.DefaultScheduleStatus.RUNNING
    for sensor in ("raw_files", "features_follow", "days"):
        assert defs.resolve_sensor_def(f"{name}_{sensor}").default_status is dg.DefaultSensorStatus.RUNNING
    for nightly in ("monitoring", "retention"):
        assert defs.resolve_schedule_def(f"{name}_{nightly}").default_status is dg.DefaultScheduleStatus.RUNNING


def test_every_step_is_tried_again_where_that_can_help(tmp_path: Path) -> None:
    definitions = build_definitions(Settings(home=tmp_path))
    steps = [*(definitions.assets or ()), *(definitions.asset_checks or ()), *(definitions.jobs or ())]
    known = [one for one in steps if isinstance(one, dg.AssetsDefinition | dg.AssetChecksDefinition | dg.JobDefinition)]
    found = list(ops_of(known))
    assert len(found) > 70
    assert [op.name for op in found if op.retry_policy is None] == []


def test_a_step_whose_blocking_check_failed_is_not_tried_again() -> None:
    tried = list[int]()

    @dg.asset
    def loans() -> None:
        """Is there."""

    @dg.asset_check(asset=loans, blocking=True)
    def keys_are_unique() -> dg.AssetCheckResult:
        tried.append(1)
        return dg.AssetCheckResult(passed=False)

    retry_steps([keys_are_unique])
    assert keys_are_unique.node_def.retry_policy is OUTSIDE_WORLD_RETRIES  # type: ignore[attr-defined]  # of an op
    with dg.instance_for_test() as instance:
        assert not dg.materialize([loans, keys_are_unique], instance=instance, raise_on_error=False).success
    assert tried == [1]
