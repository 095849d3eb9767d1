"""SQL for BigQuery: over the tables where they lie, by the columns that these have; values for GKE render."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
import yaml
from deltalake import DeltaTable, write_deltalake

from credit_platform.monitoring.decisions.schema import decisions_schema, feature_types
from credit_platform.portfolios import get_portfolio, portfolio_names
from credit_platform_tests.unit.chart.rendered import helm
from scripts.chart.helm import CHART, ROOT, render
from scripts.gcp.bigquery import decisions_columns, main

GOLDEN = Path(__file__).with_name("golden") / "german_credit.sql"
WORDS = ["german_credit", "--lakehouse", "gs://lending/lakehouse/", "--project", "lending"]
DELTA = {"string": "STRING", "long": "INT64", "double": "FLOAT64", "date": "DATE", "timestamp": "TIMESTAMP"}


def test_the_statements(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(WORDS) == 0
    assert capsys.readouterr().out == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", portfolio_names())
def test_columns_are_those_that_delta_lake_writes(name: str, tmp_path: Path) -> None:
    portfolio = get_portfolio(name)
    empty = pl.DataFrame(schema=decisions_schema(portfolio, feature_types(portfolio)))
    write_deltalake(str(tmp_path / "é x"), empty.to_arrow())
    written = {one.name: str(one.type.type) for one in DeltaTable(str(tmp_path / "é x")).schema().fields}
    assert {column: DELTA[kind] for column, kind in written.items()} == decisions_columns(name)


def test_a_view_names_columns_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    main([*WORDS, "--columns"])
    columns = {line.partition("\t")[0] for line in capsys.readouterr().out.splitlines()}
    view = GOLDEN.read_text(encoding="utf-8").partition("VIEW")[2]
    used = set(re.findall(r"(?:AVG|MIN|COUNTIF)\((\w+)", view)) | {"day", "model_version"}
    assert used <= columns
    assert "row" not in used, "a row is a decision about somebody"


@pytest.mark.parametrize(
    "words",
    [
        ["german_credit", "--lakehouse", "s3://lending/lakehouse", "--project", "lending"],
        ["german_credit", "--lakehouse", "gs://x', '", "--project", "lending"],
        [*WORDS, "--dataset", "a`b"],
    ],
)
def test_what_is_no_name_is_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(words)


def test_an_unknown_portfolio_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nothing", *WORDS[1:]]) == 1
    assert "nothing" in capsys.readouterr().err


def test_the_values_of_gke_render_without_a_key_of_the_store() -> None:
    own = ROOT / "delivery" / "gcp" / "values-gke.yaml"
    text = render(
        helm(), [CHART / "values-prod.yaml", CHART / "ci" / "digests.yaml", own], sets=["service.enabled=true"]
    )
    found = [one for one in yaml.safe_load_all(text) if one]
    (settings,) = (one for one in found if one["metadata"]["name"] == "credit-settings")
    assert settings["data"]["CREDIT_PLATFORM_LAKEHOUSE_URL"] == "gs://lending-lakehouse/lakehouse"
    assert "AWS_SECRET_ACCESS_KEY" not in text
    accounts = {one["metadata"]["name"] for one in found if one["kind"] == "ServiceAccount"}
    assert {"credit-plain", "credit-launcher", "credit-deployer"} <= accounts
