"""models/imbalance: what to do about defaults being rare, compared on the same folds."""

import dagster as dg

from credit_platform.code_versions import code_version
from credit_platform.lakehouse import StoredTable
from credit_platform.lakehouse.reports import reports_key, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.candidates import Profile, get_candidate
from credit_platform.modelling.imbalance import compare_imbalance
from credit_platform.modelling.records import ImbalanceRecord
from credit_platform.modelling.refit import labelled
from credit_platform.orchestration.assets.models import MODELLING_CODE, applicants_in, commit_info, model_ins
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import HEAVY_POOL, asset_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

_COMPARED: dict[Profile, tuple[str, ...]] = {
    "quick": ("logistic_regression",),
    "full": ("logistic_regression", "lightgbm", "random_forest"),
}
_MOST: dict[Profile, int] = {"quick": 4_000, "full": 10_000}
"""Applicants compared on: the question is which way is better, not by exactly how much."""


def build_imbalance_asset(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    """The comparison of strategies, on the portfolio's candidates that are quick to train."""
    wanted = [name for name in _COMPARED[settings.profile] if name in portfolio.candidates]
    names = wanted or [
        next(name for name in portfolio.candidates if name != "stacked" or len(portfolio.candidates) == 1)
    ]

    @dg.asset(
        key=asset_key(portfolio.name, "models", "imbalance"),
        ins={**applicants_in(portfolio), **model_ins(portfolio, "split")},
        description="Nothing, class weights, or synthetic defaults (SMOTE, inside the training folds only): compared "
        "on "
        f"the same folds with {', '.join(names)}, on at most {_MOST[settings.profile]:,} applicants. Paired tests say "
        "whether a strategy saves cost; no strategy is chosen here: each candidate states its own, and tuning tries "
        "`none` and `weights`.",
        kinds={"scikitlearn"},
        code_version=code_version(*MODELLING_CODE),
        pool=HEAVY_POOL,
    )
    def models_imbalance(applicants: StoredTable, split: StoredTable) -> Table:
        comparison = compare_imbalance(
            [get_candidate(name) for name in names],
            labelled(portfolio, applicants.frame),
            split.frame.collect(),
            portfolio,
            most=_MOST[settings.profile],
            seed=settings.seed,
            threads=settings.threads,
        )
        write_reports(Shelf.of(settings), reports_key(portfolio.name), {"imbalance.csv": comparison.table})
        return Table(
            frame=comparison.table,
            summary=ImbalanceRecord(conclusion=comparison.conclusion).to_summary(),
            info=commit_info(portfolio, applicants),
            metadata={"conclusion": comparison.conclusion, "comparison": markdown_table(comparison.table)},
        )

    return models_imbalance
