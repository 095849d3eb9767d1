"""Files of outcomes in an object store: found there, told by their address, on a real S3 server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import obstore
import polars as pl
import pytest

from credit_platform.errors import RawFileError
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.object_store import open_store
from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.monitoring.decisions.logs import open_logs
from credit_platform.monitoring.outcomes.contract import outcome_files
from credit_platform.monitoring.outcomes.records import OutcomesRecord
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform.simulation.truth import FILE, make_world, outcome_rows, write_outcomes
from credit_platform.tables.outcomes import outcome_tables
from credit_platform_tests.s3_server import S3Server
from credit_platform_tests.unit.monitoring.decisions.conftest import record

PORTFOLIO = get_portfolio("german_credit")
DECIDED = datetime(2025, 1, 15, 12, tzinfo=UTC)


def test_outcomes_beside_raw_files_in_a_store_are_read_there(s3: S3Server, tmp_path: Path) -> None:
    root = f"s3://{s3.new_bucket()}/rohdaten é"
    settings = Settings(home=tmp_path / "mon été", raw=f"{root}/{{portfolio}}", artefact_cache=tmp_path / "cache")
    assert outcome_files(settings, PORTFOLIO) == [], "nothing lies there, not even the folder"
    log = DecisionStore(settings.decision_log)
    log.append([replace(record(f"r{number}", DECIDED, f"A-{number}"), decision="accepted") for number in range(30)])
    made_up = outcome_rows(log.each(), make_world(PORTFOLIO, seed=1), PORTFOLIO, date(2026, 2, 1))
    write_outcomes(made_up, settings, PORTFOLIO)
    store = open_store(f"{root}/{PORTFOLIO.name}/outcomes")
    assert pl.read_csv(bytes(obstore.get(store, FILE).bytes())).height == made_up.height
    obstore.put(store, "theirs.csv", b"request_id,observed_at,months_on_book,defaulted\nnobody,2025-06-01,1,0\n")
    obstore.put(store, "later/deeper.csv", b"not a file of this folder")
    assert [file.name for file in outcome_files(settings, PORTFOLIO)] == [FILE, "theirs.csv"]

    def read() -> OutcomesRecord:
        lakehouse = Lakehouse(settings.lakehouse_root)
        with lakehouse.staging() as staging:
            found = outcome_tables(
                PORTFOLIO,
                open_logs(settings),
                settings=settings,
                lakehouse=lakehouse,
                staging=staging,
                now=datetime(2026, 2, 1, tzinfo=UTC),
            )
        return OutcomesRecord.from_summary(found.kept.summary)

    accepted = made_up["request_id"].n_unique()
    assert [(one.files, one.loans, one.by_reason) for one in (read(), read())] == [
        (2, accepted, {"no such decision": 1})
    ] * 2
    obstore.delete(store, "theirs.csv")
    assert read().files == 1, "what is gone from the store is gone"
    obstore.put(store, "broken.csv", b"request_id,observed_at\nr1,2026-01-01\n")
    with pytest.raises(RawFileError, match=f"{root}/{PORTFOLIO.name}/outcomes/broken.csv"):
        read()
    log.close()
