"""governance/reasons: are the reasons that applicants get true of them?"""

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.governance.reason_truth import MOST_APPLICANTS, check_reasons
from credit_platform.governance.subject import asked_about, load_scorer
from credit_platform.lakehouse import StoredTable
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.orchestration.assets.governance_evidence import GOVERNANCE_CODE
from credit_platform.orchestration.assets.models import applicants_in, commit_info, model_ins
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import HEAVY_POOL, asset_key
from credit_platform.portfolios import get_claims
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

NAME = "reasons"


def build_reasons_asset(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
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
        kinds={"polars"},
        code_version=code_version(*GOVERNANCE_CODE, "credit_platform.scoring"),
        pool=HEAVY_POOL,
    )
    def reasons(applicants: StoredTable, split: StoredTable, scorer: StoredTable, **raw: StoredTable) -> Table:
        loaded = load_scorer(scorer, portfolio, Shelf.of(settings))
        asked = asked_about(portfolio, applicants.frame, split.frame, most=MOST_APPLICANTS)
        frames = {name: raw[f"raw_{name}"].frame for name in names}
        found = check_reasons(loaded, asked, frames, get_claims(portfolio.name))
        in_english = found.table.filter(pl.col("language") == "en").sort("said", descending=True)
        return Table(
            frame=found.table,
            summary=found.record(loaded.digest, applicants.version.content_hash).to_summary(),
            info=commit_info(portfolio, applicants),
            metadata={
                "answers": found.answers,
                "contradicted": found.contradicted,
                "findings": "\n".join(found.findings) or "none",
                "sentences": markdown_table(in_english.select("code", "text", "said", "contradicted").head(40)),
            },
        )

    return reasons
