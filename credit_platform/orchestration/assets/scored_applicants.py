"""serving/scored_applicants: the applicants without an outcome, scored by the champion every night."""

from pathlib import Path

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.errors import CreditPlatformError
from credit_platform.lakehouse import StoredTable
from credit_platform.orchestration.assets.models import applicants_in, commit_info
from credit_platform.orchestration.policies import HEAVY_POOL, OPERATIONS, asset_key, group_name
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Scorer
from credit_platform.scoring.score_table import score_table
from credit_platform.tables.table import Table

NAME = "scored_applicants"


def build_scored_applicants(portfolio: Portfolio) -> list[dg.AssetsDefinition]:
    """The asset; none for a portfolio without a scoring table: everybody has an outcome, there is nobody to score.

    Scoring those that the model was trained on instead would show scores as good as they never are.
    """
    return [] if portfolio.scoring_table is None else [_scored_applicants(portfolio)]


def _scored_applicants(portfolio: Portfolio) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "serving", NAME),
        ins={
            **applicants_in(portfolio),
            "promoted_model": dg.AssetIn(key=asset_key(portfolio.name, "serving", "promoted_model")),
        },
        description=f"Every applicant of {portfolio.scoring_table} scored by the champion from the stored features: "
        "probability, decision, points and codes of the reasons, as the service would answer. Nothing of it goes into "
        "the decision log.",
        group_name=group_name(portfolio.name, "serving"),
        owners=[OPERATIONS],
        kinds={"polars", "deltalake"},
        code_version=code_version("credit_platform.scoring", "credit_platform.features", "credit_platform.values"),
        pool=HEAVY_POOL,
    )
    def scored_applicants(applicants: StoredTable, promoted_model: StoredTable) -> Table:
        try:
            digest = promoted_model.summary["digest"]
            scorer = Scorer.load(Path(promoted_model.summary["path"]), portfolio=portfolio, expected_digest=digest)
        except CreditPlatformError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        frame = score_table(scorer, applicants.frame.filter(pl.col(portfolio.target).is_null()))
        facts = {
            "applicants": frame.height,
            "accepted_share": (frame["decision"] == "accepted").mean(),
            "mean_probability_of_default": frame["probability_of_default"].mean(),
            "model_version": scorer.version,
            "table_version": applicants.version.version,
        }
        thresholds = {"threshold": scorer.threshold, "review": scorer.review}
        return Table(
            frame=frame,
            summary={**facts, **thresholds, "table": applicants.version.key, "digest": scorer.digest},
            info=commit_info(portfolio, applicants, promoted_model),
            metadata={**facts, "threshold": scorer.threshold},
        )

    return scored_applicants
