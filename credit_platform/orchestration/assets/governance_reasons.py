"""governance/reasons: are the reasons that applicants get true of them?"""

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.governance.fairness_alternatives import at_most
from credit_platform.governance.reason_truth import MOST_APPLICANTS, ReasonTruth, check_reasons
from credit_platform.lakehouse import StoredTable
from credit_platform.modelling.splits import HOLDOUT
from credit_platform.orchestration.assets.governance_evidence import GOVERNANCE_CODE, identity, load_scorer
from credit_platform.orchestration.assets.models import applicants_in, commit_info, model_ins
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import AUDIT, HEAVY_POOL, asset_key, group_name
from credit_platform.portfolios import get_claims
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.tables.table import Table

NAME = "reasons"


def build_reasons_asset(portfolio: Portfolio) -> dg.AssetsDefinition:
    """The asset."""
    names = [table.name for table in portfolio.tables]

    @dg.asset(
        key=asset_key(portfolio.name, "governance", NAME),
        ins={
            **applicants_in(portfolio),
            **model_ins(portfolio, "split", "scorer"),
            **{f"raw_{name}": dg.AssetIn(key=asset_key(portfolio.name, "raw", name)) for name in names},
        },
        description="Every sentence that applicants can be told: how often the scorer says it to applicants of the "
        "holdout and of the scoring table, with and without their histories, and in how many answers their raw rows "
        f"contradict it. At most {MOST_APPLICANTS:,} applicants of either part.",
        group_name=group_name(portfolio.name, "governance"),
        owners=[AUDIT],
        kinds={"polars"},
        code_version=code_version(*GOVERNANCE_CODE, "credit_platform.scoring"),
        pool=HEAVY_POOL,
    )
    def reasons(applicants: StoredTable, split: StoredTable, scorer: StoredTable, **raw: StoredTable) -> Table:
        found = check_reasons(
            load_scorer(scorer, portfolio),
            _asked(portfolio, applicants, split),
            {name: raw[f"raw_{name}"].frame for name in names},
            get_claims(portfolio.name),
        )
        return _table(portfolio, found, scorer, applicants)

    return reasons


def _asked(portfolio: Portfolio, applicants: StoredTable, split: StoredTable) -> pl.DataFrame:
    """Feature rows of the applicants to ask about: of the holdout, and of the scoring table where there is one."""
    key = portfolio.applicant_key
    holdout = at_most(split.frame.filter(pl.col("fold") == HOLDOUT).collect(), key, MOST_APPLICANTS)
    scoring = (
        applicants.frame.filter(pl.col(portfolio.target).is_null())
        .select(key)
        .sort(pl.col(key).hash(seed=11), key)
        .head(MOST_APPLICANTS)
        .collect()
    )
    chosen = pl.concat([holdout.select(key), scoring])
    return applicants.frame.join(chosen.lazy(), on=key, how="semi").collect(engine="streaming").sort(key)


def _table(portfolio: Portfolio, found: ReasonTruth, scorer: StoredTable, applicants: StoredTable) -> Table:
    summary = {
        **identity(scorer, applicants),
        "applicants": found.applicants,
        "answers": found.answers,
        "contradicted": found.contradicted,
        "findings": found.findings,
        "sentences": found.table.filter(pl.col("language") == "en").height,
        "never_said": found.never_said,
    }
    said = found.table.filter(pl.col("language") == "en").sort("said", descending=True)
    return Table(
        frame=found.table,
        summary=summary,
        info=commit_info(portfolio, applicants),
        metadata={
            "answers": found.answers,
            "contradicted": found.contradicted,
            "findings": "\n".join(found.findings) or "none",
            "sentences": markdown_table(said.select("code", "text", "said", "contradicted").head(40)),
        },
    )
