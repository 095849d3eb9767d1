"""governance/swap_set: whom the challenger would decide about otherwise than the champion."""

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.governance.promotion_history import champion_key
from credit_platform.governance.swap_set import SwapSet
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.monitoring.swap_sets import on_holdout, on_live_decisions, swap_set_record
from credit_platform.orchestration.assets.governance_evidence import GOVERNANCE_CODE, model_folder
from credit_platform.orchestration.assets.models import commit_info, model_ins
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import RISK_MODELLING, asset_key, group_name
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

_ROWS = {
    "basis": pl.String,
    "cell": pl.String,
    "applicants": pl.Int64,
    "share": pl.Float64,
    "champion_mean_pd": pl.Float64,
    "challenger_mean_pd": pl.Float64,
    "expected_by_champion": pl.Float64,
    "expected_by_challenger": pl.Float64,
    "defaults": pl.Int64,
    "cost_difference": pl.Float64,
}


def build_swap_set_asset(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    """The asset of one portfolio."""

    @dg.asset(
        key=asset_key(portfolio.name, "governance", "swap_set"),
        ins=model_ins(portfolio, "scorer"),
        description="Whom the challenger would decide about otherwise than the champion: accepted by both, refused by "
        "both, swapped in, swapped out, with mean probabilities and what the exchange is worth; on the holdout, and on "
        "live decisions at which this challenger scored along (shadow mode). Also written as swap_set.csv.",
        group_name=group_name(portfolio.name, "governance"),
        owners=[RISK_MODELLING],
        kinds={"polars"},
        code_version=code_version(*GOVERNANCE_CODE),
        required_resource_keys={"lakehouse"},
    )
    def swap_set(context: dg.AssetExecutionContext, scorer: StoredTable) -> Table:
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        key = champion_key(portfolio.name)
        champion = lakehouse.read(key) if lakehouse.exists(key) else None
        digest = None if champion is None else champion.summary["digest"]
        holdout = on_holdout(portfolio, champion, scorer)
        live = on_live_decisions(portfolio, settings, digest, scorer.summary["digest"])
        frame = pl.concat([_rows("holdout", holdout.found), _rows("live", live.found)])
        frame.write_csv(model_folder(settings, portfolio, scorer) / "swap_set.csv")
        return Table(
            frame=frame,
            summary={"digest": scorer.summary["digest"], "champion": digest, **swap_set_record(holdout, live)},
            info=commit_info(portfolio, scorer),
            metadata={"holdout": holdout.sentence, "live": live.sentence, "cells": markdown_table(frame)},
        )

    return swap_set


def _rows(basis: str, found: SwapSet | None) -> pl.DataFrame:
    if found is None:
        return pl.DataFrame(schema=_ROWS)
    return found.table.select(pl.lit(basis).alias("basis"), *(pl.col(name) for name in _ROWS if name != "basis"))
