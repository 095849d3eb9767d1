"""models/threshold: the cost-optimal threshold, what it is worth, and the document about it."""

import dagster as dg

from credit_platform.code_versions import code_version
from credit_platform.governance.kept_documents import keep_documents
from credit_platform.governance.threshold_decision import threshold_decision
from credit_platform.governance.threshold_facts import threshold_facts, threshold_pictures
from credit_platform.lakehouse import StoredTable
from credit_platform.lakehouse.reports import pictures, reports_key, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.economics import with_profit
from credit_platform.modelling.records import TunedRecord
from credit_platform.orchestration.assets.models import MODELLING_CODE, commit_info, model_ins
from credit_platform.orchestration.metadata import image, markdown_table
from credit_platform.orchestration.policies import asset_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table


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
        kinds={"polars", "matplotlib"},
        code_version=code_version(*MODELLING_CODE, "credit_platform.governance.threshold_decision"),
    )
    def models_threshold(calibration: StoredTable, tuned: StoredTable) -> Table:
        oof = calibration.frame.collect()
        facts = threshold_facts(
            portfolio,
            oof,
            candidate=TunedRecord.of(tuned).candidate,
            data=tuned.version,
            code_version=code_version(*MODELLING_CODE),
            seed=settings.seed,
        )
        choice, curve = facts.choice, with_profit(facts.choice.curve, portfolio.economics)
        drawn = threshold_pictures(portfolio, oof, facts, seed=settings.seed)
        grid = with_profit(choice.grid, portfolio.economics)
        place = write_reports(
            Shelf.of(settings), reports_key(portfolio.name), {"threshold_grid.csv": grid, **pictures(drawn)}
        )
        document, *_ = keep_documents(Shelf.of(settings), place, [threshold_decision(portfolio, facts)])
        return Table(
            frame=curve,
            summary=facts.record.to_summary(),
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
                **{name: image(png) for name, png in drawn.items()},
                "methods": markdown_table(choice.methods),
                "grid": markdown_table(grid),
                "sensitivity": markdown_table(facts.sensitivity),
                "review": markdown_table(facts.review),
                "decision": f"{place}/{document}",
            },
        )

    return models_threshold
