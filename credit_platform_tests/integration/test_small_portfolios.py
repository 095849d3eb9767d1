"""A few loans run to an honest end: a promotion, or a refusal whose sentences are true and say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from credit_platform import portfolios
from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.runner import RunReport, run_job
from credit_platform.portfolios import get_generator, get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform_tests import made_up
from credit_platform_tests.finished_run import tool_environment

GATE = "governance/promotion_decision"
DECISION = {"governance/promotion_decision"}


@pytest.fixture
def village() -> Iterator[Portfolio]:
    """The made-up portfolio, as if its folder lay beside the others."""
    folder = str(Path(made_up.__file__).parent)
    caches = (portfolios.portfolio_names, portfolios.get_portfolio, portfolios.has_generator)
    portfolios.__path__.append(folder)
    for cached in caches:
        cached.cache_clear()
    yield get_portfolio("village_loans")
    portfolios.__path__.remove(folder)
    for cached in caches:
        cached.cache_clear()


def loans(rows: int, *, risk: float, skill: float, seed: int) -> pl.DataFrame:
    """Loans of which about the share `risk` is lost; `skill` is how much herd, instalment and trade tell of it."""
    draw = np.random.default_rng(seed)
    herd = draw.poisson(30, rows)
    trades = draw.choice(["farm", "shop"], rows)
    amount, months = np.round(draw.uniform(50, 5_000, rows), 2), draw.integers(3, 36, rows)
    told = (herd - 30) / 5.5 - (np.log(amount / months) - 4.5) + 2.0 * (trades == "farm")
    score = skill * told + draw.standard_normal(rows)
    return pl.DataFrame(
        {
            "loan": np.arange(1, rows + 1),
            "herd": herd,
            "sum": amount,
            "months": months,
            "trade": trades,
            "clan": np.where(np.arange(rows) < 2, "c", draw.choice(["a", "b"], rows)),
            "lost": (score < np.quantile(score, risk)).astype(np.int8),
        }
    )


def run(portfolio: Portfolio, frame: pl.DataFrame, home: Path) -> RunReport:
    (home / "raw").mkdir()
    frame.write_csv(home / "raw" / "loans.csv")
    settings = Settings(home=home / "home", raw=home / "raw", tuning_trials=2)
    with tool_environment(settings):
        return run_job(portfolio, settings)


def stopped_by(report: RunReport) -> set[str]:
    return {check.asset.partition("/")[2] for check in report.failed_checks if check.blocking}


def decided(report: RunReport, name: str) -> bool:
    return f"{name}/{GATE}" in report.materialised


@pytest.mark.parametrize(
    "made",
    [(300, 0.3, 0.7, 1), (300, 0.05, 0.0, 2)],
    ids=["skilful", "few defaults without skill"],
)
def test_some_hundred_loans_come_to_a_decision(
    made: tuple[int, float, float, int], village: Portfolio, tmp_path: Path
) -> None:
    rows, risk, skill, seed = made
    report = run(village, loans(rows, risk=risk, skill=skill, seed=seed), tmp_path)
    assert decided(report, "village_loans"), report.errors
    assert stopped_by(report) <= DECISION
    warned = {check.check for check in report.failed_checks if not check.blocking}
    assert "duplicate" in warned, "without smithies two flags are equal by chance"
    refusals = {check.check: check.message for check in report.failed_checks if check.asset.endswith(GATE)}
    assert "no_leak" not in refusals
    assert "defaults" in refusals["enough_outcomes"], "so few loans cannot be judged, and that is said"


def test_178_clients_of_home_credit_come_to_a_decision(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    get_generator("home_credit").generate(raw, scale=0.002, seed=7, drift=(), defects=(), progress=None)
    portfolio = replace(get_portfolio("home_credit"), candidates=("logistic_regression", "lightgbm"))
    _cut(portfolio, raw, clients=178)
    settings = Settings(home=tmp_path / "home", raw=raw, tuning_trials=2)
    with tool_environment(settings):
        report = run_job(portfolio, settings)
    assert decided(report, "home_credit"), report.errors
    assert stopped_by(report) <= DECISION
    applicants = Lakehouse(settings.lakehouse_root).read("home_credit/features/applicants")
    assert applicants.version.rows == 178 + 29


def _cut(portfolio: Portfolio, raw: Path, *, clients: int) -> None:
    """Keep so many applicants with an outcome, a sixth as many without, and their histories."""
    kept = {portfolio.training_table: clients, portfolio.scoring_table: clients // 6}
    keys: dict[str, pl.Series] = {}
    for table in portfolio.tables:
        frame = pl.read_csv(raw / table.file_name, infer_schema=False)
        if table.name in kept:
            frame = frame.head(kept[table.name])
        for key in table.foreign_keys:
            parents = pl.concat([keys[name] for name in (key.parent, *key.also)])
            frame = frame.filter(pl.col(key.column).is_in(parents.implode()))
        if table.primary_key:
            keys[table.name] = frame[table.primary_key[0]]
        frame.write_csv(raw / table.file_name)
