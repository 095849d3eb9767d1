"""Checks of the serving layer: the Bento holds the champion; everybody scored, by the threshold, without a shift."""

import dagster as dg
import polars as pl

from credit_platform.lakehouse import Lakehouse, Verdict
from credit_platform.modelling import score_judges as judges
from credit_platform.orchestration.assets.scored_applicants import NAME
from credit_platform.orchestration.checks.together import check_together
from credit_platform.orchestration.judging import Submission, WriteCheck
from credit_platform.orchestration.policies import asset_key
from credit_platform.orchestration.tables import StoredTable
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.quality.distributions import population_stability
from credit_platform.serving.records import BentoRecord, ScoredApplicants

MAX_SCORE_SHIFT = 0.25
"""PSI from which a population is commonly called shifted (Siddiqi 2006, chapter 8)."""


def build_serving_checks(portfolio: Portfolio) -> list[dg.AssetChecksDefinition]:
    """Those of the Bento; those of the scored applicants where the portfolio has anybody to score."""
    names = ["bento", *([NAME] if portfolio.scoring_table else [])]
    found = [
        check_together(
            asset_key(portfolio.name, "serving", name), serving_write_checks(portfolio, name), in_memory=False
        )
        for name in names
    ]
    return [*found, _score_shift(portfolio)] if portfolio.scoring_table else found


def serving_write_checks(portfolio: Portfolio, name: str) -> list[WriteCheck]:
    """What has to hold of table `serving/<name>` before it is written."""
    if name == "bento":
        return [_HOLDS_SCORER]
    return [_everyone_scored(portfolio), _PROBABILITIES, _DECISIONS] if name == NAME else []


def _holds_scorer(bento: BentoRecord) -> Verdict:
    return judges.holds_scorer(bento.scorer_folder, bento.digest)


def _scored(scored: Submission) -> ScoredApplicants:
    return ScoredApplicants.from_summary(scored.summary, scored.key)


_HOLDS_SCORER = WriteCheck(
    name="holds_scorer",
    description="The scorer inside the Bento is whole, and the champion's.",
    judge=lambda bento, _: _holds_scorer(BentoRecord.from_summary(bento.summary, bento.key)),
)
_PROBABILITIES = WriteCheck(
    name="probabilities",
    description="Every probability of default is a number from 0 to 1; nothing is null.",
    judge=lambda scored, _: judges.probabilities(scored.frame),
)
_DECISIONS = WriteCheck(
    name="decisions_follow_threshold",
    description="Accepted below the threshold, refused from it on, `review` inside the band if there is one.",
    judge=lambda scored, _: judges.decisions_follow_threshold(scored.frame, _scored(scored).rule),
)


def _everyone_scored(portfolio: Portfolio) -> WriteCheck:
    def judge(scored: Submission, lakehouse: Lakehouse) -> Verdict:
        record = _scored(scored)
        features = lakehouse.scan(record.table, record.table_version)
        expected = features.filter(pl.col(portfolio.target).is_null())
        return judges.everyone_scored(portfolio.applicant_key, scored.frame, expected)

    return WriteCheck(
        name="everyone_scored",
        description="Each applicant without an outcome of the feature table that was read is there, once.",
        judge=judge,
    )


def _score_shift(portfolio: Portfolio) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset_key(portfolio.name, "serving", NAME),
        name="score_shift",
        description="The scores are distributed as those of the applicants of training whom the model never saw (its "
        f"holdout): population stability index below {MAX_SCORE_SHIFT}.",
        additional_ins={"promoted_model": dg.AssetIn(key=asset_key(portfolio.name, "serving", "promoted_model"))},
    )
    def score_shift(scored: StoredTable, promoted_model: StoredTable) -> dg.AssetCheckResult:
        before = promoted_model.frame.select("probability").collect().to_series()
        after = scored.frame.select("probability_of_default").collect().to_series()
        index = population_stability(before, after)
        if index is None:
            said = "Too few applicants to tell."
        else:
            said = f"PSI {index:.3f} against the holdout of training; below {MAX_SCORE_SHIFT} is no shift."
        return dg.AssetCheckResult(
            passed=index is None or index < MAX_SCORE_SHIFT,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"scored": len(after), "holdout": len(before), **({} if index is None else {"psi": index})},
            description=said,
        )

    return score_shift
