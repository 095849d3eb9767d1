"""A path means the file of that name: the graph, its service and `score` in folders with names libraries misread."""

from __future__ import annotations

import gzip
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from credit_platform.cli.tables import show_table
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.orchestration.runner import run_job
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring.header import Ignored
from credit_platform.serving.file_scoring import score_applications
from credit_platform.serving.local.service_process import start_service
from credit_platform.serving.records import BentoRecord
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import tool_environment

pytestmark = pytest.mark.e2e

NAME = unicodedata.normalize("NFD", "données é") + " #1 [x] 100% * {a} \"q' &; 日本"
"""Decomposed and composed accents, blank, and what is special to a URL, a pattern, a template or a shell."""
PORTFOLIO = get_portfolio("german_credit")


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A home in which the graph ran, from a packed raw file in a folder beside it."""
    folder = tmp_path_factory.mktemp("odd") / NAME
    raw = folder / "raw %20 ? \\"
    raw.mkdir(parents=True)
    assert PORTFOLIO.bundled_raw is not None
    with gzip.open(raw / "german_credit.csv.gz", "wb") as file:
        file.write((PORTFOLIO.bundled_raw / "german_credit.csv").read_bytes())
    settings = Settings(home=folder / "home", raw=raw, tuning_trials=2, candidates=("logistic_regression", "lightgbm"))
    with tool_environment(settings):
        report = run_job(PORTFOLIO, settings)
        assert report.success, (report.errors, report.failed_checks)
        yield settings


def test_the_graph_runs_and_its_tables_are_read(odd: Settings) -> None:
    lakehouse = Lakehouse(odd.lakehouse_root)
    stored = lakehouse.read("german_credit/raw/applications")
    assert stored.frame.collect().height == stored.version.rows == 1000
    assert all(Path(file).is_file() for file in stored.files)
    assert "german_credit/serving/bento" in lakehouse.keys("german_credit")


def test_a_name_with_brackets_is_not_the_file_beside_it(odd: Settings, tmp_path: Path) -> None:
    """Issue 14: `--input "apps[1].csv"` scored `apps1.csv`."""
    folder = tmp_path / NAME
    folder.mkdir()
    frame = Lakehouse(odd.lakehouse_root).read("german_credit/raw/applications").frame.collect()
    frame.head(30).write_csv(folder / "apps1.csv")
    for name in ("apps[1].csv", "apps?.csv", "-apps *.csv", "~apps.csv", "a%20b.csv", "appé.csv"):
        frame.head(3).write_csv(str(folder / name))
        for target in ("out[1].csv", "out *?.parquet"):
            ignore: tuple[Ignored, ...] = ("protected", "target")
            done = score_applications("german_credit", odd, folder / name, folder / target, ignore=ignore).rows
            assert (done.rows, done.scored) == (3, 3)
            assert (folder / target).is_file()
        shown = folder / f"shown {name}"
        show_table("german_credit/raw/applications", odd, csv=shown)
        assert len(shown.read_bytes().splitlines()) == 1001
    assert sorted(p.name for p in folder.iterdir() if p.name.startswith(".")) == []


def test_the_bento_of_such_a_home_is_served(odd: Settings) -> None:
    bento = BentoRecord.of(Lakehouse(odd.lakehouse_root).read("german_credit/serving/bento")).brought(Shelf.of(odd))
    frame = Lakehouse(odd.lakehouse_root).read("german_credit/raw/applications").frame.head(1).collect()
    taken = [c.name for c in PORTFOLIO.application_columns if c.protected is None]
    with start_service(bento, settings=odd) as service:
        body = {"application": frame.select(taken).to_dicts()[0]}
        answer = httpx.post(f"{service.url}/predict", json=body, headers=service.headers, trust_env=False)
    assert answer.status_code == 200, answer.text
    assert [path.name for path in (odd.home / "decisions").glob("decisions.db")] == ["decisions.db"]
