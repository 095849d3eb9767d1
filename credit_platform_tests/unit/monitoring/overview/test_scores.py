"""Two distributions of scores, by hand."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.overview.scores import Champion, champion, compare_scores
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import champion_key
from credit_platform_tests.records import promoted_model
from credit_platform_tests.unit.monitoring.overview.made_up import NOON, rows

PORTFOLIO = get_portfolio("german_credit")
USED = Champion(model=promoted_model("d", threshold=0.2), holdout=pl.Series("probability", [0.0, 0.049, 0.2, 1.0]))


def test_shares_in_twentieths_of_the_model_in_use_alone() -> None:
    own = rows([(NOON, "accepted", 0.05, 1.0), (NOON, "refused", 0.999, 1.0)])
    found = compare_scores(USED, pl.concat([own, rows([(NOON, "accepted", 0.5, 1.0)], model="another")]))
    assert (found.holdout, found.decisions, found.others) == (4, 2, 1)
    shown = found.bins.filter((pl.col("holdout_applicants") > 0) | (pl.col("decisions") > 0))
    assert shown.select("low", "high", "holdout", "production").rows() == [
        (0.0, 0.05, 0.5, 0.0),
        (0.05, 0.1, 0.0, 0.5),
        (0.2, 0.25, 0.25, 0.0),
        (pytest.approx(0.95), 1.0, 0.25, 0.5),
    ]
    assert found.holdout_mean == pytest.approx(0.31225)
    assert found.production_mean == pytest.approx(0.5245)
    assert found.bins.height == 20


def test_who_lies_at_the_limit_is_refused() -> None:
    assert USED.acceptance == 0.5


def test_without_decisions_there_is_nothing_to_compare() -> None:
    found = compare_scores(USED, rows([]))
    assert (found.decisions, found.production_mean) == (0, None)
    assert found.bins["production"].null_count() == 20
    alone = compare_scores(Champion(model=USED.model, holdout=USED.holdout.clear()), rows([]))
    assert alone.bins["holdout"].null_count() == 20
    assert Champion(model=USED.model, holdout=USED.holdout.clear()).acceptance is None


def test_the_model_in_use_is_read_with_its_holdout(tmp_path: Path) -> None:
    lakehouse = Lakehouse(str(tmp_path))
    assert champion(lakehouse, PORTFOLIO) is None
    frame = pl.DataFrame({"applicant_id": [1, 2], "target": [0, 1], "probability": [0.1, 0.9]})
    lakehouse.write(champion_key(PORTFOLIO.name), frame, summary=promoted_model("d", version="7").to_summary())
    found = champion(lakehouse, PORTFOLIO)
    assert found is not None
    assert (found.model.version, found.holdout.to_list(), found.acceptance) == ("7", [0.1, 0.9], 0.5)
