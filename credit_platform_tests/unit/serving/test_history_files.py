"""Histories of a file of applications: read under the contracts, faults named, nothing scored from a guess."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from credit_platform.errors import RawFileError, RejectedShareError, ScorerError
from credit_platform.features import build_group
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.serving.history_files import histories_of_files, stored_histories
from credit_platform_tests.toy_scorer import PORTFOLIO, toy_scorer, toy_tables
from credit_platform_tests.unit.features.toy import lazy

TABLES, FEATURES = toy_tables()
LENIENT: Portfolio = replace(PORTFOLIO, tables=tuple(replace(t, max_rejected_share=0.5) for t in PORTFOLIO.tables))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One table as CSV, the other as Parquet."""
    files = tmp_path / "files"
    files.mkdir()
    TABLES["loans"].write_csv(files / "loans.csv")
    TABLES["payments"].write_parquet(files / "payments.parquet")
    return files


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    path = tmp_path / "staging"
    path.mkdir()
    return path


def test_files_give_the_feature_groups_of_the_batch(folder: Path, staging: Path, tmp_path: Path) -> None:
    found = histories_of_files(PORTFOLIO, folder, staging, tmp_path / "out.csv")
    assert found.rejected == {}
    for group in PORTFOLIO.feature_groups[1:]:
        expected = build_group(group, lazy(TABLES), PORTFOLIO).collect().sort("person")
        assert_frame_equal(found.aggregates[group.name].collect(), expected, check_exact=False, rel_tol=1e-9)


def test_a_missing_or_damaged_file_is_named(folder: Path, staging: Path, tmp_path: Path) -> None:
    (folder / "payments.parquet").write_bytes(b"no")
    with pytest.raises(RawFileError, match=r"payments\.parquet is no Parquet file"):
        histories_of_files(PORTFOLIO, folder, staging, tmp_path / "out.csv")
    (folder / "payments.parquet").unlink()
    with pytest.raises(RawFileError, match=r"payments\.csv"):
        histories_of_files(PORTFOLIO, folder, staging, tmp_path / "out.csv")


def test_rejected_rows_of_a_history_keep_their_rule(folder: Path, staging: Path, tmp_path: Path) -> None:
    texts = TABLES["loans"].select(pl.all().cast(pl.String)).to_dicts()
    texts[0]["debt"] = "much"
    pl.DataFrame(texts).write_csv(folder / "loans.csv")
    aside = tmp_path / "out__rejected_loans.csv"
    found = histories_of_files(LENIENT, folder, staging, tmp_path / "out.csv")
    assert found.rejected == {str(aside): 1}
    assert pl.read_csv(aside, infer_schema=False)["rule"].to_list() == ["type:debt"]
    strict = replace(PORTFOLIO, tables=tuple(replace(t, max_rejected_share=0.0) for t in PORTFOLIO.tables))
    with pytest.raises(RejectedShareError, match=r"1 of \d+ rows of loans\.csv break the contract.*Nothing was scored"):
        histories_of_files(strict, folder, staging, tmp_path / "out.csv")


def test_the_feature_table_must_be_of_the_scorers_definitions(tmp_path: Path) -> None:
    scorer, lakehouse = toy_scorer(FEATURES), Lakehouse(str(tmp_path))
    lakehouse.write("toy/features/applicants", FEATURES, summary={"feature_version": scorer.feature_version})
    found = stored_histories(scorer, lakehouse)
    assert found.source == "toy/features/applicants version 0"
    assert set(found.aggregates) == {"loans", "payments"}
    lakehouse.write("toy/features/applicants", FEATURES, summary={"feature_version": "another"})
    with pytest.raises(ScorerError, match="made by feature definitions another"):
        stored_histories(scorer, lakehouse)
    pinned = Lakehouse(str(tmp_path), pins={"toy/features/applicants": 0})
    assert stored_histories(scorer, pinned).source.endswith("version 0")
