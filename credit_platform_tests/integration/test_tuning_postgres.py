"""A study whose trials are in PostgreSQL goes on where it stopped, as one in a file does."""

from __future__ import annotations

from pathlib import Path

from credit_platform_tests.postgres import Postgres
from credit_platform_tests.unit.modelling.test_tuning import Noisy, comparable, study


def test_a_study_in_postgresql_goes_on(tmp_path: Path, postgres: Postgres) -> None:
    storage = postgres.new_database()
    study(tmp_path, Noisy(), trials=2, name="resumed", storage=storage)
    candidate = Noisy()

    resumed = study(tmp_path, candidate, trials=3, name="resumed", storage=storage)

    assert len(candidate.fitted) == 5
    assert comparable(resumed).equals(comparable(study(tmp_path, Noisy(), trials=3, name="in one go")))
