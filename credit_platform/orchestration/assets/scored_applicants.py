"""serving/scored_applicants: the applicants without an outcome, scored by the champion every night."""

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.governance.records import PromotedModel
from credit_platform.lakehouse import StoredTable
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.orchestration.assets.models import applicants_in, commit_info
from credit_platform.orchestration.policies import HEAVY_POOL, asset_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Scorer
from credit_platform.scoring.score_table import score_table
from credit_platform.serving.records import ScoredApplicants
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

NAME = "scored_applicants"


def build_scored_applicants(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """The asset; none for a portfolio without a scoring table: everybody has an outcome, there is nobody to score.

    Scoring those that the model was trained on instead would show scores as good as they never are.
    """
    return [] if portfolio.scoring_table is None else [_scored_applicants(portfolio, settings)]


def _scored_applicants(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "serving", NAME),
        ins={
            **applicants_in(portfolio),
            "promoted_model": dg.AssetIn(key=asset_key(portfolio.name, "serving", "promoted_model")),
        },
        description=f"Every applicant of {portfolio.scoring_table} scored by the champion from the stored features: "
        "probability, decision, points and codes of the reasons, as the service would answer. Nothing of it goes into "
        "the decision log.",
        kinds={"polars", "deltalake"},
        code_version=code_version("credit_platform.scoring", "credit_platform.features", "credit_platform.values"),
        pool=HEAVY_POOL,
    )
    def scored_applicants(applicants: StoredTable, promoted_model: StoredTable) -> Table:
        champion = PromotedModel.of(promoted_model)
        scorer = Scorer.load(champion.folder(Shelf.of(settings)), portfolio=portfolio, expected_digest=champion.digest)
        frame = score_table(scorer, applicants.frame.filter(pl.col(portfolio.target).is_null()))
        record = ScoredApplicants.made(scorer, frame, applicants.version)
        return Table(
            frame=frame,
            summary=record.to_summary(),
            info=commit_info(portfolio, applicants, promoted_model),
            metadata={
                "applicants": record.applicants,
                "accepted_share": record.accepted_share,
                "mean_probability_of_default": record.mean_probability_of_default,
                "model_version": record.model_version,
                "table_version": record.table_version,
                "threshold": record.rule.threshold,
            },
        )

    return scored_applicants
