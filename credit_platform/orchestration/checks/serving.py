"""Checks of `serving/scored_applicants`: everybody there, probabilities, decisions by the threshold, no shift."""

import dagster as dg
import polars as pl

from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.assets.scored_applicants import NAME
from credit_platform.orchestration.policies import asset_key
from credit_platform.orchestration.tables import StoredTable
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.quality.distributions import population_stability
from credit_platform.scoring.rule import decided

MAX_SCORE_SHIFT = 0.25
"""PSI from which a population is commonly called shifted (Siddiqi 2006, chapter 8)."""


def build_serving_checks(portfolio: Portfolio) -> list[dg.AssetChecksDefinition]:
    """None for a portfolio that has nobody to score."""
    if portfolio.scoring_table is None:
        return []
    return [_everyone_scored(portfolio), _probabilities(portfolio), _decisions(portfolio), _score_shift(portfolio)]


def _everyone_scored(portfolio: Portfolio) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset_key(portfolio.name, "serving", NAME),
        name="everyone_scored",
        description="Each applicant without an outcome of the feature table that was read is there, once.",
        blocking=True,
        required_resource_keys={"lakehouse"},
    )
    def everyone_scored(context: dg.AssetCheckExecutionContext, scored: StoredTable) -> dg.AssetCheckResult:
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        features = lakehouse.scan(scored.summary["table"], scored.summary["table_version"])
        key = portfolio.applicant_key
        expected = features.filter(pl.col(portfolio.target).is_null()).select(key).collect()
        found = scored.frame.select(key).collect()
        missing = expected.join(found, on=key, how="anti").height
        return dg.AssetCheckResult(
            passed=not missing and found.height == expected.height and found[key].n_unique() == found.height,
            metadata={"applicants": expected.height, "rows": found.height, "missing": missing},
            description=f"{found.height} rows for {expected.height} applicants, {missing} of them not scored.",
        )

    return everyone_scored


def _probabilities(portfolio: Portfolio) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset_key(portfolio.name, "serving", NAME),
        name="probabilities",
        description="Every probability of default is a number from 0 to 1; nothing is null.",
        blocking=True,
    )
    def probabilities(scored: StoredTable) -> dg.AssetCheckResult:
        frame = scored.frame.collect()
        nulls = sum(frame.null_count().row(0))
        wrong = frame.filter(~pl.col("probability_of_default").is_between(0, 1)).height
        return dg.AssetCheckResult(
            passed=not nulls and not wrong,
            metadata={"nulls": nulls, "outside": wrong},
            description=f"{nulls} nulls, {wrong} probabilities outside of 0 to 1.",
        )

    return probabilities


def _decisions(portfolio: Portfolio) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset_key(portfolio.name, "serving", NAME),
        name="decisions_follow_threshold",
        description="Accepted below the threshold, refused from it on, `review` inside the band if there is one.",
        blocking=True,
    )
    def decisions_follow_threshold(scored: StoredTable) -> dg.AssetCheckResult:
        probability, band = pl.col("probability_of_default"), scored.summary["review"]
        expected = decided(probability, scored.summary["threshold"], band)
        wrong = scored.frame.filter(pl.col("decision") != expected).select(pl.len()).collect().item()
        return dg.AssetCheckResult(
            passed=not wrong,
            metadata={"contradicting": wrong},
            description=f"{wrong} decisions contradict threshold {scored.summary['threshold']:.4f}.",
        )

    return decisions_follow_threshold


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
