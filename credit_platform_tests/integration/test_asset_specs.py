"""Golden file of every asset and check, so that a change of the graph shows as a diff.

Write it anew with `CREDIT_PLATFORM_REGENERATE=1 .venv/bin/pytest -k asset_specs credit_platform_tests/integration`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import dagster as dg

from credit_platform.definitions import build_definitions
from credit_platform.portfolios import all_portfolios
from credit_platform.settings import Settings

GOLDEN = Path(__file__).parent / "golden" / "asset_specs.json"


def described(definitions: dg.Definitions) -> dict[str, object]:
    graph = definitions.resolve_asset_graph()
    assets = {}
    for key in sorted(graph.get_all_asset_keys(), key=lambda k: tuple(k.path)):
        node = graph.get(key)
        assets["/".join(key.path)] = {
            "depends_on": sorted("/".join(parent.path) for parent in node.parent_keys),
            "group": node.group_name,
            "owners": sorted(node.owners),
            "kinds": sorted(node.kinds),
            "description": node.description,
        }
    checks = sorted(f"{'/'.join(key.asset_key.path)}: {key.name}" for key in graph.asset_check_keys)
    return {
        "assets": assets,
        "checks": checks,
        "jobs": sorted(job.name for job in definitions.jobs or ()),
        "schedules": sorted(schedule.name for schedule in definitions.schedules or ()),
        "sensors": sorted(sensor.name for sensor in definitions.sensors or ()),
    }


def test_the_graph_is_what_the_golden_file_says(tmp_path: Path) -> None:
    now = described(build_definitions(Settings(home=tmp_path), portfolios=all_portfolios()))
    if os.environ.get("CREDIT_PLATFORM_REGENERATE"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert now == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_every_asset_has_an_owner_a_group_a_description_and_a_code_version(tmp_path: Path) -> None:
    graph = build_definitions(Settings(home=tmp_path)).resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.owners, key
        assert node.description, key
        assert node.kinds, key
        assert node.group_name == f"{key.path[0]}_{key.path[1]}"
        assert node.code_version, key


def test_no_asset_is_an_orphan_of_the_graph(tmp_path: Path) -> None:
    graph = build_definitions(Settings(home=tmp_path)).resolve_asset_graph()
    keys = graph.get_all_asset_keys()
    for key in keys:
        assert graph.get(key).parent_keys <= keys
