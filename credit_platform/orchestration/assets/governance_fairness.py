"""governance/fairness: who is granted by group, and what could be done about a difference."""

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.governance.fairness_review import ReviewedTables, review_fairness
from credit_platform.lakehouse import StoredTable
from credit_platform.lakehouse.reports import model_reports_key, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.orchestration.assets.governance_evidence import GOVERNANCE_CODE
from credit_platform.orchestration.assets.models import applicants_in, commit_info, model_ins
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import HEAVY_POOL, asset_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

_SHOWN = ("attribute", "group", "members", "acceptance_rate", "false_refusal_rate", "impact_ratio", "verdict")


def build_fairness_asset(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    """Rates by group, verdicts, and what could be done."""

    @dg.asset(
        key=asset_key(portfolio.name, "governance", "fairness"),
        ins={
            **applicants_in(portfolio),
            "protected_attributes": dg.AssetIn(key=asset_key(portfolio.name, "features", "protected_attributes")),
            **model_ins(portfolio, "split", "tuned", "calibration", "scorer", *portfolio.candidates),
        },
        description="Acceptance, false refusals, false acceptances and calibration by protected group and "
        "intersection, out of sample, with intervals and the four-fifths rule; what leaving protected attributes "
        "out costs; less discriminatory thresholds and models at equal cost, and the model without what it reads of "
        f"an audited attribute. A disparity is to {portfolio.fairness_severity}.",
        kinds={"polars", "fairlearn"},
        code_version=code_version(*GOVERNANCE_CODE),
        pool=HEAVY_POOL,
    )
    def fairness(  # noqa: PLR0917  # Dagster passes inputs by name
        applicants: StoredTable,
        protected_attributes: StoredTable,
        split: StoredTable,
        tuned: StoredTable,
        calibration: StoredTable,
        scorer: StoredTable,
        **candidates: StoredTable,
    ) -> Table:
        tables = ReviewedTables(
            applicants=applicants,
            protected_attributes=protected_attributes,
            split=split,
            tuned=tuned,
            calibration=calibration,
            scorer=scorer,
            candidates=candidates,
        )
        review = review_fairness(portfolio, settings, tables)
        place = model_reports_key(portfolio.name, review.record.digest)
        write_reports(Shelf.of(settings), place, {"fairness.csv": review.audit.table})
        by_group = review.audit.table.filter(~pl.col("intersection")).select(_SHOWN)
        return Table(
            frame=review.audit.table,
            summary=review.record.to_summary(),
            info=commit_info(portfolio, applicants),
            metadata={
                "adverse": "\n".join(review.record.adverse) or "none",
                "groups": markdown_table(by_group),
                "exclusion": review.exclusion.sentence,
                "alternatives": "\n".join(review.sentences) or "none at equal cost",
            },
        )

    return fairness
