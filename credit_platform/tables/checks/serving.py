"""Checks of the serving layer: the Bento holds the champion; everybody scored, by the threshold, without a shift."""

from __future__ import annotations

import polars as pl

from credit_platform.governance.records import PromotedModel
from credit_platform.lakehouse import Lakehouse, Verdict
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling import score_judges as judges
from credit_platform.portfolios.keys import champion_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.serving.records import BentoRecord, ScoredApplicants
from credit_platform.tables.judging import StoredCheck, Submission, WriteCheck

SCORED = "scored_applicants"


def serving_write_checks(portfolio: Portfolio, name: str) -> list[WriteCheck]:
    """What has to hold of table `serving/<name>` before it is written."""
    if name == "bento":
        return [_HOLDS_SCORER]
    if name == "promoted_model":
        return [_WHOLE]
    if name == SCORED and portfolio.scoring_table:
        return [_everyone_scored(portfolio), _PROBABILITIES, _DECISIONS]
    return []


def _in_bento(bento: BentoRecord, shelf: Shelf) -> Verdict:
    return judges.holds_scorer(bento.scorer_folder(shelf), bento.digest)


def _in_place(champion: PromotedModel, shelf: Shelf) -> Verdict:
    return judges.holds_scorer(champion.folder(shelf), champion.digest)


_HOLDS_SCORER = WriteCheck(
    name="holds_scorer",
    description="The scorer inside the Bento is whole, and the champion's.",
    judge=lambda bento, lakehouse: _in_bento(bento.record(BentoRecord), lakehouse.shelf),
)
_WHOLE = WriteCheck(
    name="holds_scorer",
    description="The scorer lies whole where the table says, with the digest that it records.",
    judge=lambda champion, lakehouse: _in_place(champion.record(PromotedModel), lakehouse.shelf),
)
_PROBABILITIES = WriteCheck(
    name="probabilities",
    description="Every probability of default is a number from 0 to 1; nothing is null.",
    judge=lambda scored, _: judges.probabilities(scored.frame),
)
_DECISIONS = WriteCheck(
    name="decisions_follow_threshold",
    description="Accepted below the threshold, refused from it on, `review` inside the band if there is one.",
    judge=lambda scored, _: judges.decisions_follow_threshold(scored.frame, scored.record(ScoredApplicants).rule),
)


def _everyone_scored(portfolio: Portfolio) -> WriteCheck:
    def judge(scored: Submission, lakehouse: Lakehouse) -> Verdict:
        record = scored.record(ScoredApplicants)
        features = lakehouse.scan(record.table, record.table_version)
        expected = features.filter(pl.col(portfolio.target).is_null())
        return judges.everyone_scored(portfolio.applicant_key, scored.frame, expected)

    return WriteCheck(
        name="everyone_scored",
        description="Each applicant without an outcome of the feature table that was read is there, once.",
        judge=judge,
    )


def serving_stored_checks(portfolio: Portfolio, name: str) -> list[StoredCheck]:
    """What is only told of table `serving/<name>`."""
    return [_score_shift(portfolio)] if name == SCORED and portfolio.scoring_table else []


def _score_shift(portfolio: Portfolio) -> StoredCheck:
    champion = champion_key(portfolio.name)

    def judge(scored: Submission, lakehouse: Lakehouse) -> Verdict:
        before = lakehouse.scan(champion).select("probability").collect().to_series()
        return judges.score_shift(before, scored.collected["probability_of_default"])

    return StoredCheck(
        name="score_shift",
        description="The scores are distributed as those of the applicants of training whom the model never saw (its "
        f"holdout): population stability index below {judges.MAX_SCORE_SHIFT}.",
        judge=judge,
        needs=(champion,),
    )
