"""governance/swap_set: whom the challenger would decide about otherwise than the champion."""

import dagster as dg

from credit_platform.code_versions import code_version
from credit_platform.governance.promotion_history import champion_table
from credit_platform.governance.records import promoted
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.lakehouse.reports import model_reports_key, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.records import ScorerRecord
from credit_platform.monitoring.swap_sets import on_holdout, on_live_decisions, swap_set_record, swap_set_rows
from credit_platform.orchestration.assets.governance_evidence import GOVERNANCE_CODE
from credit_platform.orchestration.assets.models import commit_info, model_ins
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import asset_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table


def build_swap_set_asset(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    """The asset of one portfolio."""

    @dg.asset(
        key=asset_key(portfolio.name, "governance", "swap_set"),
        ins=model_ins(portfolio, "scorer"),
        description="Whom the challenger would decide about otherwise than the champion: accepted by both, refused by "
        "both, swapped in, swapped out, with mean probabilities and what the exchange is worth; on the holdout, and on "
        "live decisions at which this challenger scored along (shadow mode). Also written as swap_set.csv.",
        kinds={"polars"},
        code_version=code_version(*GOVERNANCE_CODE),
        required_resource_keys={"lakehouse"},
    )
    def swap_set(context: dg.AssetExecutionContext, scorer: StoredTable) -> Table:
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        champion = champion_table(lakehouse, portfolio.name)
        model, challenger = promoted(champion), ScorerRecord.of(scorer)
        digest = None if model is None else model.digest
        holdout = on_holdout(portfolio, champion, scorer)
        live = on_live_decisions(portfolio, settings, digest, challenger.digest)
        frame = swap_set_rows(holdout, live)
        place = model_reports_key(portfolio.name, challenger.digest)
        write_reports(Shelf.of(settings), place, {"swap_set.csv": frame})
        return Table(
            frame=frame,
            summary=swap_set_record(challenger.digest, digest, holdout, live).to_summary(),
            info=commit_info(portfolio, scorer),
            metadata={"holdout": holdout.sentence, "live": live.sentence, "cells": markdown_table(frame)},
        )

    return swap_set
