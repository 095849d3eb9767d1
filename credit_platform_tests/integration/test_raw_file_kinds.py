"""What people hand in as a raw file, through the real graph: packed files are read, other things are named."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.runner import RunReport, run_job
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

KEY = "german_credit/raw/applications"
NAME = "german_credit.csv"


def ingest(portfolio: Portfolio, settings: Settings) -> RunReport:
    return run_job(portfolio, settings, job="german_credit_ingestion")


def content(portfolio: Portfolio) -> bytes:
    assert portfolio.bundled_raw is not None
    return (portfolio.bundled_raw / NAME).read_bytes()


def test_a_packed_file_is_ingested_and_recorded_as_its_user_has_it(german_credit: Portfolio, fresh: Settings) -> None:
    path = fresh.raw_folder("german_credit") / f"{NAME}.gz"
    path.write_bytes(gzip.compress(content(german_credit)))
    for _ in range(2):  # the second time it is known
        assert ingest(german_credit, fresh).success
    stored = Lakehouse(fresh.lakehouse_root).read(KEY)
    assert (stored.version.version, stored.version.rows) == (0, 1000)
    assert dict(stored.version.source_hashes) == {NAME: hashlib.sha256(path.read_bytes()).hexdigest()}
    assert stored.summary["source"]["file"] == path.name
    assert stored.summary["source"]["bytes"] == path.stat().st_size
    staging = Path(fresh.lakehouse_root) / "_staging"
    assert list(staging.iterdir()) == []


def twice(folder: Path, whole: bytes) -> None:
    (folder / NAME).write_bytes(whole)
    (folder / f"{NAME}.gz").write_bytes(gzip.compress(whole))


OTHER_THINGS: dict[str, tuple[Callable[[Path, bytes], object], str]] = {
    "pipe": (lambda folder, _: os.mkfifo(folder / NAME), "is a pipe (FIFO), where a file must be"),
    "folder": (lambda folder, _: (folder / NAME).mkdir(), "is a folder, where a file must be"),
    "dangling link": (lambda folder, _: (folder / NAME).symlink_to("gone"), "is a link to gone, which does not exist"),
    "other case": (lambda folder, whole: (folder / "German_Credit.CSV").write_bytes(whole), "German_Credit.CSV"),
    "twice": (twice, "holds german_credit.csv and german_credit.csv.gz: the same file twice"),
    "UTF-16": (lambda folder, whole: (folder / NAME).write_bytes(whole.decode().encode("utf-16")), "is UTF-16 text"),
    "gzip under csv": (lambda folder, whole: (folder / NAME).write_bytes(gzip.compress(whole)), "packed with gzip"),
    "cut-off gzip": (lambda folder, w: (folder / f"{NAME}.gz").write_bytes(gzip.compress(w)[:-99]), "is cut off"),
    "index": (
        lambda folder, whole: (folder / NAME).write_bytes(b"".join(b",%b" % line for line in whole.splitlines(True))),
        "index=False",
    ),
}


@pytest.mark.parametrize("name", OTHER_THINGS)
def test_what_is_no_raw_file_is_named_and_left_alone(name: str, german_credit: Portfolio, fresh: Settings) -> None:
    put, says = OTHER_THINGS[name]
    folder = fresh.raw_folder("german_credit")
    put(folder, content(german_credit))
    before = sorted(os.listdir(folder))
    report = ingest(german_credit, fresh)
    assert not report.success
    assert len(report.errors) == 1
    assert says in report.errors[0]
    assert sorted(os.listdir(folder)) == before
    assert not Lakehouse(fresh.lakehouse_root).exists(KEY)


def test_a_column_that_is_unreadable_for_one_cause_is_shown(german_credit: Portfolio, fresh: Settings) -> None:
    lines = content(german_credit).decode().splitlines()
    place = lines[0].split(",").index("amount")
    rows = [line.split(",") for line in lines[1:]]
    for cells in rows:
        cells[place] = f'"{cells[place]},50"'
    text = "\n".join([lines[0], *(",".join(cells) for cells in rows)]) + "\n"
    (fresh.raw_folder("german_credit") / NAME).write_text(text)
    report = ingest(german_credit, fresh)
    (said,) = [check.message for check in report.failed_checks if check.check == "rejected_share"]
    assert "100% of the rows break type:amount" in said
    assert "decimal comma" in said
    assert said.count("(line ") == 3
