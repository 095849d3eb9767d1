"""The published list of columns is compared with the contracts, with its slips, and never fails anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.quality import Severity, ingest
from credit_platform.quality.described import description_findings, description_hashes
from credit_platform_tests.unit.quality.tables import GOOD, LOANS, write

HOME_CREDIT = get_portfolio("home_credit")
NAME = "HomeCredit_columns_description.csv"
LABELS = {"application_train": "application_{train|test}.csv", "pos_cash_balance": "POS_CASH_balance.csv"}


def published(folder: Path, change: Mapping[str, str] | None = None) -> Path:
    """The list as it is published: an index without a name, blanks, slips, Windows letters, commas in quotes."""
    lines, number = [",Table,Row,Description,Special"], 0
    slips = {"SK_ID_PREV": "SK_ID_PREV ", "SK_ID_BUREAU": "SK_BUREAU_ID", **(change or {})}
    for table in HOME_CREDIT.tables:
        label = LABELS.get(table.name, table.file_name)
        for column in () if table.name == "application_test" else table.columns:
            number += 1
            lines.append(
                f'{number},{label},{slips.get(column.name, column.name)},"What it is, \x85 or was",normalized '
            )
    lines.append("999,previous_application.csv,NFLAG_MICRO_CASH,Flag Micro finance loan,")
    path = folder / NAME
    path.write_bytes("\r\n".join(lines).encode("latin-1"))
    return path


@pytest.mark.parametrize("table", HOME_CREDIT.tables, ids=lambda table: table.name)
def test_the_published_list_agrees_with_every_contract(table: SourceTable, tmp_path: Path) -> None:
    published(tmp_path)
    assert description_findings(table, tmp_path) == []
    assert set(description_hashes(table, tmp_path)) == {NAME}


def test_what_only_one_of_them_knows_is_named(tmp_path: Path) -> None:
    published(tmp_path, {"AMT_ANNUITY": "AMT_RENT"})
    lacking, missing = description_findings(HOME_CREDIT.table("bureau"), tmp_path)
    assert lacking.message == f"{NAME} describes columns that the contract of bureau lacks: AMT_RENT."
    assert missing.message == f"{NAME} does not describe columns that the contract of bureau has: AMT_ANNUITY."
    assert {lacking.severity, missing.severity} == {Severity.INFO}


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe", b"a;b\n1;2\n", b"Table,Row\n", b"Table,Row\nbureau.csv\n"])
def test_any_other_file_of_that_name_is_a_note(content: bytes, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(content)
    findings = description_findings(HOME_CREDIT.table("bureau"), tmp_path)
    assert findings
    assert {finding.severity for finding in findings} == {Severity.INFO}


def test_a_folder_of_that_name_and_no_file_at_all_are_nothing(tmp_path: Path) -> None:
    table = HOME_CREDIT.table("bureau")
    assert description_findings(table, tmp_path) == []
    (tmp_path / NAME).mkdir()
    assert description_findings(table, tmp_path) == []
    assert description_hashes(table, tmp_path) == {}


def test_tables_without_such_a_list_ignore_it(tmp_path: Path) -> None:
    published(tmp_path)
    assert "description" not in {finding.rule for finding in ingest(LOANS, write(tmp_path, *GOOD), {}).findings}
