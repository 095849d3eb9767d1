"""serving/deployment: the promoted Bento where it answers applicants, and what came of bringing it there."""

import dagster as dg

from credit_platform.code_versions import code_version
from credit_platform.lakehouse import StoredTable
from credit_platform.orchestration.assets.models import commit_info
from credit_platform.orchestration.policies import OUTSIDE_WORLD_RETRIES, asset_key
from credit_platform.portfolios.keys import deployment_key, split_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.serving.deployments import deploy
from credit_platform.serving.records import deployment_rows
from credit_platform.settings import Settings
from credit_platform.tables.table import Table


def deployment_asset(portfolio: str) -> dg.AssetKey:
    """Key of the asset."""
    return dg.AssetKey([*split_key(deployment_key(portfolio))])


def build_deployment_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """The deployment of a portfolio's champion."""
    return [_deployment(portfolio, settings)]


def _deployment(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=deployment_asset(portfolio.name),
        ins={"bento": dg.AssetIn(key=asset_key(portfolio.name, "serving", "bento"))},
        description="The promoted Bento brought to where it answers (CREDIT_PLATFORM_DEPLOYMENT_TARGET): the "
        "shadow's evidence first; in a cluster one pod, tried by /explain and watched, then the rest, else back to the "
        "Bento before. The verdict is succeeded, failed or inconclusive, with what was seen.",
        kinds={"bentoml", "kubernetes"},
        code_version=code_version("credit_platform.serving"),
        retry_policy=OUTSIDE_WORLD_RETRIES,
        required_resource_keys={"clock"},
        # Two at once would each take back what the other one tells.
        pool=f"{portfolio.name}_deployment",
    )
    def deployment(context: dg.AssetExecutionContext, bento: StoredTable) -> Table:
        record = deploy(settings, portfolio.name, say=context.log.info, clock=context.resources.clock)
        return Table(
            frame=deployment_rows(record),
            summary=record.to_summary(),
            info=commit_info(portfolio, bento),
            metadata={
                "verdict": record.verdict.value,
                "message": record.message,
                "target": record.target,
                "bento": record.bento,
                "evidence": record.evidence_sentence,
            },
        )

    return deployment
