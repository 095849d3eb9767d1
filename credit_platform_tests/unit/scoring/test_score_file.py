from __future__ import annotations

import gzip
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import RawFileError, RequestError
from credit_platform.features import build_group
from credit_platform.features.inputs import unused_columns
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


def test_what_no_feature_reads_may_be_missing_and_is_checked_where_it_is_not(scorer: Scorer, tmp_path: Path) -> None:
    unused = sorted(unused_columns(scorer.portfolio))
    assert unused
    frame = applications(scorer, 10)
    frame.write_csv(tmp_path / "all.csv")
    frame.drop(unused).write_csv(tmp_path / "less.csv")
    for name in ("all", "less"):
        done = score_file(scorer, tmp_path / f"{name}.csv", tmp_path / f"{name}_out.csv")
        assert (done.scored, done.rejected) == (10, 0)
    assert (tmp_path / "all_out.csv").read_bytes() == (tmp_path / "less_out.csv").read_bytes()
    frame.with_columns(age_years=pl.lit(500)).write_csv(tmp_path / "wrong.csv")
    assert score_file(scorer, tmp_path / "wrong.csv", tmp_path / "wrong_out.csv").rejected == 10


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
        (pl.lit("yes").alias("foreign_worker"), "foreign_worker: protected attributes"),
        (pl.lit(1).alias("colour"), "colour: no columns of an application"),
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
    with pytest.raises(RequestError, match="column is missing: amount"):
        score_file(scorer, tmp_path / "in.csv", tmp_path / "out.csv")
    with pytest.raises(RequestError, match="ends in"):
        score_file(scorer, tmp_path / "in.csv", tmp_path / "out.xlsx")
    (tmp_path / "no.parquet").write_bytes(b"no")
    with pytest.raises(RawFileError, match=r"no.parquet is no Parquet file"):
        score_file(scorer, tmp_path / "no.parquet", tmp_path / "out.csv")


def test_protected_columns_and_the_outcome_are_named_at_once_and_left_unread_when_asked(
    scorer: Scorer, tmp_path: Path
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    whole = raw_applications(scorer.portfolio).head(20)
    whole.write_csv(source)
    with pytest.raises(RequestError) as raised:
        score_file(scorer, source, target)
    said = str(raised.value)
    assert all(n in said for n in ("personal_status_sex, foreign_worker: protected", "default: the outcome"))
    assert all(n in said for n in ("--ignore-protected", "--ignore-target"))
    with pytest.raises(RequestError, match="default: the outcome"):
        score_file(scorer, source, target, ignore=["protected"])
    assert score_file(scorer, source, target, ignore=("protected", "target")).scored == 20
    applications(scorer, 20).write_csv(tmp_path / "bare.csv")
    score_file(scorer, tmp_path / "bare.csv", tmp_path / "expected.csv")
    assert target.read_bytes() == (tmp_path / "expected.csv").read_bytes()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda lines: [*lines[:5], lines[5].rpartition(",")[0], *lines[6:]], "has 18 fields on line 6"),
        (lambda lines: [*lines[:5], lines[5] + ",x", *lines[6:]], "has 20 fields on line 6"),
        (lambda lines: [*lines[:5], "", *lines[5:]], "has a blank line, 6"),
        (lambda lines: [*lines, ""], "has a blank line, 42"),
        (lambda lines: lines[:1], "has a header and no rows"),
        (lambda lines: ["," + line for line in lines], "first column without a name"),
        (lambda lines: [line.replace(",", ";") for line in lines], "by semicolon"),
    ],
)
def test_a_file_that_is_broken_as_a_whole_is_refused_as_ingestion_does(
    scorer: Scorer, tmp_path: Path, damage: Callable[[list[str]], list[str]], says: str
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    applications(scorer).write_csv(source)
    source.write_text("\n".join(damage(source.read_text().splitlines())) + "\n")
    with pytest.raises(RawFileError, match=says):
        score_file(scorer, source, target)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_file_that_was_cut_off_or_has_stray_quotes_is_refused(scorer: Scorer, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    applications(scorer).write_csv(source)
    whole = source.read_bytes()
    source.write_bytes(whole[:-3])
    with pytest.raises(RawFileError, match="cut off: its last line, 41"):
        score_file(scorer, source, target)
    lines = whole.splitlines(keepends=True)
    source.write_bytes(b"".join([*lines[:3], lines[3].replace(b",", b'x",', 1), lines[4].replace(b",", b'",', 1)]))
    with pytest.raises(RawFileError, match="quote"):
        score_file(scorer, source, target)
    assert not target.exists()


@pytest.mark.parametrize("suffix", [".csv.gz", ".zip"])
def test_a_packed_file_is_scored_as_it_is(scorer: Scorer, tmp_path: Path, suffix: str) -> None:
    plain, source = tmp_path / "in.csv", tmp_path / f"packed{suffix}"
    applications(scorer).write_csv(plain)
    if suffix == ".zip":
        with zipfile.ZipFile(source, "w") as archive:
            archive.write(plain, "in.csv")
    else:
        source.write_bytes(gzip.compress(plain.read_bytes()))
    score_file(scorer, plain, tmp_path / "expected.csv")
    score_file(scorer, source, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()


def test_parquet_without_rows_or_with_lists_is_refused(scorer: Scorer, tmp_path: Path) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.csv"
    applications(scorer).head(0).write_parquet(source)
    with pytest.raises(RawFileError, match="no rows"):
        score_file(scorer, source, target)
    applications(scorer).with_columns(pl.concat_list("amount").alias("amount")).write_parquet(source)
    with pytest.raises(RawFileError, match="lists, structures or bytes in the column amount"):
        score_file(scorer, source, target)


def test_the_file_that_is_scored_is_never_replaced(scorer: Scorer, tmp_path: Path) -> None:
    applications(scorer).write_csv(tmp_path / "out__rejected.csv")
    before = (tmp_path / "out__rejected.csv").read_bytes()
    for target in ("out__rejected.csv", "out.csv"):
        with pytest.raises(RequestError, match="would be written over"):
            score_file(scorer, tmp_path / "out__rejected.csv", tmp_path / target)
    assert (tmp_path / "out__rejected.csv").read_bytes() == before


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("spelt", ["{}", "{}.0", "0{}", " {} ", "+{}"])
def test_a_key_in_any_spelling_finds_the_same_histories(tmp_path: Path, suffix: str, spelt: str) -> None:
    tables, features = toy_tables()
    asked = tables["asked"].drop("sex", "bad").head(20)
    texts = asked.with_columns(pl.Series("person", [spelt.format(key) for key in asked["person"]]))
    histories = [group for group in PORTFOLIO.feature_groups if group.table != PORTFOLIO.training_table]
    aggregates = {g.name: features.lazy().select("person", *(f.name for f in g.all_features)) for g in histories}
    scorer = toy_scorer(features)
    probabilities = []
    for frame in (asked, texts, asked.cast({"person": pl.Float64})):
        source, target = tmp_path / f"in{suffix}", tmp_path / "out.parquet"
        frame.write_csv(source) if suffix == ".csv" else frame.write_parquet(source)
        done = score_file(scorer, source, target, aggregates=aggregates)
        assert (done.scored, done.rejected) == (20, 0)
        result = pl.read_parquet(target)
        assert result["person"].cast(pl.Int64).to_list() == asked["person"].to_list()
        assert result["person"].cast(pl.String).to_list() == [str(key) for key in asked["person"]]
        probabilities.append(result["probability_of_default"].to_list())
    assert probabilities[0] == probabilities[1] == probabilities[2]
    known = pl.any_horizontal(pl.exclude("person").is_not_null())
    having = [f.filter(known).select("person").collect() for f in aggregates.values()]
    assert done.with_histories == asked.join(pl.concat(having).unique(), on="person", how="semi").height > 0


def test_a_key_that_is_none_is_refused_where_histories_hang_on_it(scorer: Scorer, tmp_path: Path) -> None:
    keys = ["7", "A-17", "7.5", "1e300", "007", "0", "-5"]
    texts = applications(scorer, 7).with_columns(pl.Series("applicant_id", keys))
    texts.write_csv(tmp_path / "in.csv")
    for aggregates, kept in ((None, ["7", "A-17", "7"]), ({}, ["7", "7"])):
        done = score_file(scorer, tmp_path / "in.csv", tmp_path / "out.parquet", aggregates=aggregates)
        assert pl.read_parquet(tmp_path / "out.parquet")["applicant_id"].to_list() == kept
        assert done.rejected_path is not None
        rules = dict(pl.read_parquet(done.rejected_path).select("applicant_id", "rule").rows())
        assert rules["7.5"] == "applicant_id: not a whole number"
        assert rules["1e300"] == "applicant_id: beyond its type"
        assert rules["0"] == rules["-5"] == "applicant_id: below 1"
        assert ("A-17" in rules) == (aggregates is not None)


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


@pytest.mark.parametrize("name", ["out.CSV", "out.Csv"])
def test_a_suffix_in_capitals_means_the_same_format(scorer: Scorer, tmp_path: Path, name: str) -> None:
    applications(scorer, 3).write_csv(tmp_path / "in.csv")
    score_file(scorer, tmp_path / "in.csv", tmp_path / name)
    assert pl.read_csv(tmp_path / name).height == 3


@pytest.mark.parametrize("taken", ["out.csv", "out__rejected.csv"])
@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_only_a_file_is_replaced_by_a_result(scorer: Scorer, tmp_path: Path, taken: str, kind: str) -> None:
    frame = applications(scorer, 3).with_columns(applicant_id=pl.Series(["1", "2", "2.5"]))
    frame.write_csv(tmp_path / "in.csv")
    path = tmp_path / taken
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    with pytest.raises(RequestError, match=f"{taken} is a {kind}.*, and no file can replace it"):
        score_file(scorer, tmp_path / "in.csv", tmp_path / "out.csv")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.csv", taken]
    assert not path.is_file()


@pytest.mark.parametrize("target", ["in.csv/out.csv", "/proc/none/out.csv", "x" * 300 + ".csv"])
def test_a_result_that_cannot_be_written_is_an_error_before_any_work(
    scorer: Scorer, tmp_path: Path, target: str
) -> None:
    applications(scorer, 3).write_csv(tmp_path / "in.csv")
    with pytest.raises(RequestError, match="cannot be written"):
        score_file(scorer, tmp_path / "in.csv", tmp_path / target)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"a,b\n1,2\n", "is no Parquet file"),
        (b"PK\x03\x04xl/", "Excel"),
        (b"PAR1" * 9 + b"x", "cut off"),
    ],
)
def test_what_is_called_parquet_and_is_none_is_told(scorer: Scorer, tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "in.parquet").write_bytes(content)
    with pytest.raises(RawFileError, match=what):
        score_file(scorer, tmp_path / "in.parquet", tmp_path / "out.csv")


def test_nothing_else_that_was_read_is_written_over(scorer: Scorer, tmp_path: Path) -> None:
    source, history, folder = tmp_path / "in.csv", tmp_path / "payments.csv", tmp_path / "scorer"
    applications(scorer).write_csv(source)
    history.write_text("kept")
    os.link(history, tmp_path / "other name.csv")
    folder.mkdir()
    for target in (history, tmp_path / "other name.csv", folder / "out.csv", tmp_path / "." / "payments.csv"):
        with pytest.raises(RequestError, match="would be written over"):
            score_file(scorer, source, target, protected=[history, folder])
    assert history.read_text() == "kept"
    assert list(folder.iterdir()) == []
    score_file(scorer, source, tmp_path / "out.csv", protected=[history, folder])


def test_a_text_that_came_in_does_not_run_in_a_spreadsheet(scorer: Scorer, tmp_path: Path) -> None:
    texts = applications(scorer, 2).select(pl.all().cast(pl.String)).to_dicts()
    texts[0]["purpose"] = "=1+1"
    pl.DataFrame(texts).write_csv(tmp_path / "in.csv")
    for verbatim, cell in ((False, "'=1+1"), (True, "=1+1")):
        done = score_file(scorer, tmp_path / "in.csv", tmp_path / "out.csv", verbatim=verbatim)
        assert done.rejected_path is not None
        assert pl.read_csv(done.rejected_path)["purpose"].to_list() == [cell]
