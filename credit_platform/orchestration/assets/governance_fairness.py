"""governance/fairness: who is granted by group, and what could be done about a difference."""

from typing import Any

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.governance.attributes import attribute_sentences, audited_attributes
from credit_platform.governance.evidence import Evidence
from credit_platform.governance.fairness import LEAST_MEMBERS, FairnessAudit, audit_fairness
from credit_platform.governance.fairness_alternatives import (
    EQUAL_COST,
    MOST_ROWS,
    ExclusionCost,
    at_most,
    cost_of_exclusion,
    judged_groups,
    less_discriminatory,
)
from credit_platform.governance.fairness_omission import Omission, without_attribute
from credit_platform.lakehouse import StoredTable
from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.cross_validation import cross_validate
from credit_platform.modelling.splits import HOLDOUT
from credit_platform.orchestration.assets.governance_evidence import (
    GOVERNANCE_CODE,
    applicant_rows,
    identity,
    load_scorer,
    model_folder,
)
from credit_platform.orchestration.assets.models import applicants_in, commit_info, model_ins, stored_cross_validation
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import AUDIT, HEAVY_POOL, asset_key, group_name
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table


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
        group_name=group_name(portfolio.name, "governance"),
        owners=[AUDIT],
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
        threshold = scorer.summary["threshold"]
        everyone, groups = _scored_groups(portfolio, calibration, scorer, protected_attributes)
        evidence = Evidence.at_threshold(everyone["target"], everyone["probability"], threshold)
        audit = audit_fairness(evidence, groups)
        in_folds = everyone["fold"].to_numpy() >= 0
        alternatives = less_discriminatory(
            Evidence.at_threshold(everyone["target"].to_numpy()[in_folds], evidence.probability[in_folds], threshold),
            threshold,
            groups.filter(pl.Series(in_folds)),
            _other_scores(portfolio, everyone.filter(pl.col("fold") >= 0), candidates, tuned.summary["candidate"]),
            portfolio.costs,
            name=tuned.summary["candidate"],
            attributes=_uneven(audit),
        )
        exclusion, omissions = _left_out(
            portfolio, settings, applicants, protected_attributes, split, tuned, threshold=threshold
        )
        found = {one.attribute for one in alternatives}
        summary = {
            **identity(scorer, applicants),
            **_fairness_summary(portfolio, audit, evidence),
            "alternatives": [one.to_dict() for one in alternatives],
            "alternatives_applicants": int(in_folds.sum()),
            **_not_found(_uneven(audit), found, groups.filter(pl.Series(in_folds))),
            "attributes": list(attribute_sentences(portfolio, load_scorer(scorer, portfolio).fitted.features)),
            "least_members": LEAST_MEMBERS,
            "equal_cost": EQUAL_COST,
            "exclusion": exclusion.to_dict(),
            "omissions": [one.to_dict() for one in omissions],
        }
        folder = model_folder(settings, portfolio, scorer)
        audit.table.write_csv(folder / "fairness.csv")
        return Table(
            frame=audit.table,
            summary=summary,
            info=commit_info(portfolio, applicants),
            metadata=_fairness_metadata(audit, summary),
        )

    return fairness


def _left_out(  # noqa: PLR0917  # the tables that Dagster passed
    portfolio: Portfolio,
    settings: Settings,
    applicants: StoredTable,
    protected_attributes: StoredTable,
    split: StoredTable,
    tuned: StoredTable,
    *,
    threshold: float,
) -> tuple[ExclusionCost, list[Omission]]:
    """What the protected attributes would add as inputs, and what the model is without those it reads."""
    candidate, params = get_candidate(tuned.summary["candidate"]), tuned.summary["params"]
    compared = at_most(split.frame.filter(pl.col("fold") != HOLDOUT).collect(), portfolio.applicant_key, MOST_ROWS)
    frame, groups = applicant_rows(portfolio, applicants, compared), protected_attributes.frame.collect()
    machine: Any = {"seed": settings.seed, "threads": settings.threads}
    now = stored_cross_validation(tuned)
    key = portfolio.applicant_key
    if not now.oof[key].equals(compared.sort(key)[key]):
        now = cross_validate(candidate, frame, compared, portfolio, params, **machine)
    exclusion = cost_of_exclusion(
        candidate, frame, compared, groups, portfolio, params, threshold=threshold, without=now, **machine
    )
    omissions = [
        without_attribute(
            candidate, frame, compared, groups, portfolio, params, audited=one, now=now, threshold=threshold, **machine
        )
        for one in audited_attributes(portfolio)
        if 0 < len(one.features) < len(portfolio.features)
    ]
    return exclusion, omissions


def _scored_groups(
    portfolio: Portfolio, calibration: StoredTable, scorer: StoredTable, audit: StoredTable
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Everybody's out-of-sample score (fold -1: holdout), and their groups in the same order."""
    key, columns = portfolio.applicant_key, ("target", "probability")
    inside = calibration.frame.select(key, *columns, pl.col("fold").cast(pl.Int8))
    outside = scorer.frame.select(key, *columns, pl.lit(-1, pl.Int8).alias("fold"))
    everyone = pl.concat([inside, outside], how="vertical_relaxed").collect()
    groups = everyone.select(key).join(audit.frame.collect(), on=key, how="left", maintain_order="left").drop(key)
    return everyone, groups


def _other_scores(
    portfolio: Portfolio, everyone: pl.DataFrame, candidates: dict[str, StoredTable], own: str
) -> dict[str, Any]:
    """Out-of-fold probabilities of the other candidates in the order of `everyone`."""
    key = portfolio.applicant_key
    found = {}
    for name, stored in candidates.items():
        if name != own:
            scores = stored.frame.select(key, pl.col("probability").alias("other")).collect()
            found[name] = (
                everyone.select(key).join(scores, on=key, how="left", maintain_order="left")["other"].to_numpy()
            )
    return found


def _uneven(audit: FairnessAudit) -> list[str]:
    """Attributes with a group below four fifths."""
    rows = audit.table.filter(~pl.col("intersection") & pl.col("verdict").is_in(["watch", "adverse"]))
    return rows["attribute"].unique(maintain_order=True).to_list()


def _not_found(attributes: list[str], found: set[str], groups: pl.DataFrame) -> dict[str, list[str]]:
    """Attributes without an alternative, and those that fewer applicants than the audit's do not let compare."""
    left = [name for name in attributes if name not in found]
    comparable = {name: len(judged_groups(groups[name])[1]) > 1 for name in left}
    return {
        "without_alternative": [name for name in left if comparable[name]],
        "alternatives_not_comparable": [name for name in left if not comparable[name]],
    }


def _fairness_summary(portfolio: Portfolio, audit: FairnessAudit, evidence: Evidence) -> dict[str, Any]:
    small = audit.table.filter(~pl.col("intersection") & (pl.col("verdict") == "too_few"))
    return {
        "applicants": int(evidence.y.size),
        "severity": portfolio.fairness_severity,
        "adverse": audit.adverse,
        "watched": audit.watched,
        "small_groups": [
            f"{row['attribute']} {row['group']} ({row['members']})" for row in small.iter_rows(named=True)
        ],
        "least_ratio": audit.least_ratio,
        "miscalibrated": audit.table.filter(
            ~pl.col("intersection") & (pl.col("verdict") != "too_few") & ~pl.col("calibrated")
        ).height,
    }


def _fairness_metadata(audit: FairnessAudit, summary: dict[str, Any]) -> dict[str, Any]:
    columns = ("attribute", "group", "members", "acceptance_rate", "false_refusal_rate", "impact_ratio", "verdict")
    return {
        "adverse": "\n".join(summary["adverse"]) or "none",
        "groups": markdown_table(audit.table.filter(~pl.col("intersection")).select(columns)),
        "exclusion": summary["exclusion"]["sentence"],
        "alternatives": "\n".join(one["sentence"] for one in (*summary["alternatives"], *summary["omissions"]))
        or "none at equal cost",
    }
