"""Examples for Argo CD and Flux: what they say fits the schemas of their kinds and leaves the model alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from credit_platform_tests.unit.chart.rendered import helm
from scripts.chart.helm import CHART, ROOT, render
from scripts.delivery.images import chart_version

SCHEMAS = Path(__file__).with_name("schemas")
FILES = (ROOT / "delivery" / "argocd" / "application.yaml", ROOT / "delivery" / "flux" / "release.yaml")
DOCUMENTS: list[dict[str, Any]] = [one for file in FILES for one in yaml.safe_load_all(file.read_text("utf-8"))]


def schema(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / f"{document['kind'].lower()}.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document["kind"])
def test_it_is_of_the_schema_of_its_kind(document: dict[str, Any]) -> None:
    jsonschema.validate(document, schema(document))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document["kind"])
def test_the_schema_would_refuse_a_field_that_is_not_there(document: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "spec": {**document["spec"], "noSuchField": 1}}, schema(document))


def test_they_name_the_version_of_this_checkout() -> None:
    for file in FILES:
        assert set(re.findall(r"\bv(\d+\.\d+\.\d+)$|tag: v(\d+\.\d+\.\d+)", file.read_text("utf-8"), re.MULTILINE)) <= {
            (chart_version(), ""),
            ("", chart_version()),
        }


def test_argo_cd_leaves_alone_what_the_page_says() -> None:
    page = (ROOT / "docs" / "DEPLOYMENT.md").read_text(encoding="utf-8")
    block = re.search(r"```yaml\n(ignoreDifferences:\n.*?)```", page, re.DOTALL)
    assert block is not None
    assert DOCUMENTS[0]["spec"]["ignoreDifferences"] == yaml.safe_load(block[1])["ignoreDifferences"]


def test_the_chart_takes_the_values_of_argo_cd(tmp_path: Path) -> None:
    given = DOCUMENTS[0]["spec"]["source"]["helm"]
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(given["valuesObject"]), encoding="utf-8")
    text = render(helm(), [*(CHART / name for name in given["valueFiles"]), tmp_path / "values.yaml"])
    assert "kind: Deployment" in text
