from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import RequestError, ScorerError
from credit_platform.features import build_group
from credit_platform.scoring import Request, Scorer
from credit_platform.scoring.score_file import score_file
from credit_platform_tests.small_scorer import raw_applications, save_small_scorer
from credit_platform_tests.toy_scorer import PORTFOLIO, toy_scorer, toy_tables
from credit_platform_tests.unit.features.toy import lazy


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    return save_small_scorer(tmp_path_factory.mktemp("scorer") / "scorer", "xgboost")


def applications(scorer: Scorer, rows: int = 40) -> pl.DataFrame:
    left_out = [c.name for c in scorer.portfolio.application_columns if c.protected is not None]
    return raw_applications(scorer.portfolio).drop(*left_out, scorer.portfolio.target).head(rows)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_file_gets_the_decisions_that_single_requests_get(scorer: Scorer, tmp_path: Path, suffix: str) -> None:
    frame = applications(scorer)
    source, target = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    frame.write_csv(source) if suffix == ".csv" else frame.write_parquet(source)
    seen: list[int] = []
    done = score_file(scorer, source, target, piece=15, progress=seen.append)
    assert (done.rows, done.scored, done.rejected, done.rejected_path) == (40, 40, 0, None)
    assert seen[-1] == 40
    result = pl.read_csv(target) if suffix == ".csv" else pl.read_parquet(target)
    assert result["applicant_id"].to_list() == frame["applicant_id"].to_list()
    for row, decision in zip(frame.drop("applicant_id").to_dicts(), result.to_dicts(), strict=True):
        alone = scorer.score(Request(application=row))
        assert decision["probability_of_default"] == alone.probability_of_default
        assert (decision["decision"], decision["points"]) == (alone.decision, alone.points)
        assert decision["reasons"].split("; ") == [reason.code for reason in alone.reasons]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([source.name, target.name])


def test_rows_that_break_the_contract_are_kept_aside_with_the_rule(scorer: Scorer, tmp_path: Path) -> None:
    texts = applications(scorer, 6).select(pl.all().cast(pl.String)).to_dicts()
    texts[1]["amount"] = "many"
    texts[2]["amount"] = "-5"
    texts[3]["purpose"] = "yacht"
    texts[4]["purpose"] = None
    pl.DataFrame(texts).write_csv(tmp_path / "in.csv")
    done = score_file(scorer, tmp_path / "in.csv", tmp_path / "out.csv", piece=2)
    assert (done.rows, done.scored, done.rejected) == (6, 2, 4)
    assert done.rejected_path is not None
    rejected = pl.read_csv(done.rejected_path, infer_schema=False)
    assert rejected["rule"].to_list() == [
        "amount: wrong type",
        "amount: below 100",
        "purpose: not allowed",
        "purpose: missing",
    ]
    assert rejected["amount"].to_list()[:2] == ["many", "-5"]
    assert rejected["row"].to_list() == ["1", "2", "3", "4"]
    assert pl.read_csv(tmp_path / "out.csv")["row"].to_list() == [0, 5]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (pl.lit("yes").alias("foreign_worker"), "foreign_worker is a protected"),
        (pl.lit(1).alias("colour"), "colour is no column"),
    ],
)
def test_columns_that_must_not_be_there_are_named(
    scorer: Scorer, tmp_path: Path, change: pl.Expr, message: str
) -> None:
    applications(scorer).with_columns(change).write_parquet(tmp_path / "in.parquet")
    with pytest.raises(RequestError, match=message):
        score_file(scorer, tmp_path / "in.parquet", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_what_is_no_file_of_applications_is_refused(scorer: Scorer, tmp_path: Path) -> None:
    applications(scorer).drop("amount").write_csv(tmp_path / "in.csv")
    with pytest.raises(RequestError, match="amount is missing"):
        score_file(scorer, tmp_path / "in.csv", tmp_path / "out.csv")
    with pytest.raises(RequestError, match="ends in"):
        score_file(scorer, tmp_path / "in.csv", tmp_path / "out.xlsx")
    (tmp_path / "no.parquet").write_bytes(b"no")
    with pytest.raises(ScorerError, match=r"no.parquet cannot be read"):
        score_file(scorer, tmp_path / "no.parquet", tmp_path / "out.csv")


@pytest.mark.parametrize("way", ["given", "stored", "none"])
def test_each_row_says_where_its_histories_came_from(tmp_path: Path, way: str) -> None:
    tables, features = toy_tables()
    scorer = toy_scorer(features)
    groups = [group for group in PORTFOLIO.feature_groups if group.table != PORTFOLIO.training_table]
    aggregates = {group.name: build_group(group, lazy(tables), PORTFOLIO).sort("person") for group in groups}
    asked = tables["asked"].drop("bad", "sex")
    unknown = asked.head(1).with_columns(person=pl.lit(30_000, asked.schema["person"]))
    pl.concat([asked, unknown]).write_parquet(tmp_path / "in.parquet")
    done = score_file(
        scorer,
        tmp_path / "in.parquet",
        tmp_path / "out.parquet",
        aggregates=None if way == "none" else aggregates,
        stored="toy version 1" if way == "stored" else None,
    )
    said = dict(pl.read_parquet(tmp_path / "out.parquet").select("person", "histories").iter_rows())
    known = set().union(*(frame.collect()["person"].to_list() for frame in aggregates.values()))
    if way == "none":
        assert set(said.values()) == {"not looked up"}
        assert done.with_histories == 0
    else:
        assert said == {person: way if person in known else "none known" for person in said}
        assert said[30_000] == "none known"
        assert done.with_histories == sum(one == way for one in said.values())


def test_a_portfolio_without_histories_says_nothing_of_them(scorer: Scorer, tmp_path: Path) -> None:
    applications(scorer, 3).write_csv(tmp_path / "in.csv")
    score_file(scorer, tmp_path / "in.csv", tmp_path / "out.csv")
    assert "histories" not in pl.read_csv(tmp_path / "out.csv").columns


def test_sentences_are_those_that_a_single_answer_holds(scorer: Scorer, tmp_path: Path) -> None:
    frame = applications(scorer, 5)
    frame.write_csv(tmp_path / "in.csv")
    score_file(scorer, tmp_path / "in.csv", tmp_path / "out.parquet", language="fr", sentences=True)
    told = pl.read_parquet(tmp_path / "out.parquet")["sentences"].to_list()
    for row, texts in zip(frame.drop("applicant_id").to_dicts(), told, strict=True):
        alone = scorer.score(Request(application=row, language="fr"))
        assert texts == " ".join(reason.text for reason in alone.reasons)
