"""A raw file becomes two tables, or stays what is stored of it, or is refused with what stays in force."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import RawFileError
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.lakehouse.engines import Engine, PolarsEngine
from credit_platform.logs.lines import FIELDS
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform.tables.ingestion import RawTables, ingest_raw_file

PORTFOLIO = get_portfolio("german_credit")
TABLE = PORTFOLIO.tables[0]
KEPT, REJECTED = "german_credit/raw/applications", "german_credit/raw/applications__rejected"


class Home:
    """A folder with the raw file, and a lakehouse that what was read is written to as the I/O manager does."""

    def __init__(self, root: Path) -> None:
        self.file = root / "raw" / TABLE.file_name
        self.file.parent.mkdir()
        self.settings = Settings(home=root, raw=self.file.parent)
        self.lakehouse = Lakehouse(str(root / "lakehouse"))
        self.opened = 0

    def put(self, rows: pl.DataFrame) -> None:
        rows.write_csv(self.file)

    def read(self, folder: Path, *, write: bool = True) -> RawTables:
        found = ingest_raw_file(
            PORTFOLIO, TABLE, {}, settings=self.settings, lakehouse=self.lakehouse, staging=folder, engine=self._engine
        )
        if write and found.kept.unchanged is None and found.rejected is not None:
            self.lakehouse.write(REJECTED, found.rejected.frame, info=found.rejected.info or CommitInfo())
            self.lakehouse.write(
                KEPT, found.kept.frame, summary=found.kept.summary, info=found.kept.info or CommitInfo()
            )
        return found

    def _engine(self) -> Engine:
        self.opened += 1
        return PolarsEngine()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def shipped() -> pl.DataFrame:
    assert PORTFOLIO.bundled_raw is not None
    return pl.read_csv(PORTFOLIO.bundled_raw / TABLE.file_name, infer_schema=False)


def staging(home: Home) -> Path:
    folder = home.settings.home / f"staging-{home.opened}"
    folder.mkdir(exist_ok=True)
    return folder


def test_rows_that_break_the_contract_are_set_aside_and_both_tables_know_their_file(
    home: Home, shipped: pl.DataFrame
) -> None:
    home.put(shipped.with_columns(amount=pl.when(pl.row_index() == 7).then(pl.lit("much")).otherwise("amount")))
    found = home.read(staging(home))
    assert found.rejected is not None
    assert found.kept.judged is not None
    assert not found.kept.judged.failed
    assert found.kept.info == found.rejected.info
    assert found.kept.info is not None
    assert found.kept.info.source_hashes.keys() == {TABLE.file_name}
    assert not found.kept.info.bundled
    assert home.lakehouse.scan(REJECTED).select("rule", "line").collect().rows() == [("type:amount", 9)]
    assert home.lakehouse.scan(KEPT).collect().height == shipped.height - 1


def test_the_same_file_is_not_read_again_and_needs_no_engine(home: Home, shipped: pl.DataFrame) -> None:
    home.put(shipped.head(50))
    home.read(staging(home))
    again = home.read(staging(home))
    assert home.opened == 1
    assert again.ingested is None
    assert again.kept.unchanged is not None
    assert (again.kept.unchanged.key, again.kept.unchanged.version) == (KEPT, 0)
    home.put(shipped.head(51))
    assert home.read(staging(home)).ingested is not None
    assert home.opened == 2


def test_a_file_of_which_too_much_is_rejected_is_refused_and_its_rejected_rows_stay_beside_it(
    home: Home, shipped: pl.DataFrame
) -> None:
    home.put(shipped.with_columns(amount=pl.lit("much")))
    found = home.read(staging(home), write=False)
    assert found.rejected is None
    assert found.kept.judged is not None
    assert [verdict.check for verdict in found.kept.judged.failed] == ["rejected_share"]
    assert found.kept.beside.keys() == {REJECTED}


def test_a_broken_file_is_told_with_the_version_that_stays_in_force(home: Home, shipped: pl.DataFrame) -> None:
    home.put(shipped.head(50))
    home.read(staging(home))
    home.put(shipped.head(50).drop("amount"))
    with pytest.raises(
        RawFileError, match=r"lacks the column amount.*Version 0 of german_credit/raw/applications, .* stays in force"
    ):
        home.read(staging(home))
    assert home.lakehouse.versions(KEPT)[0].version == 0


def test_each_file_is_one_line_with_what_became_of_its_rows(
    home: Home, shipped: pl.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "credit_platform.tables.ingestion")

    def line(*, refused: bool = False) -> dict[str, object]:
        found = home.read(staging(home), write=not refused)
        assert found.kept.told is not None
        newest = home.lakehouse.latest(KEPT)
        assert newest is not None
        found.kept.told(replace(newest, key=f"{KEPT}__refused") if refused else newest)
        said: dict[str, object] = vars(caplog.records[-1])[FIELDS]
        return said

    counts = ("file", "version", "outcome", "rows_in", "rows_kept", "rows_rejected")
    home.put(shipped.with_columns(amount=pl.when(pl.row_index() == 7).then(pl.lit("CANARY")).otherwise("amount")))
    first, again = line(), line()
    assert [first[name] for name in counts] == [TABLE.file_name, 0, "read", 1000, 999, 1]
    assert [again[name] for name in counts] == [TABLE.file_name, 0, "unchanged", 1000, 999, 1]
    assert isinstance(first["seconds"], float)
    home.put(shipped.with_columns(amount=pl.lit("CANARY")))
    assert [line(refused=True)[name] for name in counts[2:]] == ["refused", 1000, 0, 1000]
    home.put(shipped.rename({"amount": "CANARY"}))
    with pytest.raises(RawFileError):
        home.read(staging(home))
    broken = vars(caplog.records[-1])
    assert broken["message"] == "file not ingested"
    assert {name: broken[FIELDS][name] for name in ("file", "failure")} == {
        "file": TABLE.file_name,
        "failure": "RawFileError",
    }
    assert "CANARY" not in str([vars(record) for record in caplog.records])
