"""What the chart has of other sources is as those are; this needs no Helm."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from credit_platform.portfolios import portfolio_names
from credit_platform.settings import Settings
from scripts.chart.helm import CHART
from scripts.chart.values import Values
from scripts.chart.write import by_template, files, schema, write

GIVEN = sorted(file.name for file in CHART.glob("values-*.yaml"))


def test_the_made_files_are_as_they_would_be_made() -> None:
    made = files()
    for name, text in made.items():
        assert (CHART / name).read_text(encoding="utf-8") == text, f"{name}: python -m scripts.chart.write"
    kept = {path.relative_to(CHART).as_posix() for path in (CHART / "files").rglob("*") if path.is_file()}
    assert kept == {name for name in made if name.startswith("files/")} | {"files/heartbeats.py", "files/network.yaml"}


def test_the_defaults_are_those_of_the_models() -> None:
    assert yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8")) == Values().model_dump(by_alias=True)


@pytest.mark.parametrize("name", GIVEN)
def test_the_values_of_each_environment_are_values(name: str) -> None:
    given = Values.model_validate(yaml.safe_load((CHART / name).read_text(encoding="utf-8")))
    assert set(given.service.portfolios) <= set(portfolio_names())
    assert set(given.settings) <= {f"CREDIT_PLATFORM_{field.upper()}" for field in Settings.model_fields}


def test_there_are_values_for_each_environment() -> None:
    assert GIVEN == ["values-dev.yaml", "values-prod-small.yaml", "values-prod.yaml", "values-staging.yaml"]


def test_a_key_that_is_none_is_refused_by_the_models_too() -> None:
    with pytest.raises(ValidationError, match="servce"):
        Values.model_validate({"servce": {}})


def test_no_part_of_the_schema_is_open() -> None:
    made = schema()
    parts = [made, *made["$defs"].values()]
    assert all(part["additionalProperties"] is False for part in parts if part["type"] == "object")
    assert 'additionalProperties": true' not in json.dumps(made)


def test_every_value_says_what_it_does() -> None:
    made = schema()
    for part in [made, *made["$defs"].values()]:
        for name, field in part.get("properties", {}).items():
            assert len(field.get("description", "")) > 4, f"{part['title']}.{name}"
    rows = re.findall(r"^\| `([\w.]+)` \|", (CHART / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(set(rows)) > 150


def test_documents_go_to_the_file_of_their_template(tmp_path: Path) -> None:
    source = "---\n# Source: credit-platform/templates"
    kinds = {"a.yaml": "kind: A\n", "tests/b.yaml": "kind: B\n", "./../templates/a.yaml": "kind: C\n", "d.yaml": ""}
    text = "".join(f"{source}/{name}\n{kind}" for name, kind in kinds.items()).replace("/./../templates", "")
    found = by_template(text)
    assert found == {"a.yaml": "kind: A\n---\nkind: C\n", "tests-b.yaml": "kind: B\n"}
    write(tmp_path, found)
    assert (tmp_path / "a.yaml").read_text() == found["a.yaml"]
