"""models/threshold: the cost-optimal threshold, what it is worth, and the document about it."""

from typing import Any

import dagster as dg
import numpy as np

from credit_platform.code_versions import code_version
from credit_platform.governance.threshold_decision import ThresholdFacts, threshold_decision
from credit_platform.lakehouse import StoredTable
from credit_platform.modelling import charts, selection_charts
from credit_platform.modelling.economics import cost_band, profit, review_band, review_table, sensitivity, with_profit
from credit_platform.modelling.metrics import classification_metrics
from credit_platform.modelling.threshold import ThresholdChoice, choose_threshold
from credit_platform.orchestration.assets.models import MODELLING_CODE, commit_info, model_ins
from credit_platform.orchestration.metadata import image, markdown_table
from credit_platform.orchestration.policies import RISK_MODELLING, asset_key, group_name
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

_REVIEW_SHARES = (0.25, 0.5, 0.75)
"""Prices of a review in the document, as shares of the most that a wrong automatic decision costs on average."""


def build_threshold_asset(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    """Threshold, curves, money, sensitivity, document."""

    @dg.asset(
        key=asset_key(portfolio.name, "models", "threshold"),
        ins=model_ins(portfolio, "calibration", "tuned"),
        description=f"Probability of default from which an application is refused, at a cost of "
        f"{portfolio.costs.false_negative:g} per missed default and {portfolio.costs.false_positive:g} per good "
        "applicant refused. Searched over all scores; the optimum replaces the break-even probability only when it "
        "is cheaper beyond chance. Also on the grid 0.10..0.90, in money, for other cost ratios, and as a document: "
        "threshold_decision.html.",
        group_name=group_name(portfolio.name, "models"),
        owners=[RISK_MODELLING],
        kinds={"polars", "matplotlib"},
        code_version=code_version(*MODELLING_CODE, "credit_platform.governance.threshold_decision"),
    )
    def models_threshold(calibration: StoredTable, tuned: StoredTable) -> Table:
        oof = calibration.frame.collect()
        y, p, fold = (oof[name].to_numpy() for name in ("target", "probability", "fold"))
        choice = choose_threshold(y, p, portfolio.costs, fold, seed=settings.seed)
        facts = _facts(portfolio, settings, choice, (y, p, fold), tuned)
        curve = with_profit(choice.curve, portfolio.economics)
        pictures = {
            "cost_curve": charts.cost_curve(choice, cost_band(y, p, portfolio.costs, seed=settings.seed)),
            "profit_curve": selection_charts.profit_curve(curve, choice.threshold),
        }
        folder = settings.reports_folder(portfolio.name)
        folder.mkdir(parents=True, exist_ok=True)
        with_profit(choice.grid, portfolio.economics).write_csv(folder / "threshold_grid.csv")
        for name, png in pictures.items():
            (folder / f"{name}.png").write_bytes(png)
        document = threshold_decision(portfolio, facts).write(folder)[1]
        metrics = classification_metrics(y, p, choice.threshold, portfolio.costs)
        return Table(
            frame=curve,
            summary={**_summary(facts), "metrics": metrics},
            info=commit_info(portfolio, calibration),
            metadata={
                "threshold": choice.threshold,
                "method": str(choice.method),
                "cost_per_applicant": choice.cost_per_applicant_cross_fitted,
                "accept_all_cost": choice.accept_all_cost,
                "refuse_all_cost": choice.refuse_all_cost,
                "acceptance_rate": choice.acceptance_rate,
                "profit_per_applicant": facts.money.per_applicant.estimate,
                "return_on_lent": facts.money.on_lent,
                **{name: image(png) for name, png in pictures.items()},
                "methods": markdown_table(choice.methods),
                "grid": markdown_table(with_profit(choice.grid, portfolio.economics)),
                "sensitivity": markdown_table(facts.sensitivity),
                "review": markdown_table(facts.review),
                "decision": dg.MetadataValue.path(str(document.resolve())),
            },
        )

    return models_threshold


def _facts(
    portfolio: Portfolio, settings: Settings, choice: ThresholdChoice, rows: tuple[Any, Any, Any], tuned: StoredTable
) -> ThresholdFacts:
    y, p, fold = rows
    costs, economics = portfolio.costs, portfolio.economics
    curve = with_profit(choice.curve, economics)
    most = costs.false_negative * costs.break_even
    prices = [share * most for share in _REVIEW_SHARES]
    price = economics.review_cost
    return ThresholdFacts(
        choice=choice,
        money=profit(y, choice.refused, economics, seed=settings.seed),
        everybody=profit(y, np.zeros(len(y), dtype=bool), economics, seed=settings.seed),
        best_profit=float(curve["threshold"][int(np.argmax(curve["profit_per_applicant"].to_numpy()))]),
        sensitivity=sensitivity(y, p, fold, choice.threshold, seed=settings.seed),
        review=review_table(y, p, costs, choice.threshold, prices),
        band=review_band(costs, price, choice.threshold) if price is not None else None,
        candidate=str(tuned.summary["candidate"]),
        data_hash=tuned.version.content_hash,
        code_version=code_version(*MODELLING_CODE),
        synthetic=tuned.version.synthetic,
    )


def _summary(facts: ThresholdFacts) -> dict[str, Any]:
    choice = facts.choice
    return {
        "threshold": choice.threshold,
        "method": str(choice.method),
        "cost_per_applicant": choice.cost_per_applicant_cross_fitted,
        "cost_low": choice.cost_interval.low,
        "cost_high": choice.cost_interval.high,
        "acceptance_rate": choice.acceptance_rate,
        "break_even": choice.theoretical,
        "accept_all_cost": choice.accept_all_cost,
        "refuse_all_cost": choice.refuse_all_cost,
        "profit_per_applicant": facts.money.per_applicant.estimate,
        "profit_low": facts.money.per_applicant.low,
        "profit_high": facts.money.per_applicant.high,
        "return_on_lent": facts.money.on_lent,
        "review": None if facts.band is None else list(facts.band),
        "sensitivity": facts.sensitivity.to_dicts(),
    }
